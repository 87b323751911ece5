using Microsoft.AspNetCore.Http.HttpResults;
using Postrider.Client;
using Postrider.Mail.Alerts;
using Postrider.Server.Console.Auditing;

namespace Postrider.Server.Api;

/// <summary>The resource <c>webhooks</c>: who is told of events over HTTP.</summary>
internal static class WebhooksApi
{
    public static void MapWebhooks(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/webhooks").RequireAuthorization(ApiKeys.Admin).WithTags("webhooks");
        group.MapGet("", List).WithSummary("Lists the receivers of events");
        group.MapPost("", Add).Accepts<WebhookInput>("application/json").WithSummary("Adds one, and shows its secret this once");
        group.MapGet("/{name}", Show).WithSummary("Shows one");
        group.MapPatch("/{name}", Change).Accepts<WebhookInput>("application/json").WithSummary("Changes some of its members");
        group.MapDelete("/{name}", Remove).WithSummary("Removes it with its deliveries");
        group.MapPost("/{name}/secret", Renew).WithSummary("Makes another secret, and shows it this once; the old one signs beside it for a day");
        group.MapPost("/{name}/test", Test).WithSummary("Sends an event of type webhook.test now");
        group.MapGet("/{name}/deliveries", Deliveries).WithSummary("Lists what was sent to it and what came of that, the newest first");
        group.MapPost("/{name}/deliveries/{id}/replay", Replay).WithSummary("Delivers something again, under the same id").Audited("webhook delivery replayed");
    }

    private static async Task<Ok<Page<WebhookView>>> List(Webhooks webhooks, CancellationToken cancellation) =>
        TypedResults.Ok(new Page<WebhookView> { Items = [.. (await webhooks.ListAsync(cancellation)).Select(View)] });

    private static async Task<Results<Created<WebhookCreated>, ProblemHttpResult>> Add(HttpRequest request, Webhooks webhooks, CancellationToken cancellation)
    {
        var (input, unreadable) = await WireJson.ReadAsync<WebhookInput>(request, cancellation);
        if (input is null)
            return unreadable!;
        var errors = AlertRules.WrongIn(input, input.Name ?? "", input.Url ?? "");
        if (errors.Count > 0)
            return Problems.Validation(errors);
        request.HttpContext.Note("webhook added", input.Name!, new Uri(input.Url!).Host);
        return await webhooks.AddAsync(input.Name!, new Uri(input.Url!), input.Events ?? [], cancellation) is var (added, secret)
            ? TypedResults.Created($"/api/v1/webhooks/{added.Name}", Created(added, secret))
            : Taken(input.Name!);
    }

    private static async Task<Results<Ok<WebhookView>, ProblemHttpResult>> Show(string name, Webhooks webhooks, CancellationToken cancellation) =>
        await webhooks.FindAsync(name, cancellation) is { } webhook ? TypedResults.Ok(View(webhook)) : Missing(name);

    private static async Task<Results<Ok<WebhookView>, ProblemHttpResult>> Change(string name, HttpRequest request, Webhooks webhooks, CancellationToken cancellation)
    {
        var (input, unreadable) = await WireJson.ReadAsync<WebhookInput>(request, cancellation);
        if (input is null)
            return unreadable!;
        if (await webhooks.FindAsync(name, cancellation) is not { } before)
            return Missing(name);
        var errors = AlertRules.WrongIn(input, input.Name ?? before.Name, input.Url ?? before.Url.AbsoluteUri);
        if (errors.Count > 0)
            return Problems.Validation(errors);
        var after = before with { Name = input.Name ?? before.Name, Url = new(input.Url ?? before.Url.AbsoluteUri), Events = input.Events ?? before.Events, Enabled = input.Enabled ?? before.Enabled };
        request.HttpContext.Note("webhook changed", after.Name, after.Url.Host);
        return await webhooks.ChangeAsync(after, cancellation) ? TypedResults.Ok(View((await webhooks.FindAsync(before.Id, cancellation))!)) : Taken(after.Name);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Remove(string name, HttpContext context, Webhooks webhooks, CancellationToken cancellation)
    {
        if (await webhooks.FindAsync(name, cancellation) is not { } webhook)
            return Missing(name);
        await webhooks.RemoveAsync(webhook.Id, cancellation);
        context.Note("webhook removed", webhook.Name);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<WebhookCreated>, ProblemHttpResult>> Renew(string name, HttpContext context, Webhooks webhooks, CancellationToken cancellation)
    {
        if (await webhooks.FindAsync(name, cancellation) is not { } webhook)
            return Missing(name);
        context.Note("webhook secret changed", webhook.Name);
        return TypedResults.Ok(Created(webhook, await webhooks.RenewSecretAsync(webhook.Id, cancellation)));
    }

    private static async Task<Results<Ok<WebhookDeliveryView>, ProblemHttpResult>> Test(string name, HttpContext context, Webhooks webhooks, CancellationToken cancellation)
    {
        if (await webhooks.FindAsync(name, cancellation) is not { } webhook)
            return Missing(name);
        context.Note("webhook tested", webhook.Name);
        return TypedResults.Ok(View(await webhooks.TestAsync(webhook, cancellation)));
    }

    private static async Task<Results<Ok<Page<WebhookDeliveryView>>, ProblemHttpResult>> Deliveries(
        string name, Webhooks webhooks, CancellationToken cancellation, string? cursor = null, int? limit = null)
    {
        if (await webhooks.FindAsync(name, cancellation) is not { } webhook)
            return Missing(name);
        if (AlertsApi.PageSize(limit) is not { } size)
            return AlertsApi.WrongLimit();
        var found = await webhooks.DeliveriesAsync(webhook.Id, cursor, size + 1, cancellation);
        return TypedResults.Ok(new Page<WebhookDeliveryView> { Items = [.. found.Take(size).Select(View)], NextCursor = found.Count > size ? found[size - 1].Id : null });
    }

    private static async Task<Results<Ok<WebhookDeliveryView>, ProblemHttpResult>> Replay(string name, string id, Webhooks webhooks, CancellationToken cancellation)
    {
        if (await webhooks.FindAsync(name, cancellation) is not { } webhook)
            return Missing(name);
        if (!webhook.Enabled)
            return Problems.Conflict($"The webhook {webhook.Name} is switched off.", "Switch it on first.");
        return await webhooks.ReplayAsync(webhook.Id, id, cancellation) is { } again ? TypedResults.Ok(View(again)) : Problems.NotFound($"delivery \"{id}\" of {webhook.Name}");
    }

    internal static WebhookView View(Webhook webhook) => new()
    {
        Id = webhook.Id, Name = webhook.Name, Url = webhook.Url.AbsoluteUri, Events = webhook.Events, Enabled = webhook.Enabled, DisabledReason = webhook.DisabledReason,
        FailingSince = webhook.FailingSince, LastError = webhook.LastError, CreatedAt = webhook.CreatedAt,
    };

    private static WebhookCreated Created(Webhook webhook, string secret) => new()
    {
        Id = webhook.Id, Name = webhook.Name, Url = webhook.Url.AbsoluteUri, Events = webhook.Events, Enabled = webhook.Enabled, DisabledReason = webhook.DisabledReason,
        FailingSince = webhook.FailingSince, LastError = webhook.LastError, CreatedAt = webhook.CreatedAt, Secret = secret,
    };

    internal static WebhookDeliveryView View(WebhookDelivery delivery) => new()
    {
        Id = delivery.Id, Type = delivery.Type, State = delivery.State, Attempts = delivery.Attempts, DueAt = delivery.DueAt, Status = delivery.Status, Error = delivery.Error,
        CreatedAt = delivery.CreatedAt, LastAt = delivery.LastAt,
    };

    private static ProblemHttpResult Missing(string name) => Problems.NotFound($"webhook \"{name}\"");

    private static ProblemHttpResult Taken(string name) => Problems.Conflict($"There is a webhook {name} already.", "Take another name, or change that one.");
}
