using Microsoft.AspNetCore.Http.HttpResults;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Watch;
using Postrider.Client;
using Postrider.Mail.Alerts;
using Postrider.Server.Console.Auditing;

namespace Postrider.Server.Api;

/// <summary>The resources <c>alerts</c> and <c>events</c>: what is wrong, and what happened.</summary>
internal static class AlertsApi
{
    private const int UsualPage = 50, LargestPage = 500;

    public static void MapAlerts(this IEndpointRouteBuilder routes)
    {
        var alerts = routes.MapGroup("/alerts").WithTags("alerts");
        alerts.MapGet("", List).RequireAuthorization(ApiKeys.Read).WithSummary("Lists what is wrong, the newest first");
        alerts.MapGet("/{id}", Show).RequireAuthorization(ApiKeys.Read).WithSummary("Shows one alert");
        alerts.MapGet("/mail", Mail).RequireAuthorization(ApiKeys.Admin).WithSummary("Shows who gets alert mail");
        alerts.MapPut("/mail", SetMail).Accepts<AlertMailSettings>("application/json").RequireAuthorization(ApiKeys.Admin).WithSummary("Says who gets alert mail");
        routes.MapGet("/events", Events).RequireAuthorization(ApiKeys.Read).WithTags("events").WithSummary("Lists what happened after the cursor, the oldest first");
    }

    private static async Task<Results<Ok<Page<AlertView>>, ProblemHttpResult>> List(
        Incidents incidents, ProviderDirectory providers, CancellationToken cancellation, string? state = null, string? provider = null, string? cursor = null, int? limit = null)
    {
        if (state is not (null or "open" or "all"))
            return Problems.Validation("state", "Write open or all.");
        if (provider is not null && providers.Find(provider) is null)
            return Problems.Validation("provider", $"There is no provider \"{provider}\".");
        if (PageSize(limit) is not { } size)
            return WrongLimit();
        var found = await incidents.ListAsync(state == "all", provider is null ? null : providers.Find(provider)!.Id, cursor, size + 1, cancellation);
        return TypedResults.Ok(new Page<AlertView>
        {
            Items = [.. found.Take(size).Select(incident => View(incident, providers))], NextCursor = found.Count > size ? found[size - 1].Id : null,
        });
    }

    private static async Task<Results<Ok<AlertView>, ProblemHttpResult>> Show(string id, Incidents incidents, ProviderDirectory providers, CancellationToken cancellation) =>
        await incidents.FindAsync(id, cancellation) is { } incident ? TypedResults.Ok(View(incident, providers)) : Problems.NotFound($"alert \"{id}\"");

    private static async Task<Ok<AlertMailSettings>> Mail(AlertMail mail, ProviderDirectory providers, CancellationToken cancellation) =>
        TypedResults.Ok(View(await mail.RecipientsAsync(cancellation), providers));

    private static async Task<Results<Ok<AlertMailSettings>, ProblemHttpResult>> SetMail(HttpRequest request, AlertMail mail, ProviderDirectory providers, CancellationToken cancellation)
    {
        var (settings, unreadable) = await WireJson.ReadAsync<AlertMailSettings>(request, cancellation);
        if (settings is null)
            return unreadable!;
        var (recipients, errors) = AlertRules.Read(settings, providers);
        if (recipients is null)
            return Problems.Validation(errors);
        await mail.SetRecipientsAsync(recipients, cancellation);
        request.HttpContext.Note("alert mail changed", string.Join(", ", recipients.To));
        return TypedResults.Ok(View(await mail.RecipientsAsync(cancellation), providers));
    }

    private static async Task<Results<Ok<Page<EventView>>, ProblemHttpResult>> Events(
        EventFeed feed, ProviderDirectory providers, CancellationToken cancellation, string? type = null, string? provider = null, string? cursor = null, int? limit = null)
    {
        if (type is not null && !EventType.All.Contains(type))
            return Problems.Validation("type", $"Write one of {string.Join(", ", EventType.All)}.");
        if (provider is not null && providers.Find(provider) is null)
            return Problems.Validation("provider", $"There is no provider \"{provider}\".");
        if (PageSize(limit) is not { } size)
            return WrongLimit();
        var found = await feed.ReadAsync(cursor, type, provider is null ? null : providers.Find(provider)!.Id, size, cancellation);
        return TypedResults.Ok(new Page<EventView>
        {
            Items = [.. found.Select(happened => new EventView
            {
                Id = happened.Id, At = happened.At, Type = happened.Type, Provider = Name(happened.ProviderId, providers), Message = happened.MessageId, Alert = happened.IncidentId, Data = happened.Data,
            })],
            // More may come: a reader that has everything asks again with the same cursor.
            NextCursor = found.Count > 0 ? found[^1].Id : cursor,
        });
    }

    internal static AlertView View(Incident incident, ProviderDirectory providers) => new()
    {
        Id = incident.Id, State = incident.Open ? "open" : "recovered", Kind = incident.Kind, Severity = incident.Severity == FindingSeverity.Error ? "error" : "warning",
        Provider = Name(incident.ProviderId, providers), Title = incident.Title, Detail = incident.Detail, Remedy = incident.Remedy,
        OpenedAt = incident.OpenedAt, ToldAt = incident.ToldAt, Reminders = incident.Reminders, RecoveredAt = incident.RecoveredAt,
    };

    private static AlertMailSettings View(AlertMail.Recipients recipients, ProviderDirectory providers) => new() { To = recipients.To, Provider = Name(recipients.Provider, providers) };

    private static string? Name(string? providerId, ProviderDirectory providers) => providerId is null ? null : providers.Find(providerId)?.Name ?? providerId;

    internal static int? PageSize(int? limit) => limit switch { null => UsualPage, >= 1 and <= LargestPage => limit, _ => null };

    internal static ProblemHttpResult WrongLimit() => Problems.Validation("limit", $"Write a number from 1 to {LargestPage}.");
}
