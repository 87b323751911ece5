using System.Text.RegularExpressions;
using MimeKit;

namespace Postrider.Mail.Tracking;

/// <summary>Reports that a person can read and that have no part for programs: of qmail, Exim, Exchange and others. What they say is taken
/// from the header and the text; where that is in doubt they stay unread and are shown as they came.</summary>
internal static partial class OddReports
{
    private const int LongestText = 64 * 1024, LongestReason = 1000, MostRecipients = 100;

    /// <summary>A report comes from a server and not from a person.</summary>
    public static bool IsFromServer(HeaderList headers, string sender) =>
        headers[HeaderId.ReturnPath]?.Trim() == "<>" || headers.Contains("X-Failed-Recipients") || Server().IsMatch(sender);

    /// <returns>Null when it is no report, or says nothing that can be relied on.</returns>
    public static ReadReport? Read(HeaderList headers, string text, ReadReport report)
    {
        if (!IsFromServer(headers, report.Sender))
            return null;
        var body = (text.Length > LongestText ? text[..LongestText] : text).ReplaceLineEndings("\n");
        var (told, returned) = Split(body);
        var action = Delay().IsMatch(told) && !GivenUp().IsMatch(told) ? ReportAction.Delayed : ReportAction.Failed;
        var recipients = Named(headers, told, action);
        return recipients.Count == 0 ? null : report with
        {
            Kind = ReportKind.Delivery, Recipients = recipients,
            MessageIds = report.MessageIds.Count > 0 ? report.MessageIds : [.. ReturnedId().Matches(returned).Select(found => found.Groups[1].Value).Take(2)],
            OriginalSubject = report.OriginalSubject ?? (ReturnedSubject().Match(returned) is { Success: true } subject ? ReportReader.Clean(subject.Groups[1].Value) : null),
        };
    }

    // Below such a line stands the message that came back, whose own words must not be taken for the report's.
    private static (string Told, string Returned) Split(string body) =>
        Divider().Match(body) is { Success: true } line ? (body[..line.Index], body[line.Index..]) : (body, body);

    private static List<ReportedRecipient> Named(HeaderList headers, string told, ReportAction action)
    {
        // Exim and Gmail name them in the header; the text says why.
        if (headers["X-Failed-Recipients"] is { } failed)
            return [.. failed.Split(',').Take(MostRecipients).Select(ReportReader.Address).OfType<string>().Select(address => Reported(address, ReasonAfter(told, address), ReportAction.Failed))];
        // qmail, and Exchange where it names one by line: the address, then what was said of it.
        foreach (var form in new[] { Qmail(), Exchange() })
            if (form.Matches(told).Take(MostRecipients).Select(found => (Address: ReportReader.Address(found.Groups[1].Value), Reason: found.Groups[2].Value)).Where(found => found.Address is not null).ToList() is { Count: > 0 } found)
                return [.. found.DistinctBy(one => one.Address).Select(one => Reported(one.Address!, one.Reason, action))];
        // Any other: one address near a status, and no second one that it might be about.
        var others = headers[HeaderId.To] ?? "";
        var addresses = Anywhere().Matches(told).Select(found => ReportReader.Address(found.Value.TrimEnd('.'))).OfType<string>().Where(address => !others.Contains(address, StringComparison.OrdinalIgnoreCase))
            .Distinct(StringComparer.OrdinalIgnoreCase).Take(2).ToList();
        return addresses is [var only] && ReasonAfter(told, only) is { } reason && (ReportReader.StatusIn(reason) is not null || Code().IsMatch(reason)) ? [Reported(only, reason, action)] : [];
    }

    private static ReportedRecipient Reported(string address, string? reason, ReportAction action)
    {
        var said = reason is null ? null : ReportReader.Clean(reason);
        var status = ReportReader.StatusIn(said);
        return new ReportedRecipient(address, null, action == ReportAction.Failed && status?[0] == '4' && said is not null && !GivenUp().IsMatch(said) && Delay().IsMatch(said) ? ReportAction.Delayed : action, status, said, null);
    }

    private static string? ReasonAfter(string told, string address)
    {
        var at = told.LastIndexOf(address, StringComparison.OrdinalIgnoreCase);
        var first = told.IndexOf(address, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return null;
        // The paragraph that the address stands in, from where it is named first.
        var end = told.IndexOf("\n\n", at, StringComparison.Ordinal);
        var reason = told[first..(end < 0 ? told.Length : end)];
        return reason.Length > LongestReason ? reason[..LongestReason] : reason;
    }

    [GeneratedRegex("^(mailer-daemon|postmaster|mail-daemon|microsoftexchange[0-9a-f]*|bounces?)@", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Server();

    [GeneratedRegex(@"^\s*(-{2,}.*(copy of|original|returned|below this line).*|Original message headers:|-{3,} ?Returned message.*)$", RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Divider();

    [GeneratedRegex("delayed|not yet been delivered|has not been delivered yet|will (continue to|keep) try|will be retried|still being (tried|attempted)", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Delay();

    [GeneratedRegex("permanent|giv(en|ing) up|could not be delivered|has failed|did not reach", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex GivenUp();

    [GeneratedRegex(@"^<([^<>\s@]+@[^<>\s@]+)>:[ ]*\n((?:[^\n<][^\n]*\n?){1,20})", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Qmail();

    [GeneratedRegex(@"^[ \t]*([^<>\s@]+@[^<>\s@]+)[ \t]*\n((?:[ \t]*\n)?[ \t]*(?:#|Remote Server returned)[^\n]*)", RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Exchange();

    [GeneratedRegex(@"[A-Za-z0-9._%+'=-]{1,64}@[A-Za-z0-9.-]{1,255}", RegexOptions.NonBacktracking)]
    private static partial Regex Anywhere();

    [GeneratedRegex(@"(?<!\d)5[0-5]\d[ -]", RegexOptions.CultureInvariant)]
    private static partial Regex Code();

    [GeneratedRegex(@"^[> \t]*Message-ID:\s*(<[^<>\s]{1,500}>)", RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex ReturnedId();

    [GeneratedRegex(@"^[> \t]*Subject:[ \t]*([^\n]{1,500})$", RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex ReturnedSubject();
}
