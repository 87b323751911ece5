using Postrider.Mail.Queue;
using Postrider.Storage;

namespace Postrider.Mail.Tracking;

/// <summary>How sure it is that a report is about a message.</summary>
public enum Certainty
{
    /// <summary>It is about none that this gateway sent, as far as can be seen.</summary>
    Unknown,

    /// <summary>Recipient, time and subject speak for it. Nothing follows from that.</summary>
    Probable,

    /// <summary>It names the message.</summary>
    Certain,
}

/// <param name="Number">The recipient's number in the message; null when none of its recipients is meant for sure.</param>
public sealed record Match(Certainty Certainty, string? MessageId = null, int? Number = null, string? ProviderId = null);

/// <summary>Finds the message that a report is about, among those that were sent: by the id that went along as ENVID, by the Message-ID in
/// force or the one before, by our own trace, by what the report answers; and at last by recipient, time and subject. Ids of messages have
/// no index, which every accepted message would pay for: they are looked for among the mail of the recipient and of the sender.</summary>
internal static class ReportMatch
{
    /// <summary>Servers try for five days, and tell when they have given up.</summary>
    private static readonly TimeSpan LongestReturn = TimeSpan.FromDays(15);

    /// <summary>A guess needs a shorter one.</summary>
    private static readonly TimeSpan LongestGuess = TimeSpan.FromDays(5);

    private const int MostLookedAt = 20_000;

    private const string ById = "select id from messages where id = @id";
    private static readonly string ByRecipient = $"""
        select m.id from (select message_id from recipients where lower(address) = lower(@address) and message_id >= @since and message_id < @until
                          order by message_id desc limit {MostLookedAt}) r
        join messages m on m.id = r.message_id
        where m.header_id in @ids or m.remote_id in @ids order by m.id desc limit 1
        """;
    private static readonly string BySender = $"""
        select id from (select id, header_id, remote_id from messages where lower(mail_from) = lower(@address) and id >= @since and id < @until
                        order by id desc limit {MostLookedAt}) m
        where header_id in @ids or remote_id in @ids order by id desc limit 1
        """;
    private static readonly string BySubject = $"""
        select m.id from (select message_id from recipients where lower(address) = lower(@address) and message_id >= @since and message_id < @until
                                 and state in ('sent', 'delivered', 'delayed', 'bounced')
                          order by message_id desc limit {MostLookedAt}) r
        join messages m on m.id = r.message_id
        where m.subject <> '' and m.report_of is null and (m.subject = @subject or length(@ending) > length(m.subject) and substr(@ending, length(@ending) - length(m.subject)) = ' ' || m.subject)
        order by m.id desc limit 1
        """;
    private const string SelectRecipients = "select message_id, number, address from recipients where message_id = @id and state <> 'queued' order by number";

    /// <summary>What the report names, if it names a message at all.</summary>
    public static async Task<string?> NamedAsync(DbSession session, ReadReport report, DateTimeOffset received)
    {
        foreach (var id in new[] { MessageIds.Parse(report.EnvelopeId), report.TraceId })
            if (id is not null && await session.FirstOrDefaultAsync<string>(ById, new { id }) is { } known)
                return known;
        foreach (string[] ids in new[] { report.MessageIds.ToArray(), [.. report.Thread] })
        {
            if (ids.Length == 0)
                continue;
            var span = new { since = MessageIds.FirstAt(received - LongestReturn), until = MessageIds.FirstAt(received.AddMinutes(1)) };
            foreach (var address in report.Recipients.SelectMany(Spellings).Distinct(StringComparer.OrdinalIgnoreCase))
                if (await session.FirstOrDefaultAsync<string>(ByRecipient, new { address, ids, span.since, span.until }) is { } known)
                    return known;
            foreach (var address in report.For)
                if (await session.FirstOrDefaultAsync<string>(BySender, new { address, ids, span.since, span.until }) is { } known)
                    return known;
        }
        return null;
    }

    /// <summary>Which recipient of the message that a report names is meant; where it names none, which message may be.</summary>
    public static async Task<Match> RecipientAsync(DbSession session, ReadReport report, ReportedRecipient reported, string? named, DateTimeOffset received)
    {
        if (named is null)
            return await GuessAsync(session, report, reported, received) is { } probable
                ? await NumberAsync(session, probable, reported, Certainty.Probable)
                : new Match(Certainty.Unknown);
        return await NumberAsync(session, named, reported, Certainty.Certain);
    }

    private static async Task<Match> NumberAsync(DbSession session, string message, ReportedRecipient reported, Certainty certainty)
    {
        var provider = await session.SingleAsync<string>("select provider_id from messages where id = @message", new { message });
        var sent = await session.QueryAsync<PendingRow>(SelectRecipients, new { id = message });
        foreach (var address in Spellings(reported))
            if (sent.FirstOrDefault(one => one.Address.Equals(address, StringComparison.OrdinalIgnoreCase)) is { } meant)
                return new Match(certainty, message, meant.Number, provider);
        // Forwarded or rewritten on the way: only one can be meant where only one was.
        return new Match(certainty, message, certainty == Certainty.Certain && sent is [var only] ? only.Number : null, provider);
    }

    private static async Task<string?> GuessAsync(DbSession session, ReadReport report, ReportedRecipient reported, DateTimeOffset received)
    {
        var (subject, ending) = (report.OriginalSubject ?? "", report.OriginalSubject is null ? report.Subject : "");
        foreach (var address in Spellings(reported))
            if (await session.FirstOrDefaultAsync<string>(BySubject, new
            {
                address, subject, ending, since = MessageIds.FirstAt(received - LongestGuess), until = MessageIds.FirstAt(received.AddMinutes(1)),
            }) is { } known)
                return known;
        return null;
    }

    /// <summary>The address that the sender wrote goes before the one that it became.</summary>
    private static IEnumerable<string> Spellings(ReportedRecipient reported) =>
        new[] { reported.OriginalAddress, reported.Address }.OfType<string>().Select(address => SuppressionList.Key(address, out _)).OfType<string>().Distinct();
}
