using Microsoft.AspNetCore.Http.HttpResults;
using Postrider.Accounts.Providers;
using Postrider.Client;
using Postrider.Mail.Delivery;
using Postrider.Mail.Intake;
using Postrider.Smtp;

namespace Postrider.Server.Api;

/// <summary>Says where a message would go and why, without sending one.</summary>
internal static class RouteApi
{
    public static void MapRoute(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/route", Ask).WithTags("queue").RequireAuthorization(ApiKeys.Read).Accepts<RouteQuestion>("application/json")
            .WithSummary("Says which provider a message would go to, and why");

    private static async Task<Results<Ok<RouteAnswer>, ProblemHttpResult>> Ask(
        HttpRequest request, Router router, ClientDirectory clients, Failover failover, SendingHold hold, CancellationToken cancellation)
    {
        var (question, unreadable) = await WireJson.ReadAsync<RouteQuestion>(request, cancellation);
        if (question is null)
            return unreadable!;
        if (question.From is not { Length: > 0 } from || !SmtpAddress.TryParse(from, out _))
            return Problems.Validation("from", "Write the author's address, such as \"alerts@example.org\".");
        Mail.Intake.Client? client = null;
        if (question.Client is { Length: > 0 } name && (client = clients.Find(name)) is null)
            return Problems.Validation("client", $"There is no client \"{name}\".");
        if (client?.Refuses(from) is { } refusal)
            return TypedResults.Ok(Refused(refusal));
        var asked = question.Provider is { Length: > 0 } provider ? provider : null;
        return TypedResults.Ok(router.Choose(asked, client, from) switch
        {
            Router.Choice.Found found => Answer(found, failover, hold.Now),
            Router.Choice.None none => Refused(none.Why),
            _ => throw new InvalidOperationException("There is no third way."),
        });
    }

    private static RouteAnswer Refused(Refusal why) => new() { Why = why.ToString(), SendsNow = false };

    private static RouteAnswer Answer(Router.Choice.Found found, Failover failover, HeldSending? held)
    {
        var (provider, trouble) = (found.Provider, failover.WhyOut(found.Provider));
        var standIn = held is not null || trouble is null ? null : failover.StandIn(provider);
        var waits = held is not null ? $"All mail is held since {held.Since:yyyy-MM-dd HH:mm} UTC. 'postrider queue release' lets it go."
            : standIn is null ? failover.WhyWaiting(provider) : null;
        return new RouteAnswer
        {
            Provider = provider.Name, DisplayName = provider.DisplayName, Why = found.Why,
            SendsNow = waits is null && standIn is null, WaitsWhy = waits, StandIn = standIn?.Name, StandInWhy = standIn is null ? null : trouble,
        };
    }
}
