using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Postrider.Accounts.Failures;
using Postrider.Accounts.Providers;
using Postrider.Mail.Queue;
using Postrider.Smtp;
using Postrider.Storage;
using FailureStage = Postrider.Accounts.Failures.SmtpStage;

namespace Postrider.Mail.Tracking;

/// <summary>What came back about mail that a provider took. A report is kept beside what the provider said and never instead of it; where it
/// is certain which recipient it is about, that recipient's state follows.</summary>
public sealed class Reports(Database database, MessageQueue queue, SuppressionList suppressions, FailureCatalog catalog, ProviderDirectory providers, TimeProvider time, IOptions<MailOptions> options)
{
    /// <summary>As much of a mail is kept, to be looked at.</summary>
    public const int MostKept = StoredBytes.PieceLength;

    /// <summary>What a report says; the last one says nothing that could be read.</summary>
    public static readonly IReadOnlyList<string> Kinds = ["bounce", "delay", "delivery", "relay", "receipt", "complaint", "reply", "unread"];

    private const string InsertMail = """
        insert into report_mails (id, received_at, source, submitter, provider_id, digest, sender, subject, size, bytes)
        values (@id, @now, @Source, @Submitter, @ProviderId, @digest, @Sender, @Subject, @size, @bytes) on conflict (digest) do nothing
        """;
    private const string InsertReport = """
        insert into reports (id, mail_id, kind, certainty, message_id, recipient, address, status, class, diagnostic, remote_server, changed)
        values (@id, @mail, @kind, @certainty, @message, @number, @address, @status, @about, @diagnostic, @server, @changed)
        """;
    private const string Select = """
        select r.*, m.received_at, m.source, m.submitter, m.sender, m.subject, m.size, m.bytes is not null as has_content
        from reports r join report_mails m on m.id = r.mail_id
        """;
    private const string SelectSome = $"""
        {Select} where (@Cursor is null or r.id < @Cursor) and (@Kind is null or r.kind = @Kind) and (@Class is null or r.class = @Class)
        and (@MessageId is null or r.message_id = @MessageId) and (@Address is null or lower(r.address) = lower(@Address))
        order by r.id desc limit @Limit
        """;
    private const string OwnNotice = "select id from messages where id = @id and report_of is not null";

    /// <summary>Called within the transaction in which a recipient's state followed from a report, with the message's id and that state.</summary>
    internal Func<DbSession, string, string, StoredReport, Task>? Following { get; set; }

    /// <summary>Reads a mail that came back, finds what it is about and keeps it.</summary>
    /// <returns>Null when it is nothing of the kind, and not kept: mail like any other out of a mailbox, or our own notice.</returns>
    public async Task<ReportsAdded?> AddAsync(ReadOnlyMemory<byte> raw, ReportOrigin origin, CancellationToken cancellation)
    {
        var report = ReportReader.Read(raw);
        if (origin.Source == "mailbox" && report.Kind is ReportKind.None or ReportKind.Reply)
            return null;
        var digest = Convert.ToHexStringLower(SHA256.HashData(raw.Span));
        var added = await database.WriteAsync(session => AddAsync(session, report, raw, digest, origin), cancellation);
        if (added is { Known: false })
        {
            database.Tell(SuppressionList.Changes);
            foreach (var one in added.Reports)
                MailMeters.Returned(one.Kind, one.Class);
        }
        return added;
    }

    private async Task<ReportsAdded?> AddAsync(DbSession session, ReadReport report, ReadOnlyMemory<byte> raw, string digest, ReportOrigin origin)
    {
        if (report.HeaderId is { } own && MessageIds.Parse(own.TrimStart('<').Split('@')[0]) is { } id && await session.FirstOrDefaultAsync<string>(OwnNotice, new { id }) is not null)
            return null;
        var (mail, received) = (MessageIds.New(time), time.GetUtcNow());
        if (await session.ExecuteAsync(InsertMail, new
        {
            id = mail, now = received.ToUnixTimeMilliseconds(), origin.Source, origin.Submitter, origin.ProviderId, digest, report.Sender, report.Subject, size = raw.Length,
            bytes = raw[..Math.Min(raw.Length, MostKept)].ToArray(),
        }) == 0)
        {
            var before = await session.SingleAsync<string>("select id from report_mails where digest = @digest", new { digest });
            return new ReportsAdded(before, true, await OfMailAsync(session, before));
        }
        var named = report.Kind is ReportKind.Unread or ReportKind.None ? null : await ReportMatch.NamedAsync(session, report, received);
        foreach (var one in report.Recipients)
            await TakeAsync(session, mail, report, one, await ReportMatch.RecipientAsync(session, report, one, named, received));
        if (report.Recipients.Count == 0)
            await session.ExecuteAsync(InsertReport, new
            {
                id = MessageIds.New(time), mail, kind = KindOf(report.Kind), certainty = Wire(named is null ? Certainty.Unknown : Certainty.Certain), message = named, number = (int?)null,
                address = (string?)null, status = (string?)null, about = (string?)null, diagnostic = (string?)null, server = (string?)null, changed = 0,
            });
        return new ReportsAdded(mail, false, await OfMailAsync(session, mail));
    }

    private async Task TakeAsync(DbSession session, string mail, ReadReport report, ReportedRecipient one, Match match)
    {
        var (id, state) = (MessageIds.New(time), StateAfter(one.Action));
        var about = one.Action is ReportAction.Failed or ReportAction.Delayed ? BounceClass.Of(one.Status, one.Diagnostic) : null;
        var changed = match is { Certainty: Certainty.Certain, MessageId: { } message, Number: { } number } && state is not null
            && await queue.ReportAsync(session, message, Outcome(number, one, match), state);
        await session.ExecuteAsync(InsertReport, new
        {
            id, mail, kind = KindOf(one.Action), certainty = Wire(match.Certainty), message = match.MessageId, number = match.Number, address = one.OriginalAddress ?? one.Address,
            status = one.Status, about, diagnostic = one.Diagnostic, server = one.RemoteServer, changed = changed ? 1 : 0,
        });
        if (!changed)
            return;
        if (Suppresses(one))
            await SuppressAsync(session, match, one);
        if (Following is { } tell)
            await tell(session, match.MessageId!, state!, await session.SingleAsync<StoredReport>($"{Select} where r.id = @id", new { id }));
    }

    private bool Suppresses(ReportedRecipient one) => one.Action == ReportAction.Failed && options.Value.SuppressBounced && BounceClass.NoSuchAddress(one.Status, one.Diagnostic);

    // The address that we wrote to, and not the one that it became elsewhere.
    private async Task SuppressAsync(DbSession session, Match match, ReportedRecipient one)
    {
        var address = await session.SingleAsync<string>("select address from recipients where message_id = @MessageId and number = @Number", new { match.MessageId, match.Number });
        if (SuppressionList.Key(address, out _) is { } key)
            await suppressions.AddAsync(session, key, SuppressionList.Bounce, one.Diagnostic ?? one.Status ?? "", "postrider", match.MessageId);
    }

    private RecipientOutcome Outcome(int number, ReportedRecipient one, Match match)
    {
        if (one.Action is not (ReportAction.Failed or ReportAction.Delayed))
            return new RecipientOutcome(number, OutcomeKind.Sent, "");
        var said = one.Diagnostic ?? one.Status ?? "";
        var known = catalog.ForReply(providers.Find(match.ProviderId!)?.Type ?? "", FailureStage.Rcpt, CodeIn(said, one.Action), one.Status, said)
            .Fill(new Dictionary<string, string> { [Placeholders.Recipient] = one.OriginalAddress ?? one.Address });
        return one.Action == ReportAction.Failed
            ? new RecipientOutcome(number, OutcomeKind.Failed, said, known.Cause, Suppresses(one) ? $"{known.Remedy} It is on the suppression list now: take it off before you send to it again." : known.Remedy)
            : new RecipientOutcome(number, OutcomeKind.Deferred, said, "The provider took the message, and could not hand it on yet.", "Nothing to do: the provider goes on trying, and reports when it gives up.");
    }

    private static int CodeIn(string said, ReportAction action) => said.Split(' ', '-') is [{ Length: 3 } first, ..] && int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var code)
        && code is >= 400 and < 600 ? code : action == ReportAction.Failed ? 550 : 450;

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<StoredReport>> ListAsync(ReportFilter filter, CancellationToken cancellation) => database.ReadAsync(session => session.QueryAsync<StoredReport>(SelectSome, filter), cancellation);

    public Task<StoredReport?> FindAsync(string id, CancellationToken cancellation) =>
        database.ReadAsync(session => session.FirstOrDefaultAsync<StoredReport>($"{Select} where r.id = @id", new { id }), cancellation);

    /// <summary>The mail that a report was in, as it came, up to <see cref="MostKept"/>.</summary>
    /// <returns>Null when it is no longer kept.</returns>
    public Task<byte[]?> ContentAsync(string id, CancellationToken cancellation) =>
        database.ReadAsync(session => session.FirstOrDefaultAsync<byte[]>("select m.bytes from reports r join report_mails m on m.id = r.mail_id where r.id = @id", new { id }), cancellation);

    internal static Task<IReadOnlyList<StoredReport>> OfMessageAsync(DbSession session, string message) =>
        session.QueryAsync<StoredReport>($"{Select} where r.message_id = @message order by r.id", new { message });

    private static Task<IReadOnlyList<StoredReport>> OfMailAsync(DbSession session, string mail) => session.QueryAsync<StoredReport>($"{Select} where r.mail_id = @mail order by r.id", new { mail });

    private static string? StateAfter(ReportAction action) => action switch { ReportAction.Failed => "bounced", ReportAction.Delayed => "delayed", ReportAction.Delivered => "delivered", _ => null };

    private static string KindOf(ReportAction action) => action switch { ReportAction.Failed => "bounce", ReportAction.Delayed => "delay", ReportAction.Delivered => "delivery", _ => "relay" };

    private static string KindOf(ReportKind kind) => kind switch { ReportKind.Receipt => "receipt", ReportKind.Complaint => "complaint", ReportKind.Reply => "reply", _ => "unread" };

    private static string Wire(Certainty certainty) => certainty switch { Certainty.Certain => "certain", Certainty.Probable => "probable", _ => "unknown" };
}
