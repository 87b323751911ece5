using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;

namespace Postrider.Client;

/// <summary>Hands in messages and says what became of them.</summary>
public sealed class PostriderMessages
{
    /// <summary>The most messages in one page.</summary>
    public const int LargestPage = 500;

    private readonly ApiConnection connection;

    internal PostriderMessages(ApiConnection connection) => this.connection = connection;

    /// <summary>Hands in a message as fields. When this returns, the message is on the gateway's disk.</summary>
    /// <param name="message">What to send.</param>
    /// <param name="idempotencyKey">The same key within a day answers with the first message instead of a second one:
    /// give one wherever a failed call is tried again.</param>
    /// <param name="cancellation">Cancelled after the request left, the message may have been accepted.</param>
    public async Task<MessageAccepted> SendAsync(
        SendMessage message, string? idempotencyKey = null, CancellationToken cancellation = default)
    {
        using var request = ApiConnection.Post("messages", ApiConnection.Json(message, PostriderJson.Default.SendMessage));
        return await SendAsync(request, idempotencyKey, cancellation);
    }

    /// <summary>Hands in a complete message (RFC 5322, lines ended by CRLF) whose bytes are sent as they are.</summary>
    /// <param name="content">The message; read to its end.</param>
    /// <param name="from">The envelope's sender; empty for the null reverse path.</param>
    /// <param name="to">The envelope's recipients: the headers are not asked.</param>
    /// <param name="provider">The provider to send through; without it the client's own.</param>
    /// <param name="idempotencyKey">As in <see cref="SendAsync(SendMessage, string?, CancellationToken)"/>.</param>
    /// <param name="cancellation">Cancelled after the request left, the message may have been accepted.</param>
    public async Task<MessageAccepted> SendRawAsync(
        Stream content, string from, IEnumerable<string> to, string? provider = null, string? idempotencyKey = null,
        CancellationToken cancellation = default)
    {
        var path = QueryText.With("messages",
            [("from", from), .. to.Select(address => ("to", (string?)address)), ("provider", provider)]);
        using var body = new StreamContent(content);
        body.Headers.ContentType = new MediaTypeHeaderValue("message/rfc822");
        using var request = ApiConnection.Post(path, body);
        return await SendAsync(request, idempotencyKey, cancellation);
    }

    /// <summary>One page, the newest messages first; <paramref name="limit"/> is at most <see cref="LargestPage"/>.</summary>
    public Task<Page<MessageSummary>> PageAsync(
        MessageFilter filter, int? limit = null, string? cursor = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var path = QueryText.With("messages",
            [.. filter.Parameters, ("limit", limit?.ToString(CultureInfo.InvariantCulture)), ("cursor", cursor)]);
        return connection.GetAsync(path, PostriderJson.Default.PageMessageSummary, cancellation);
    }

    /// <summary>All messages of a filter, fetched a page at a time while they are read.</summary>
    public async IAsyncEnumerable<MessageSummary> ListAsync(
        MessageFilter filter, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        string? cursor = null;
        do
        {
            var page = await PageAsync(filter, cursor: cursor, cancellation: cancellation);
            foreach (var message in page.Items)
                yield return message;
            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }

    /// <summary>One message with its whole story.</summary>
    public Task<MessageDetail> GetAsync(string id, CancellationToken cancellation = default) =>
        connection.GetAsync($"messages/{QueryText.Segment(id)}", PostriderJson.Default.MessageDetail, cancellation);

    /// <summary>The message as it was handed in. The caller disposes the stream.</summary>
    public async Task<Stream> ContentAsync(string id, CancellationToken cancellation = default)
    {
        var response = await connection.OpenAsync($"messages/{QueryText.Segment(id)}/content", cancellation);
        return await response.Content.ReadAsStreamAsync(cancellation);
    }

    /// <summary>Tries a waiting or failed message again now.</summary>
    public Task<MessagesChanged> RetryAsync(string id, CancellationToken cancellation = default) =>
        ChangeAsync($"messages/{QueryText.Segment(id)}/retry", cancellation);

    /// <summary>Sends a message once more as a new one: the same content under a Message-ID of its own, to <paramref name="to"/> or, when
    /// nobody is named, to the message's own recipients.</summary>
    public Task<MessageAccepted> ResendAsync(string id, IReadOnlyList<string>? to = null, CancellationToken cancellation = default) =>
        connection.PostAsync($"messages/{QueryText.Segment(id)}/resend", ApiConnection.Json(new ResendMessage { To = to ?? [] }, PostriderJson.Default.ResendMessage), PostriderJson.Default.MessageAccepted, cancellation);

    /// <summary>Takes a message out of the queue; recipients that have it already keep it.</summary>
    public Task<MessagesChanged> CancelAsync(string id, CancellationToken cancellation = default) =>
        ChangeAsync($"messages/{QueryText.Segment(id)}/cancel", cancellation);

    /// <summary>Tries all messages of a filter again.</summary>
    /// <param name="filter">Which; what it means is gone through once, from the newest on.</param>
    /// <param name="progress">Told how many have been reached while more requests are needed. When one of them fails, what was reached
    /// before stays done.</param>
    /// <param name="cancellation">Ends it between two requests, or when the one under way has finished what it began.</param>
    public Task<MessagesChanged> RetryAllAsync(MessageFilter filter, IProgress<int>? progress = null, CancellationToken cancellation = default) =>
        ChangeAllAsync("messages/retry", filter, progress, cancellation);

    /// <summary>Cancels all waiting messages of a filter.</summary>
    /// <inheritdoc cref="RetryAllAsync"/>
    public Task<MessagesChanged> CancelAllAsync(MessageFilter filter, IProgress<int>? progress = null, CancellationToken cancellation = default) =>
        ChangeAllAsync("messages/cancel", filter, progress, cancellation);

    /// <summary>Holds a waiting message back until it is released.</summary>
    public Task<MessagesChanged> HoldAsync(string id, CancellationToken cancellation = default) =>
        ChangeAsync($"messages/{QueryText.Segment(id)}/hold", cancellation);

    /// <summary>Lets a held message go again.</summary>
    public Task<MessagesChanged> ReleaseAsync(string id, CancellationToken cancellation = default) =>
        ChangeAsync($"messages/{QueryText.Segment(id)}/release", cancellation);

    /// <summary>Gives a waiting message up now, as if its time were over: its sender is told.</summary>
    public Task<MessagesChanged> ExpireAsync(string id, CancellationToken cancellation = default) =>
        ChangeAsync($"messages/{QueryText.Segment(id)}/expire", cancellation);

    /// <summary>Holds all waiting messages of a filter.</summary>
    /// <inheritdoc cref="RetryAllAsync"/>
    public Task<MessagesChanged> HoldAllAsync(MessageFilter filter, IProgress<int>? progress = null, CancellationToken cancellation = default) =>
        ChangeAllAsync("messages/hold", filter, progress, cancellation);

    /// <summary>Releases all held messages of a filter.</summary>
    /// <inheritdoc cref="RetryAllAsync"/>
    public Task<MessagesChanged> ReleaseAllAsync(MessageFilter filter, IProgress<int>? progress = null, CancellationToken cancellation = default) =>
        ChangeAllAsync("messages/release", filter, progress, cancellation);

    /// <summary>Gives up all waiting messages of a filter.</summary>
    /// <inheritdoc cref="RetryAllAsync"/>
    public Task<MessagesChanged> ExpireAllAsync(MessageFilter filter, IProgress<int>? progress = null, CancellationToken cancellation = default) =>
        ChangeAllAsync("messages/expire", filter, progress, cancellation);

    /// <summary>Counts the messages of a filter that an act would reach: retry, cancel, hold, release or expire.</summary>
    public async Task<int> CountAsync(string act, MessageFilter filter, CancellationToken cancellation = default) =>
        (await AllAsync(path => connection.GetAsync(path, PostriderJson.Default.MessagesChanged, cancellation), $"messages/{QueryText.Segment(act)}", filter, null)).Count;

    private Task<MessagesChanged> ChangeAllAsync(string path, MessageFilter filter, IProgress<int>? progress, CancellationToken cancellation) =>
        AllAsync(next => ChangeAsync(next, cancellation), path, filter, progress);

    private static async Task<MessagesChanged> AllAsync(Func<string, Task<MessagesChanged>> ask, string path, MessageFilter filter, IProgress<int>? progress)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var (count, cursor) = (0, (string?)null);
        do
        {
            var some = await ask(QueryText.With(path, [.. filter.Parameters, ("cursor", cursor)]));
            (count, cursor) = (count + some.Count, some.NextCursor);
            if (cursor is not null)
                progress?.Report(count);
        }
        while (cursor is not null);
        return new MessagesChanged { Count = count };
    }

    private Task<MessagesChanged> ChangeAsync(string path, CancellationToken cancellation) =>
        connection.PostAsync(path, null, PostriderJson.Default.MessagesChanged, cancellation);

    private Task<MessageAccepted> SendAsync(HttpRequestMessage request, string? idempotencyKey, CancellationToken cancellation)
    {
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        return connection.AskAsync(request, PostriderJson.Default.MessageAccepted, cancellation);
    }
}
