using System.Globalization;
using System.Text;
using System.Text.Json;
using Postrider.Client;
using Postrider.Server.Api;
using Postrider.Server.Console.Reading;

namespace Postrider.Server.Console.Auditing;

/// <summary>The audit as a file, written page by page as it is read: CSV for people, JSON lines for programs.</summary>
internal sealed class AuditExport(AuditLog log)
{
    private const int Page = 500;

    private static readonly string[] Heads = ["when (UTC)", "who", "through", "did", "to", "detail", "from", "number", "hash"];

    public Task WriteCsvAsync(AuditFilter filter, HttpResponse response, string name, CancellationToken cancellation)
    {
        response.ContentType = "text/csv; charset=utf-8";
        // The mark at the start is how spreadsheets know UTF-8.
        return WriteAsync(filter, response, $"{name}.csv", "\uFEFF" + CsvExport.Line(Heads), entry => CsvExport.Line([
            entry.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), entry.Actor, entry.Door, entry.Action, entry.Target, entry.Detail, entry.Address,
            entry.Number?.ToString(CultureInfo.InvariantCulture), entry.Hash]), cancellation);
    }

    public Task WriteLinesAsync(AuditFilter filter, HttpResponse response, string name, CancellationToken cancellation)
    {
        response.ContentType = "application/jsonl; charset=utf-8";
        return WriteAsync(filter, response, $"{name}.jsonl", "", entry => JsonSerializer.Serialize(entry, PostriderJson.Default.AuditView) + "\n", cancellation);
    }

    private async Task WriteAsync(AuditFilter filter, HttpResponse response, string fileName, string head, Func<AuditView, string> line, CancellationToken cancellation)
    {
        response.Headers.ContentDisposition = $"attachment; filename=\"{fileName}\"";
        await response.WriteAsync(head, cancellation);
        for (var cursor = filter.Cursor; ;)
        {
            var rows = await log.ListAsync(filter with { Cursor = cursor }, Page, cancellation);
            var text = new StringBuilder();
            foreach (var row in rows)
                text.Append(line(AuditApi.View(row)));
            await response.WriteAsync(text.ToString(), cancellation);
            if (rows.Count < Page)
                return;
            cursor = rows[^1].Id;
        }
    }
}
