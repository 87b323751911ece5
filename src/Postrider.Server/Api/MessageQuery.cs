using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts.Providers;
using Postrider.Mail.Intake;
using Postrider.Mail.Queue;
using MessageFilter = Postrider.Mail.History.MessageFilter;

namespace Postrider.Server.Api;

/// <summary>The filters of the list and of the acts on many messages, as they are written in an address.</summary>
internal sealed record MessageQuery
{
    [FromQuery(Name = "state")] public string? State { get; init; }
    [FromQuery(Name = "provider")] public string? Provider { get; init; }
    [FromQuery(Name = "client")] public string? Client { get; init; }
    [FromQuery(Name = "from")] public string? From { get; init; }
    [FromQuery(Name = "to")] public string? To { get; init; }
    [FromQuery(Name = "since")] public string? Since { get; init; }
    [FromQuery(Name = "until")] public string? Until { get; init; }
    [FromQuery(Name = "q")] public string? Q { get; init; }
    [FromQuery(Name = "limit")] public string? Limit { get; init; }
    [FromQuery(Name = "cursor")] public string? Cursor { get; init; }

    public static readonly IReadOnlyList<string> States = ["queued", "sending", "held", "sent", "delivered", "delayed", "bounced", "failed", "cancelled"];
    public static readonly IReadOnlyList<string> Names = ["state", "provider", "client", "from", "to", "since", "until", "q", "limit", "cursor"];

    /// <returns>What the query reaches, and by member what is wrong with it.</returns>
    public (MessageFilter Filter, Dictionary<string, string[]> Errors) Read(ProviderDirectory providers, ClientDirectory clients)
    {
        var errors = new Dictionary<string, string[]>();
        var filter = new MessageFilter
        {
            State = State, From = From, To = To, Text = Q, Since = Moment("since", Since, errors), Until = Moment("until", Until, errors),
        };
        if (State is not null && !States.Contains(State))
            errors["state"] = [$"Write one of {string.Join(", ", States)}."];
        if (Provider is { } provider)
            filter = providers.Find(provider) is { } known ? filter with { ProviderId = known.Id } : Unknown("provider", provider, filter, errors);
        if (Client is { } client)
            filter = clients.Find(client) is { } known ? filter with { ClientId = known.Id } : Unknown("client", client, filter, errors);
        if (Limit is not null)
            filter = int.TryParse(Limit, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MessageFilter.LargestLimit
                ? filter with { Limit = limit }
                : Wrong("limit", $"Write a number from 1 to {MessageFilter.LargestLimit}.", filter, errors);
        if (Cursor is not null)
            filter = MessageIds.Parse(Cursor) is { } cursor ? filter with { Cursor = cursor } : Wrong("cursor", "Take it from nextCursor of the page before.", filter, errors);
        return (filter, errors);
    }

    private static MessageFilter Unknown(string what, string name, MessageFilter filter, Dictionary<string, string[]> errors) =>
        Wrong(what, $"There is no {what} \"{name}\".", filter, errors);

    private static MessageFilter Wrong(string member, string why, MessageFilter filter, Dictionary<string, string[]> errors)
    {
        errors[member] = [why];
        return filter;
    }

    internal static DateTimeOffset? Moment(string member, string? text, Dictionary<string, string[]> errors)
    {
        if (text is null)
            return null;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment))
            return moment;
        errors[member] = [$"\"{text}\" is not a time. Write it like 2026-05-01T10:00:00Z."];
        return null;
    }
}
