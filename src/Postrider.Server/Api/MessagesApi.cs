using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts.Providers;
using Postrider.Client;
using Postrider.Mail.History;
using Postrider.Mail.Intake;
using Postrider.Mail.Queue;
using Postrider.Server.Hosting;
using MessageFilter = Postrider.Mail.History.MessageFilter;

namespace Postrider.Server.Api;

/// <summary>The resource <c>messages</c>: what was handed in, and what became of it. Handing in is in <c>SubmitApi.cs</c>.</summary>
internal static class MessagesApi
{
    /// <summary>One request reaches at most so many messages; it says how many, and can be repeated.</summary>
    private const int MostAtOnce = 10_000;

    private static readonly string[] States = ["queued", "sending", "held", "sent", "delivered", "delayed", "bounced", "failed", "cancelled"];

    public static void MapMessages(this IEndpointRouteBuilder routes)
    {
        var messages = routes.MapGroup("/messages").WithTags("messages");
        messages.MapPost("", SubmitApi.Submit).RequireAuthorization(ApiKeys.Send).Accepts<SendMessage>("application/json", "message/rfc822")
            .WithSummary("Hands in a message, as fields or as message/rfc822 with the envelope in from and to")
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status422UnprocessableEntity).ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .AddOpenApiOperationTransformer((operation, _, _) => OpenApiDocument.DescribeSubmit(operation));
        messages.MapGet("", List).RequireAuthorization(ApiKeys.Read).WithSummary("Lists messages, newest first");
        messages.MapGet("/{id}", Show).RequireAuthorization(ApiKeys.Read).WithSummary("Tells a message's story: recipients, attempts, events");
        messages.MapGet("/{id}/content", Content).RequireAuthorization(ApiKeys.Admin).WithSummary("The message as it was stored");
        foreach (var act in Acts)
        {
            messages.MapPost($"/{{id}}/{act.Name}", (string id, ClaimsPrincipal user, MessageQueue queue, MessageHistory history, CancellationToken cancellation) =>
                One(act, id, user, queue, history, cancellation)).RequireAuthorization(ApiKeys.Admin).WithSummary(act.One);
            messages.MapPost($"/{act.Name}", ([AsParameters] MessageQuery query, HttpRequest request, ClaimsPrincipal user, MessageQueue queue, MessageHistory history,
                ProviderDirectory providers, ClientDirectory clients, CancellationToken cancellation) =>
                Many(act, query, request, user, queue, history, providers, clients, cancellation)).RequireAuthorization(ApiKeys.Admin).WithSummary(act.Many);
        }
    }

    /// <summary>What a person may do to one message or to all that a filter reaches.</summary>
    private sealed record Act(string Name, string One, string Many, string Otherwise,
        Func<MessageQueue, IReadOnlyCollection<string>, string, CancellationToken, Task<int>> DoAsync);

    private static readonly Act[] Acts =
    [
        new("retry", "Tries a message again now", "Tries all that the filter reaches", "being sent, or all its recipients have it",
            (queue, ids, actor, cancellation) => queue.RetryAsync(ids, actor, cancellation)),
        new("cancel", "Stops trying", "Stops trying all that the filter reaches", "being sent at this moment, or has a final state",
            (queue, ids, actor, cancellation) => queue.CancelAsync(ids, actor, cancellation)),
        new("hold", "Holds a message back until it is released", "Holds back all that the filter reaches", "being sent at this moment, held already, or has a final state",
            (queue, ids, actor, cancellation) => queue.HoldAsync(ids, actor, cancellation)),
        new("release", "Lets a held message go again", "Releases all that the filter reaches", "not held",
            (queue, ids, actor, cancellation) => queue.ReleaseHeldAsync(ids, actor, cancellation)),
        new("expire", "Gives a message up now; its sender is told", "Gives up all that the filter reaches", "being sent at this moment, or has a final state",
            (queue, ids, actor, cancellation) => queue.ExpireAsync(ids, actor, cancellation)),
    ];

    private static async Task<Results<Ok<Page<MessageSummary>>, ProblemHttpResult>> List(
        [AsParameters] MessageQuery query, HttpRequest request, MessageHistory history, MessageViews views, ProviderDirectory providers, ClientDirectory clients, CancellationToken cancellation)
    {
        if (Read(query, request, providers, clients, out var filter) is { } wrong)
            return wrong;
        var rows = await history.ListAsync(filter, cancellation);
        return TypedResults.Ok(new Page<MessageSummary>
        {
            Items = [.. rows.Select(views.Summary)], NextCursor = rows.Count == filter.Limit ? rows[^1].Id : null,
        });
    }

    private static async Task<Results<Ok<MessageDetail>, ProblemHttpResult>> Show(
        string id, MessageHistory history, MessageViews views, CancellationToken cancellation) =>
        MessageIds.Parse(id) is { } known && await history.FindAsync(known, cancellation) is { } message
            ? TypedResults.Ok(views.Detail(message))
            : Problems.NotFound($"message \"{id}\"");

    private static async Task<Results<EmptyHttpResult, ProblemHttpResult>> Content(
        string id, HttpResponse response, ContentStore contents, MessageHistory history, CancellationToken cancellation)
    {
        if (MessageIds.Parse(id) is not { } known)
            return Problems.NotFound($"message \"{id}\"");
        if (await contents.FirstPieceAsync(known, cancellation) is null)
            return await history.FindAsync(known, cancellation) is { } message && ContentDeletedAt(message) is { } since
                ? Problems.NotFound($"content of message \"{id}\" any more: it is no longer kept since {since}")
                : Problems.NotFound($"message \"{id}\", or its content is no longer kept");
        response.ContentType = "message/rfc822";
        response.Headers.ContentDisposition = $"attachment; filename=\"{known}.eml\"";
        response.Headers.XContentTypeOptions = "nosniff";
        await foreach (var piece in contents.PiecesAsync(known, 0, cancellation))
            await response.Body.WriteAsync(piece, cancellation);
        return TypedResults.Empty;
    }

    private static string? ContentDeletedAt(StoredMessage message) =>
        message.Events.LastOrDefault(one => one.Kind == Retention.ContentDeleted) is { } deleted
            ? DateTimeOffset.FromUnixTimeMilliseconds(deleted.At).ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture) : null;

    private static async Task<Results<Ok<MessagesChanged>, ProblemHttpResult>> One(
        Act act, string id, ClaimsPrincipal user, MessageQueue queue, MessageHistory history, CancellationToken cancellation)
    {
        if (MessageIds.Parse(id) is not { } known || await history.FindAsync(known, cancellation) is not { } message)
            return Problems.NotFound($"message \"{id}\"");
        if (await act.DoAsync(queue, [known], Actor(user), cancellation) == 1)
            return TypedResults.Ok(new MessagesChanged { Count = 1 });
        return act.Name == "retry" && ContentDeletedAt(message) is { } since
            ? Problems.Conflict($"The content of the message is no longer kept since {since}: it cannot be sent again.", "Hand the message in anew. How long contents are kept says Mail:KeepContent.")
            : Problems.Conflict($"The message is {act.Otherwise}: there is nothing to do.", "Look at its state: GET /api/v1/messages/" + known);
    }

    private static async Task<Results<Ok<MessagesChanged>, ProblemHttpResult>> Many(Act act, MessageQuery query, HttpRequest request, ClaimsPrincipal user, MessageQueue queue,
        MessageHistory history, ProviderDirectory providers, ClientDirectory clients, CancellationToken cancellation)
    {
        if (Read(query, request, providers, clients, out var filter) is { } wrong)
            return wrong;
        if (filter with { Limit = MessageFilter.DefaultLimit, Cursor = null } == new MessageFilter())
            return Problems.BadRequest("The request would reach every message.", "Narrow it with state, provider, client, from, to, since, until or q.");
        return TypedResults.Ok(new MessagesChanged { Count = await act.DoAsync(queue, await history.IdsAsync(filter, MostAtOnce, cancellation), Actor(user), cancellation) });
    }

    /// <summary>The filters of the list and of the acts on many messages.</summary>
    internal sealed record MessageQuery(
        [FromQuery(Name = "state")] string? State, [FromQuery(Name = "provider")] string? Provider, [FromQuery(Name = "client")] string? Client,
        [FromQuery(Name = "from")] string? From, [FromQuery(Name = "to")] string? To, [FromQuery(Name = "since")] string? Since,
        [FromQuery(Name = "until")] string? Until, [FromQuery(Name = "q")] string? Q, [FromQuery(Name = "limit")] string? Limit, [FromQuery(Name = "cursor")] string? Cursor);

    private static readonly string[] Filters = ["state", "provider", "client", "from", "to", "since", "until", "q", "limit", "cursor"];

    /// <summary>A filter that is misspelt would reach more than was meant.</summary>
    private static ProblemHttpResult? Misspelt(HttpRequest request)
    {
        if (request.Query.Keys.FirstOrDefault(key => !Filters.Contains(key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
            return Problems.Validation(MessageComposer.Shown(unknown), $"There is no such filter. Write one of {string.Join(", ", Filters)}.");
        return request.ContentLength > 0 ? Problems.BadRequest("The request has a body.", "Write the filter into the address, as in ?state=failed&provider=contoso.") : null;
    }

    private static ProblemHttpResult? Read(MessageQuery query, HttpRequest request, ProviderDirectory providers, ClientDirectory clients, out MessageFilter filter)
    {
        var errors = new Dictionary<string, string[]>();
        filter = new MessageFilter();
        if (Misspelt(request) is { } misspelt)
            return misspelt;
        filter = new MessageFilter
        {
            State = query.State, From = query.From, To = query.To, Text = query.Q,
            Since = Moment("since", query.Since, errors), Until = Moment("until", query.Until, errors),
        };
        if (query.State is not null && !States.Contains(query.State))
            errors["state"] = [$"Write one of {string.Join(", ", States)}."];
        if (query.Provider is { } provider)
            filter = providers.Find(provider) is { } known ? filter with { ProviderId = known.Id } : Unknown("provider", provider, filter, errors);
        if (query.Client is { } client)
            filter = clients.Find(client) is { } known ? filter with { ClientId = known.Id } : Unknown("client", client, filter, errors);
        if (query.Limit is not null)
            filter = int.TryParse(query.Limit, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MessageFilter.LargestLimit
                ? filter with { Limit = limit }
                : Wrong("limit", $"Write a number from 1 to {MessageFilter.LargestLimit}.", filter, errors);
        if (query.Cursor is not null)
            filter = MessageIds.Parse(query.Cursor) is { } cursor ? filter with { Cursor = cursor } : Wrong("cursor", "Take it from nextCursor of the page before.", filter, errors);
        return errors.Count > 0 ? Problems.Validation(errors) : null;
    }

    private static MessageFilter Unknown(string what, string name, MessageFilter filter, Dictionary<string, string[]> errors) =>
        Wrong(what, $"There is no {what} \"{name}\".", filter, errors);

    private static MessageFilter Wrong(string member, string why, MessageFilter filter, Dictionary<string, string[]> errors)
    {
        errors[member] = [why];
        return filter;
    }

    private static DateTimeOffset? Moment(string member, string? text, Dictionary<string, string[]> errors)
    {
        if (text is null)
            return null;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment))
            return moment;
        errors[member] = [$"\"{text}\" is not a time. Write it like 2026-05-01T10:00:00Z."];
        return null;
    }

    internal static string Actor(ClaimsPrincipal user) => user.FindFirstValue(ClaimTypes.Name) ?? "unknown";
}
