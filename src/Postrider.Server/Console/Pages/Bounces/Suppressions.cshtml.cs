using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Mvc;
using Postrider.Client;
using Postrider.Mail.Queue;
using Postrider.Server.Api;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.Reading;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Bounces;

/// <summary>The addresses that nothing is sent to.</summary>
internal sealed class SuppressionsModel(SuppressionList list) : ConsolePage
{
    public const string Here = "~/bounces/suppressions";
    private const int Rows = 50, ExportedAtOnce = 500;

    public IReadOnlyList<Suppression> Items { get; private set; } = [];
    public string? Find { get; private set; }
    public string? Older { get; private set; }
    public bool IsFirst { get; private set; } = true;
    public string? Address { get; private set; }
    public string? Detail { get; private set; }
    public Confirmation? Confirm { get; private set; }
    public SuppressionsImported? Imported { get; private set; }

    public async Task OnGetAsync(string? q, string? cursor, CancellationToken cancellation)
    {
        (Find, IsFirst) = (q?.Trim() is { Length: > 0 } typed ? typed : null, MessageIds.Parse(cursor) is null);
        var found = await list.ListAsync(Find, MessageIds.Parse(cursor), Rows + 1, cancellation);
        Items = [.. found.Take(Rows)];
        Older = found.Count > Rows ? $"{Url.Content(Here)}?{(Find is null ? "" : $"q={Uri.EscapeDataString(Find)}&")}cursor={Items[^1].Id}" : null;
    }

    [Needs(Right.Operate)]
    public async Task<IActionResult> OnPostAddAsync(string? address, string? detail, CancellationToken cancellation)
    {
        (Address, Detail) = (address?.Trim(), detail?.Trim());
        if (SuppressionList.Key(Address, out var why) is not { } key)
            return await AgainAsync("address", why!, cancellation);
        if (Detail?.Length > SuppressionList.LongestDetail)
            return await AgainAsync("detail", T[$"At most {SuppressionList.LongestDetail} characters."], cancellation);
        var added = await list.AddAsync([(key, Detail ?? "")], Actor, cancellation);
        HttpContext.Note("suppression added", key, Detail ?? "");
        Say(added > 0 ? T[$"Nothing is sent to {key} any more."] : T[$"{key} is on the list already."]);
        return LocalRedirect(Here);
    }

    [Needs(Right.Operate)]
    public async Task<IActionResult> OnPostImportAsync(string? lines, CancellationToken cancellation)
    {
        var read = SuppressionImport.Read(lines ?? "");
        if (read.Addresses.Count + read.NotTaken.Count == 0)
            return await AgainAsync("lines", T["Write an address a line."], cancellation);
        Imported = SuppressionsApi.View(read, await list.AddAsync(read.Addresses, Actor, cancellation));
        HttpContext.Note("suppressions imported", $"{Imported.Added} of {read.Addresses.Count}");
        Say(Imported.NotTakenCount > 0 ? T[$"{Moment.Number(Imported.Added)} added, {Moment.Number(Imported.Known)} were on the list already, {Moment.Number(Imported.NotTakenCount)} not taken."] : T[$"{Moment.Number(Imported.Added)} added, {Moment.Number(Imported.Known)} were on the list already."], Imported.NotTakenCount == 0);
        if (Imported.NotTakenCount == 0)
            return LocalRedirect(Here);
        await OnGetAsync(null, null, cancellation);
        return Page();
    }

    [Needs(Right.Operate)]
    public async Task<IActionResult> OnGetRemoveAsync(string? address, CancellationToken cancellation)
    {
        if (SuppressionList.Key(address, out _) is not { } key || await list.FindAsync(key, cancellation) is not { } entry)
            return Missing(T["There is no such address on the list"]);
        Confirm = new(T[$"Take {key} off the list"], [entry.Reason == SuppressionList.Bounce ? T[$"It bounced {Moment.InWords(DateTimeOffset.FromUnixTimeMilliseconds(entry.AddedAt), Now)}: {Foreign.Clean(entry.Detail)}"] : T[$"{entry.Actor} put it there {Moment.InWords(DateTimeOffset.FromUnixTimeMilliseconds(entry.AddedAt), Now)}."],
            T["New messages are sent to it again. Those that failed can be sent again from their pages. Mail to addresses that do not exist makes providers trust a sender less."]],
            T[$"Send to {key} again"], $"{Url.Content(Here)}?handler=Remove&address={Uri.EscapeDataString(key)}", Url.Content(Here)) { Destroys = false };
        return Page();
    }

    [Needs(Right.Operate)]
    public async Task<IActionResult> OnPostRemoveAsync([FromQuery] string? address, CancellationToken cancellation)
    {
        if (SuppressionList.Key(address, out _) is not { } key || await list.RemoveAsync(key, cancellation) is null)
            return Missing(T["There is no such address on the list"]);
        HttpContext.Note("suppression removed", key);
        Say(T[$"{key} is sent to again."]);
        return LocalRedirect(Here);
    }

    public async Task<IActionResult> OnGetExportAsync(CancellationToken cancellation)
    {
        HttpContext.Note("suppressions exported", "");
        Response.ContentType = "text/csv; charset=utf-8";
        Response.Headers.ContentDisposition = string.Create(CultureInfo.InvariantCulture, $"attachment; filename=\"suppressions-{Now:yyyy-MM-dd-HHmm}.csv\"");
        // The mark at the start is how spreadsheets know UTF-8.
        await Response.WriteAsync("\uFEFF" + CsvExport.Line(["address", "why", "reason", "by", "since (UTC)"]), cancellation);
        for (string? cursor = null; ;)
        {
            var rows = await list.ListAsync(null, cursor, ExportedAtOnce, cancellation);
            var text = new StringBuilder();
            foreach (var one in rows)
                text.Append(CsvExport.Line([one.Address, one.Detail, one.Reason, one.Actor, DateTimeOffset.FromUnixTimeMilliseconds(one.AddedAt).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)]));
            await Response.WriteAsync(text.ToString(), cancellation);
            if (rows.Count < ExportedAtOnce)
                return new EmptyResult();
            cursor = rows[^1].Id;
        }
    }

    private async Task<IActionResult> AgainAsync(string member, string why, CancellationToken cancellation)
    {
        await OnGetAsync(null, null, cancellation);
        Errors[member] = [why];
        Response.StatusCode = StatusCodes.Status400BadRequest;
        return Page();
    }
}
