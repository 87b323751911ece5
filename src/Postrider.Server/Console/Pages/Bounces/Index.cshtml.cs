using System.Text;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Mvc;
using Postrider.Mail.Queue;
using Postrider.Mail.Tracking;
using Postrider.Server.Api;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Bounces;

/// <summary>What came back about mail that a provider took, by recipient, the newest first.</summary>
internal sealed class BouncesModel(Reports reports) : ConsolePage
{
    private const int Rows = 50;

    public ReportsApi.ReportQuery Query { get; private set; } = null!;
    public IReadOnlyList<StoredReport> Items { get; private set; } = [];
    public string? Older { get; private set; }

    public bool IsFiltered => Query with { Cursor = null } != new ReportsApi.ReportQuery();

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        string? Given(string name) => Request.Query[name].ToString().Trim() is { Length: > 0 } text ? text : null;
        Query = new() { Kind = Given("kind"), Class = Given("class"), Message = Given("message"), Recipient = Given("recipient"), Cursor = Given("cursor") };
        (var filter, Errors) = Query.Read();
        if (Errors.Count > 0)
            return;
        var found = await reports.ListAsync(filter with { Limit = Rows + 1 }, cancellation);
        Items = [.. found.Take(Rows)];
        Older = found.Count > Rows ? Address(("cursor", Items[^1].Id)) : null;
    }

    /// <summary>The mail as it came, as a file.</summary>
    [Needs(Right.Operate)]
    public async Task<IActionResult> OnGetSourceAsync(string? of, CancellationToken cancellation)
    {
        if (MessageIds.Parse(of) is not { } id || await reports.ContentAsync(id, cancellation) is not { } bytes)
            return Missing(T["There is no such report, or its mail is no longer kept"]);
        HttpContext.Note("report downloaded", id);
        return new FileContentResult(bytes, "message/rfc822") { FileDownloadName = $"{id}.eml" };
    }

    [Needs(Right.Operate)]
    public async Task<IActionResult> OnPostAddAsync(string? raw, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(raw))
        {
            await OnGetAsync(cancellation);
            Errors["raw"] = [T["Paste the mail that came back."]];
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return Page();
        }
        if (await reports.AddAsync(Encoding.UTF8.GetBytes(raw.TrimStart()), new ReportOrigin("console", $"person {Actor}"), cancellation) is not { } added)
        {
            HttpContext.NoteNothing();
            Say(T["This is a notice that Postrider itself wrote: it tells nothing new."], good: false);
            return LocalRedirect("~/bounces");
        }
        HttpContext.Note("report added", added.Reports[0].Id, added.Reports[0].Address ?? "");
        Say(added.Known ? T["It was handed in before; nothing is done again."] : Told(added.Reports), added.Reports.Any(one => one.Kind != "unread"));
        return LocalRedirect("~/bounces");
    }

    private static string Told(IReadOnlyList<StoredReport> added) => added[0].Kind == "unread"
        ? T["It could not be understood. It is kept below as it came."]
        : string.Join(' ', added.Take(5).Select(one => one switch
        {
            { Certainty: "certain", Changed: true } => T["{0}, and its message says so now.", What(one)],
            { Certainty: "certain" } => T["{0}, which changes nothing of its message.", What(one)],
            { Certainty: "probable" } => T["{0}, probably about a message of ours; nothing follows from that.", What(one)],
            _ => T["{0}, about no message that was sent from here.", What(one)],
        }));

    private static string What(StoredReport one) => one.Address is { } address ? $"{Returned.Word(one.Kind)}: {address}" : Returned.Word(one.Kind);

    /// <summary>This list with one word of the filter in another's place.</summary>
    public string Address(params IEnumerable<(string Name, string? Value)> with)
    {
        var words = new Dictionary<string, string?> { ["kind"] = Query.Kind, ["class"] = Query.Class, ["message"] = Query.Message, ["recipient"] = Query.Recipient };
        foreach (var (name, value) in with)
            words[name] = value;
        return Url.Content("~/bounces") + new QueryBuilder(words.Where(word => word.Value is not null).Select(word => KeyValuePair.Create(word.Key, word.Value!))).ToQueryString();
    }
}
