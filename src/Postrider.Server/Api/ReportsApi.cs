using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Postrider.Client;
using Postrider.Mail.Queue;
using Postrider.Mail.Tracking;
using Postrider.Server.Console.Auditing;
using Postrider.Storage;

namespace Postrider.Server.Api;

/// <summary>The resource <c>reports</c>: what came back about mail that a provider took.</summary>
internal static class ReportsApi
{
    /// <summary>A report may carry the whole message back.</summary>
    private const int Largest = 32 * 1024 * 1024;

    public static void MapReports(this IEndpointRouteBuilder routes)
    {
        var reports = routes.MapGroup("/reports").WithTags("reports");
        reports.MapPost("", Add).RequireAuthorization(ApiKeys.Admin).Accepts<IFormFile>("message/rfc822").WithSummary("Takes a mail that came back, such as a bounce, and says what it is about")
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        reports.MapGet("", List).RequireAuthorization(ApiKeys.Read).WithSummary("Lists what came back, by recipient, the newest first");
        reports.MapGet("/{id}", Show).RequireAuthorization(ApiKeys.Read).WithSummary("Shows one report");
        reports.MapGet("/{id}/content", Content).RequireAuthorization(ApiKeys.Admin).WithSummary("The beginning of the mail that the report was in, as it came");
    }

    private static async Task<Results<Ok<ReportsTaken>, ProblemHttpResult>> Add(HttpContext context, Reports reports, CancellationToken cancellation)
    {
        if (context.Request.ContentType?.StartsWith("message/rfc822", StringComparison.OrdinalIgnoreCase) != true)
            return Problems.UnsupportedMediaType("message/rfc822");
        if (await ReadAsync(context.Request.Body, Largest, cancellation) is not { } raw)
            return Problems.TooLarge($"A report may have {Largest:N0} octets.");
        if (raw.Length == 0)
            return Problems.BadRequest("The body is empty.", "Send the mail that came back, complete with its header.");
        try
        {
            if (await reports.AddAsync(raw, new ReportOrigin("http", $"key {MessagesApi.Actor(context.User)}"), cancellation) is not { } added)
                return Problems.Conflict("This is a notice that the gateway itself wrote: it tells nothing new.", "Hand in what other servers report.");
            context.Note("report added", added.Reports[0].Id, added.Reports[0].Address ?? "");
            return TypedResults.Ok(new ReportsTaken { Known = added.Known, Reports = [.. added.Reports.Select(View)] });
        }
        catch (StorageException)
        {
            return Problems.Unavailable("The report could not be stored.", "Hand it in again in a moment.");
        }
    }

    /// <returns>Null when there is more than may be.</returns>
    internal static async Task<byte[]?> ReadAsync(Stream body, int largest, CancellationToken cancellation)
    {
        using var bytes = new MemoryStream();
        var piece = new byte[64 * 1024];
        for (int read; (read = await body.ReadAsync(piece, cancellation)) > 0;)
        {
            bytes.Write(piece, 0, read);
            if (bytes.Length > largest)
                return null;
        }
        return bytes.ToArray();
    }

    /// <summary>The filters, as they are written in an address.</summary>
    internal sealed record ReportQuery
    {
        [FromQuery(Name = "kind")] public string? Kind { get; init; }
        [FromQuery(Name = "class")] public string? Class { get; init; }
        [FromQuery(Name = "message")] public string? Message { get; init; }
        [FromQuery(Name = "recipient")] public string? Recipient { get; init; }
        [FromQuery(Name = "cursor")] public string? Cursor { get; init; }

        /// <returns>What is asked for, and by member what is wrong with it.</returns>
        public (ReportFilter Filter, Dictionary<string, string[]> Errors) Read()
        {
            var errors = new Dictionary<string, string[]>();
            if (Kind is not null && !Reports.Kinds.Contains(Kind))
                errors["kind"] = [$"Write one of {string.Join(", ", Reports.Kinds)}."];
            if (Class is not null && !BounceClass.All.Contains(Class))
                errors["class"] = [$"Write one of {string.Join(", ", BounceClass.All)}."];
            if (Message is not null && MessageIds.Parse(Message) is null)
                errors["message"] = ["Write the id of a message."];
            if (Cursor is not null && MessageIds.Parse(Cursor) is null)
                errors["cursor"] = ["Take it from nextCursor of the page before."];
            return (new ReportFilter(Kind, Class, MessageIds.Parse(Message), Recipient, MessageIds.Parse(Cursor)), errors);
        }
    }

    private static async Task<Results<Ok<Page<ReportView>>, ProblemHttpResult>> List([AsParameters] ReportQuery query, Reports reports, CancellationToken cancellation, int? limit = null)
    {
        var (filter, errors) = query.Read();
        if (errors.Count > 0)
            return Problems.Validation(errors);
        if (AlertsApi.PageSize(limit) is not { } size)
            return AlertsApi.WrongLimit();
        var found = await reports.ListAsync(filter with { Limit = size + 1 }, cancellation);
        return TypedResults.Ok(new Page<ReportView> { Items = [.. found.Take(size).Select(View)], NextCursor = found.Count > size ? found[size - 1].Id : null });
    }

    private static async Task<Results<Ok<ReportView>, ProblemHttpResult>> Show(string id, Reports reports, CancellationToken cancellation) =>
        MessageIds.Parse(id) is { } known && await reports.FindAsync(known, cancellation) is { } report ? TypedResults.Ok(View(report)) : Problems.NotFound($"report \"{id}\"");

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> Content(string id, HttpContext context, Reports reports, CancellationToken cancellation)
    {
        if (MessageIds.Parse(id) is not { } known || await reports.ContentAsync(known, cancellation) is not { } bytes)
            return Problems.NotFound($"report \"{id}\", or its mail is no longer kept");
        context.Note("report downloaded", known);
        return Source(context.Response, known, bytes);
    }

    /// <summary>A mail as a file: whoever wrote it, nothing of it is shown as a page of ours.</summary>
    internal static FileContentHttpResult Source(HttpResponse response, string id, byte[] bytes)
    {
        response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.File(bytes, "message/rfc822", $"{id}.eml");
    }

    internal static ReportView View(StoredReport report) => new()
    {
        Id = report.Id, Mail = report.MailId, ReceivedAt = DateTimeOffset.FromUnixTimeMilliseconds(report.ReceivedAt), Source = report.Source, Kind = report.Kind, Certainty = report.Certainty,
        Message = report.MessageId, Recipient = report.Address, Status = report.Status, Class = report.Class, Diagnostic = report.Diagnostic, RemoteServer = report.RemoteServer, Changed = report.Changed,
        Sender = report.Sender, Subject = report.Subject, Size = report.Size,
    };
}
