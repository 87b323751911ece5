using System.Globalization;
using System.Text;
using Postrider.Mail.History;
using Postrider.Server.Api;
using Postrider.Server.Console.Ui;

namespace Postrider.Server.Console.Reading;

/// <summary>Messages as CSV (RFC 4180), written page by page as they are read, so that a long list needs no memory. What others wrote cannot
/// become a formula in the program that opens it.</summary>
internal sealed class CsvExport(MessageHistory history, MessageViews views)
{
    private const string FormulaStarts = "=+-@|%\t\r＝＋－＠";

    private static readonly string[] Heads = ["id", "accepted (UTC)", "state", "from", "to", "recipients", "subject", "provider", "client", "octets", "attempts", "finished (UTC)", "reason", "reply"];

    public async Task WriteAsync(MessageFilter filter, HttpResponse response, string fileName, CancellationToken cancellation)
    {
        response.ContentType = "text/csv; charset=utf-8";
        response.Headers.ContentDisposition = $"attachment; filename=\"{fileName}\"";
        // The mark at the start is how spreadsheets know UTF-8.
        await response.WriteAsync("\uFEFF" + Line(Heads), cancellation);
        for (string? cursor = null; ;)
        {
            var page = await history.PageAsync(filter with { Cursor = cursor, After = null, Limit = MessageFilter.LargestLimit }, cancellation);
            var text = new StringBuilder();
            foreach (var one in page.Rows.Select(views.Summary))
                text.Append(Line([one.Id, Time(one.AcceptedAt), one.State, one.From, string.Join("; ", one.To), Number(one.RecipientCount), one.Subject, one.Provider, one.Client,
                    Number(one.Size), Number(one.AttemptCount), one.FinishedAt is { } finished ? Time(finished) : "", one.Cause, one.Reply]));
            await response.WriteAsync(text.ToString(), cancellation);
            if (page.Next is null)
                return;
            cursor = page.Next;
        }
    }

    internal static string Line(IEnumerable<string?> cells) => string.Join(',', cells.Select(Cell)) + "\r\n";

    /// <summary>A leading apostrophe makes text of what a spreadsheet would compute (OWASP, CSV injection).</summary>
    internal static string Cell(string? text)
    {
        var clean = Foreign.Clean(text ?? "");
        var harmless = clean.TrimStart() is [var first, ..] && FormulaStarts.Contains(first, StringComparison.Ordinal) ? "'" + clean : clean;
        return $"\"{harmless.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
