using System.Globalization;
using System.Net.Http.Headers;

namespace Postrider.Client;

/// <summary>What came back about mail that a provider took.</summary>
public sealed class PostriderReports
{
    private readonly ApiConnection connection;

    internal PostriderReports(ApiConnection connection) => this.connection = connection;

    /// <summary>Hands in a mail that came back, complete as it came (RFC 5322).</summary>
    public async Task<ReportsTaken> AddAsync(Stream content, CancellationToken cancellation = default)
    {
        using var body = new StreamContent(content);
        body.Headers.ContentType = new MediaTypeHeaderValue("message/rfc822");
        return await connection.PostAsync("reports", body, PostriderJson.Default.ReportsTaken, cancellation);
    }

    /// <summary>One page, the newest first.</summary>
    /// <param name="kind">bounce, delay, delivery, relay, receipt, complaint, reply or unread.</param>
    /// <param name="about">A class of <see cref="ReportView.Class"/>.</param>
    /// <param name="message">Only what is about this message.</param>
    /// <param name="recipient">Only what is about this address.</param>
    /// <param name="cursor">From <see cref="Page{T}.NextCursor"/>.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends the request.</param>
    public Task<Page<ReportView>> ListAsync(string? kind = null, string? about = null, string? message = null, string? recipient = null, string? cursor = null, int? limit = null, CancellationToken cancellation = default) =>
        connection.GetAsync(QueryText.With("reports", ("kind", kind), ("class", about), ("message", message), ("recipient", recipient), ("cursor", cursor), ("limit", limit?.ToString(CultureInfo.InvariantCulture))),
            PostriderJson.Default.PageReportView, cancellation);

    public Task<ReportView> GetAsync(string id, CancellationToken cancellation = default) =>
        connection.GetAsync($"reports/{QueryText.Segment(id)}", PostriderJson.Default.ReportView, cancellation);

    /// <summary>The beginning of the mail that a report was in; the caller disposes it.</summary>
    public Task<HttpResponseMessage> ContentAsync(string id, CancellationToken cancellation = default) => connection.OpenAsync($"reports/{QueryText.Segment(id)}/content", cancellation);
}
