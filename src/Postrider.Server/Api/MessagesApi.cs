using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Postrider.Accounts.Providers;
using Postrider.Client;
using Postrider.Mail.History;
using Postrider.Mail.Intake;
using Postrider.Mail.Queue;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Hosting;
using MessageFilter = Postrider.Mail.History.MessageFilter;

namespace Postrider.Server.Api;

/// <summary>The resource <c>messages</c>: what was handed in, and what became of it. Handing in is in <c>SubmitApi.cs</c>.</summary>
internal static class MessagesApi
{
    private const string GoesOn = "Goes from the newest message to the oldest for some ten seconds, or until limit of them are reached. Where the answer names a nextCursor there may be more: ask again with it as the cursor. Only without nextCursor is it over.";

    public static void MapMessages(this IEndpointRouteBuilder routes)
    {
        var messages = routes.MapGroup("/messages").WithTags("messages");
        messages.MapPost("", SubmitApi.Submit).RequireAuthorization(ApiKeys.Send).Accepts<SendMessage>("application/json", "message/rfc822")
            .WithSummary("Hands in a message, as fields or as message/rfc822 with the envelope in from and to")
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status422UnprocessableEntity).ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .AddOpenApiOperationTransformer((operation, _, _) => OpenApiDocument.DescribeSubmit(operation));
        messages.MapGet("", List).RequireAuthorization(ApiKeys.Read).WithSummary("Lists messages, newest first")
            .WithDescription("What is rare is looked for a little while at a time: a page may then hold fewer messages than its limit, or none, and name a nextCursor where the search goes on. Only without nextCursor is the list over.");
        messages.MapGet("/{id}", Show).RequireAuthorization(ApiKeys.Read).WithSummary("Tells a message's story: recipients, attempts, events");
        messages.MapGet("/{id}/content", Content).RequireAuthorization(ApiKeys.Admin).WithSummary("The message as it was stored");
        messages.MapPost("/{id}/resend", Resend).RequireAuthorization(ApiKeys.Admin).Accepts<ResendMessage>("application/json").ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("Sends a message once more as a new one: the same content, to the recipients named or to its own, under a Message-ID of its own");
        foreach (var act in MessageAct.All)
        {
            messages.MapPost($"/{{id}}/{act.Name}", (string id, HttpContext context, MessageQueue queue, MessageHistory history, CancellationToken cancellation) =>
                One(act, id, context, queue, history, cancellation)).RequireAuthorization(ApiKeys.Admin).WithSummary(act.One);
            messages.MapGet($"/{act.Name}", ([AsParameters] MessageQuery query, HttpRequest request, BulkActs acts, ProviderDirectory providers, ClientDirectory clients, CancellationToken cancellation) =>
                Many(query, request, providers, clients, (filter, most) => acts.CountAsync(act, filter, most, cancellation))).RequireAuthorization(ApiKeys.Read)
                .WithSummary($"Counts those that the filter means and {act.Name} can do something about").WithDescription(GoesOn);
            messages.MapPost($"/{act.Name}", ([AsParameters] MessageQuery query, HttpRequest request, BulkActs acts, ProviderDirectory providers, ClientDirectory clients, CancellationToken cancellation) =>
                Many(query, request, providers, clients, async (filter, most) =>
                {
                    var changed = await acts.DoAsync(act, filter, most, Actor(request.HttpContext.User), cancellation);
                    request.HttpContext.Note($"messages {act.Done}", changed.Count.ToString(CultureInfo.InvariantCulture), request.QueryString.ToString());
                    return changed;
                })).RequireAuthorization(ApiKeys.Admin).WithSummary(act.Many).WithDescription(GoesOn);
        }
    }

    private static async Task<Results<Ok<Page<MessageSummary>>, ProblemHttpResult>> List(
        [AsParameters] MessageQuery query, HttpRequest request, MessageHistory history, MessageViews views, ProviderDirectory providers, ClientDirectory clients, CancellationToken cancellation)
    {
        if (Read(query, request, providers, clients, out var filter) is { } wrong)
            return wrong;
        var page = await history.PageAsync(filter, cancellation);
        return TypedResults.Ok(new Page<MessageSummary> { Items = [.. page.Rows.Select(views.Summary)], NextCursor = page.Next });
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
        response.HttpContext.Note("message source downloaded", known);
        await SendSourceAsync(response, contents, known, cancellation);
        return TypedResults.Empty;
    }

    /// <summary>The message as it was stored, as a file.</summary>
    internal static async Task SendSourceAsync(HttpResponse response, ContentStore contents, string id, CancellationToken cancellation)
    {
        response.ContentType = "message/rfc822";
        response.Headers.ContentDisposition = $"attachment; filename=\"{id}.eml\"";
        response.Headers.XContentTypeOptions = "nosniff";
        await foreach (var piece in contents.PiecesAsync(id, 0, cancellation))
            await response.Body.WriteAsync(piece, cancellation);
    }

    private static async Task<Results<Accepted<MessageAccepted>, ProblemHttpResult>> Resend(
        string id, HttpContext context, MessageHistory history, MessageResend resend, CancellationToken cancellation)
    {
        if (MessageIds.Parse(id) is not { } known || await history.FindAsync(known, cancellation) is not { } message)
            return Problems.NotFound($"message \"{id}\"");
        var (fields, unreadable) = await WireJson.ReadAsync<ResendMessage>(context.Request, cancellation);
        if (fields is null)
            return unreadable!;
        var (wrong, result) = await resend.SendAsync(message, fields.To, "http", $"key {Actor(context.User)}", Actor(context.User), cancellation);
        if (wrong is not null)
            return Problems.Validation("to", wrong);
        if (result is IntakeResult.Refused { Why: var why })
            return Problems.Refused(why);
        if (result is not IntakeResult.Accepted { Id: var copy })
            return Problems.Conflict("The content of the message is no longer kept: it cannot be sent again.", "Hand the message in anew. How long contents are kept says Mail:KeepContent.");
        context.Note("message resent", known, copy);
        return TypedResults.Accepted($"/api/v1/messages/{copy}", new MessageAccepted { Id = copy });
    }

    internal static string? ContentDeletedAt(StoredMessage message) =>
        message.Events.LastOrDefault(one => one.Kind == Retention.ContentDeleted) is { } deleted
            ? DateTimeOffset.FromUnixTimeMilliseconds(deleted.At).ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture) : null;

    private static async Task<Results<Ok<MessagesChanged>, ProblemHttpResult>> One(
        MessageAct act, string id, HttpContext context, MessageQueue queue, MessageHistory history, CancellationToken cancellation)
    {
        if (MessageIds.Parse(id) is not { } known || await history.FindAsync(known, cancellation) is not { } message)
            return Problems.NotFound($"message \"{id}\"");
        context.Note($"message {act.Done}", known);
        if (await act.DoAsync(queue, [known], Actor(context.User), cancellation) is [_])
            return TypedResults.Ok(new MessagesChanged { Count = 1 });
        return act.Name == MessageAct.Retry && ContentDeletedAt(message) is { } since
            ? Problems.Conflict($"The content of the message is no longer kept since {since}: it cannot be sent again.", "Hand the message in anew. How long contents are kept says Mail:KeepContent.")
            : Problems.Conflict($"The message is {act.Otherwise}: there is nothing to do.", "Look at its state: GET /api/v1/messages/" + known);
    }

    private static async Task<Results<Ok<MessagesChanged>, ProblemHttpResult>> Many(MessageQuery query, HttpRequest request, ProviderDirectory providers, ClientDirectory clients,
        Func<MessageFilter, int, Task<MessagesChanged>> act)
    {
        if (Read(query, request, providers, clients, out var filter) is { } wrong)
            return wrong;
        if (filter.ReachesAll)
            return Problems.BadRequest("The request would reach every message.", "Narrow it with state, provider, client, from, to, since, until or q.");
        return TypedResults.Ok(await act(filter, query.Limit is null ? int.MaxValue : filter.Limit));
    }

    /// <summary>A filter that is misspelt would reach more than was meant.</summary>
    private static ProblemHttpResult? Misspelt(HttpRequest request)
    {
        if (request.Query.Keys.FirstOrDefault(key => !MessageQuery.Names.Contains(key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
            return Problems.Validation(MessageComposer.Shown(unknown), $"There is no such filter. Write one of {string.Join(", ", MessageQuery.Names)}.");
        return request.ContentLength > 0 ? Problems.BadRequest("The request has a body.", "Write the filter into the address, as in ?state=failed&provider=contoso.") : null;
    }

    private static ProblemHttpResult? Read(MessageQuery query, HttpRequest request, ProviderDirectory providers, ClientDirectory clients, out MessageFilter filter)
    {
        filter = new MessageFilter();
        if (Misspelt(request) is { } misspelt)
            return misspelt;
        (filter, var errors) = query.Read(providers, clients);
        return errors.Count > 0 ? Problems.Validation(errors) : null;
    }

    internal static string Actor(ClaimsPrincipal user) => user.FindFirstValue(ClaimTypes.Name) ?? "unknown";
}
