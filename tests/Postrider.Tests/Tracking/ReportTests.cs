using System.Text;
using Postrider.Mail;
using Postrider.Mail.History;
using Postrider.Mail.Queue;
using Postrider.Mail.Tracking;
using Postrider.Tests.Alerts;
using Microsoft.Extensions.Options;

namespace Postrider.Tests.Tracking;

/// <summary>A report finds the message that it is about, and the recipient's state follows where that is certain.</summary>
public class ReportTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static readonly ReportOrigin FromApi = new("http", "key test");

    [Theory]
    [InlineData("failed", "5.1.1", "bounced", "bounced")]
    [InlineData("failed", "5.2.2", "bounced", "bounced")]
    [InlineData("delayed", "4.4.1", "delayed", "delayed")]
    [InlineData("delivered", "2.0.0", "delivered", "delivered")]
    [InlineData("relayed", "2.0.0", "sent", "sent")]
    [InlineData("expanded", "2.0.0", "sent", "sent")]
    public async Task The_recipient_s_state_follows_from_what_the_report_says(string action, string status, string recipient, string message)
    {
        await using var alerts = await TestAlerts.StartAsync();
        var id = await SentAsync(alerts, "bob@example.net");
        var added = await AddAsync(alerts, Report(action, status, "bob@example.net", envelope: id));
        Assert.Equal(("certain", id, "bob@example.net"), (added.Reports[0].Certainty, added.Reports[0].MessageId, added.Reports[0].Address));
        var shown = await ShowAsync(alerts, id);
        Assert.Equal((recipient, message), (shown.Recipients[0].State, shown.State));
        Assert.Equal(added.Reports[0].Id, Assert.Single(shown.Reports).Id);
        Assert.Equal("250 2.0.0 OK", shown.Attempts[0].Reply);
        if (recipient == "bounced")
            Assert.Equal(("550 " + status + " said the server", true), (shown.Recipients[0].Reply, shown.Recipients[0].Cause is { Length: > 0 }));
    }

    [Fact]
    public async Task A_delay_may_end_well_or_badly_and_the_first_final_word_counts()
    {
        await using var alerts = await TestAlerts.StartAsync();
        var id = await SentAsync(alerts, "bob@example.net", "carol@example.net");
        await AddAsync(alerts, Report("delayed", "4.4.1", "bob@example.net", envelope: id));
        Assert.Equal("delayed", (await ShowAsync(alerts, id)).State);
        await AddAsync(alerts, Report("failed", "5.4.7", "bob@example.net", envelope: id));
        var late = await AddAsync(alerts, Report("delivered", "2.0.0", "bob@example.net", envelope: id));
        Assert.False(late.Reports[0].Changed);
        await AddAsync(alerts, Report("delayed", "4.4.1", "bob@example.net", envelope: id, subject: "again"));
        await AddAsync(alerts, Report("delivered", "2.0.0", "carol@example.net", envelope: id));
        var shown = await ShowAsync(alerts, id);
        Assert.Equal([("bob@example.net", "bounced"), ("carol@example.net", "delivered")], shown.Recipients.Select(one => (one.Address, one.State)));
        Assert.Equal(("bounced", 5), (shown.State, shown.Reports.Count));
        Assert.Equal(["message.bounced"], await alerts.EventsAsync());
    }

    public static TheoryData<string> Ways => ["envelope", "message-id", "remote-id", "original-id", "trace", "thread", "sender"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_report_is_matched_by_whatever_names_the_message(string way)
    {
        await using var alerts = await TestAlerts.StartAsync();
        await SentAsync(alerts, "bob@example.net");
        var id = await SentAsync(alerts, "bob@example.net");
        await SentAsync(alerts, "bob@example.net");
        var theirs = way == "sender" ? "robert@elsewhere.example" : "bob@example.net";
        var added = await AddAsync(alerts, way switch
        {
            "envelope" => Report("failed", "5.1.1", theirs, envelope: id),
            "message-id" or "sender" => Report("failed", "5.1.1", theirs, returned: $"Message-ID: <{id}@example.org>"),
            "remote-id" => Report("failed", "5.1.1", theirs, returned: $"Message-ID: <{id}@outlook.example>"),
            "original-id" => Report("failed", "5.1.1", theirs, returned: $"Message-ID: <other@outlook.example>\nX-Microsoft-Original-Message-ID: <{id}@example.org>"),
            "trace" => Report("failed", "5.1.1", theirs, returned: $"Received: from [192.0.2.1]\n\tby gateway.example (Postrider) with ESMTPSA id {id}\n\tfor <bob@example.net>; today"),
            _ => Report("failed", "5.1.1", theirs, more: $"In-Reply-To: <{id}@example.org>\n"),
        });
        Assert.Equal(("certain", id, true), (added.Reports[0].Certainty, added.Reports[0].MessageId, added.Reports[0].Changed));
    }

    [Fact]
    public async Task What_is_only_probable_is_shown_and_changes_nothing()
    {
        await using var alerts = await TestAlerts.StartAsync();
        var id = await SentAsync(alerts, "bob@example.net");
        var added = await AddAsync(alerts, Report("failed", "5.1.1", "bob@example.net", subject: "Undeliverable: Invoice"));
        Assert.Equal(("probable", id, false), (added.Reports[0].Certainty, added.Reports[0].MessageId, added.Reports[0].Changed));
        Assert.Equal("sent", (await ShowAsync(alerts, id)).State);
        Assert.Empty(await alerts.Get<SuppressionList>().ListAsync(null, null, 10, Stop));
        alerts.Clock.Advance(TimeSpan.FromDays(6));
        Assert.Equal("unknown", (await AddAsync(alerts, Report("failed", "5.1.1", "bob@example.net", subject: "Returned: Invoice"))).Reports[0].Certainty);
    }

    [Theory]
    [InlineData("ffffffffffffffffffffffffffffffff", "bob@example.net")]
    [InlineData("no id", "bob@example.net")]
    public async Task A_report_about_mail_that_was_not_sent_here_is_kept_and_concerns_nobody(string envelope, string recipient)
    {
        await using var alerts = await TestAlerts.StartAsync();
        await SentAsync(alerts, "bob@example.net");
        var added = await AddAsync(alerts, Report("failed", "5.1.1", recipient, envelope: envelope, returned: "Message-ID: <forged@elsewhere.example>\nSubject: Buy now"));
        Assert.Equal(("unknown", null, false), (added.Reports[0].Certainty, added.Reports[0].MessageId, added.Reports[0].Changed));
    }

    [Fact]
    public async Task A_report_about_somebody_who_was_not_sent_to_changes_nobody()
    {
        await using var alerts = await TestAlerts.StartAsync();
        var id = await SentAsync(alerts, "bob@example.net", "carol@example.net");
        var added = await AddAsync(alerts, Report("failed", "5.1.1", "dave@example.net", envelope: id));
        Assert.Equal(("certain", false), (added.Reports[0].Certainty, added.Reports[0].Changed));
        Assert.Equal("sent", (await ShowAsync(alerts, id)).State);
    }

    [Fact]
    public async Task The_same_report_counts_once_and_our_own_notices_not_at_all()
    {
        await using var alerts = await TestAlerts.StartAsync();
        var id = await SentAsync(alerts, "bob@example.net");
        var report = Report("failed", "5.1.1", "bob@example.net", envelope: id);
        var first = await AddAsync(alerts, report);
        var second = await AddAsync(alerts, report);
        Assert.Equal((false, true, first.MailId), (first.Known, second.Known, second.MailId));
        var notice = New(alerts, "app@example.org") with { ReportOf = id };
        await alerts.Get<MessageQueue>().AddAsync(notice, Stop);
        Assert.Null(await alerts.Get<Reports>().AddAsync(Encoding.UTF8.GetBytes(Report("failed", "5.1.1", "bob@example.net", envelope: id, more: $"Message-ID: <{notice.Id}@gateway.example>\n")), FromApi, Stop));
        Assert.Single(await alerts.Get<Reports>().ListAsync(new ReportFilter(), Stop));
    }

    [Theory]
    [InlineData("quota", "unread")]
    [InlineData("complaint", "complaint")]
    [InlineData("read", "receipt")]
    [InlineData("out-of-office", "reply")]
    [InlineData("letter", "unread")]
    public async Task What_is_no_bounce_is_kept_with_its_bytes_and_shown_as_what_it_is(string name, string kind)
    {
        await using var alerts = await TestAlerts.StartAsync();
        var added = (await alerts.Get<Reports>().AddAsync(ReportReaderTests.Bytes(name), FromApi, Stop))!;
        Assert.Equal((kind, true), (Assert.Single(added.Reports).Kind, added.Reports[0].HasContent));
        Assert.Equal(ReportReaderTests.Bytes(name), await alerts.Get<Reports>().ContentAsync(added.Reports[0].Id, Stop));
        Assert.Equal(kind is "unread" or "receipt" or "complaint" && name != "letter", await alerts.Get<Reports>().AddAsync((byte[])[.. ReportReaderTests.Bytes(name), (byte)'\n'], new ReportOrigin("mailbox", "m365"), Stop) is not null);
    }

    [Fact]
    public async Task Lists_are_filtered_and_walked_by_cursor()
    {
        await using var alerts = await TestAlerts.StartAsync();
        var id = await SentAsync(alerts, "bob@example.net", "carol@example.net");
        foreach (var (action, status, to) in new[] { ("failed", "5.1.1", "bob@example.net"), ("delayed", "4.2.2", "carol@example.net"), ("failed", "5.7.1", "carol@example.net") })
        {
            await AddAsync(alerts, Report(action, status, to, envelope: id));
            alerts.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        var reports = alerts.Get<Reports>();
        Assert.Equal(["5.7.1", "4.2.2", "5.1.1"], (await reports.ListAsync(new ReportFilter(), Stop)).Select(one => one.Status));
        Assert.Equal(["policy", "address"], (await reports.ListAsync(new ReportFilter(Kind: "bounce"), Stop)).Select(one => one.Class));
        Assert.Equal(["full"], (await reports.ListAsync(new ReportFilter(Class: "full"), Stop)).Select(one => one.Class));
        Assert.Equal(2, (await reports.ListAsync(new ReportFilter(Address: "CAROL@example.net"), Stop)).Count);
        var first = (await reports.ListAsync(new ReportFilter(Limit: 1), Stop)).Single();
        Assert.Equal("4.2.2", (await reports.ListAsync(new ReportFilter(Cursor: first.Id, Limit: 1), Stop)).Single().Status);
    }

    [Theory]
    [InlineData("5.1.1", "", true)]
    [InlineData("5.1.10", "", true)]
    [InlineData("5.4.1", "550 5.4.1 Recipient address rejected: Access denied", true)]
    [InlineData("5.4.1", "connection timed out", false)]
    [InlineData("5.2.2", "", false)]
    [InlineData("5.7.1", "", false)]
    public async Task An_address_that_does_not_exist_goes_on_the_suppression_list(string status, string said, bool listed)
    {
        await using var alerts = await TestAlerts.StartAsync();
        var id = await SentAsync(alerts, "Bob@Example.net");
        await AddAsync(alerts, Report("failed", status, "robert@elsewhere.example", envelope: id, original: "Bob@Example.net", said: said));
        var list = await alerts.Get<SuppressionList>().ListAsync(null, null, 10, Stop);
        Assert.Equal(listed ? [("bob@example.net", "bounce", id)] : [], list.Select(one => (one.Address, one.Reason, one.MessageId!)));
    }

    [Fact]
    public async Task An_installation_may_do_without_that()
    {
        await using var alerts = await TestAlerts.StartAsync();
        alerts.Get<IOptions<MailOptions>>().Value.SuppressBounced = false;
        var id = await SentAsync(alerts, "bob@example.net");
        await AddAsync(alerts, Report("failed", "5.1.1", "bob@example.net", envelope: id));
        Assert.Empty(await alerts.Get<SuppressionList>().ListAsync(null, null, 10, Stop));
    }

    [Fact]
    public async Task What_is_no_longer_kept_is_deleted_the_bytes_before_the_rest()
    {
        await using var alerts = await TestAlerts.StartAsync();
        var id = await SentAsync(alerts, "bob@example.net");
        var report = (await AddAsync(alerts, Report("failed", "5.1.1", "bob@example.net", envelope: id))).Reports[0];
        var (retention, reports) = (alerts.Get<Retention>(), alerts.Get<Reports>());
        alerts.Clock.Advance(TimeSpan.FromDays(31));
        Assert.Equal(1, (await retention.DeleteReportContentAsync("", Stop)).Count);
        Assert.Equal(0, (await retention.DeleteReportsAsync("", Stop)).Count);
        Assert.Equal((false, null), ((await reports.FindAsync(report.Id, Stop))!.HasContent, await reports.ContentAsync(report.Id, Stop)));
        alerts.Clock.Advance(TimeSpan.FromDays(340));
        Assert.Equal(1, (await retention.DeleteReportsAsync("", Stop)).Count);
        Assert.Null(await reports.FindAsync(report.Id, Stop));
    }

    [Fact]
    public async Task A_mailbox_is_read_by_one_node_at_a_time_and_no_more_often_than_it_should()
    {
        await using var alerts = await TestAlerts.StartAsync();
        var (options, clock) = (alerts.Get<IOptions<MailOptions>>(), alerts.Clock);
        var mine = alerts.Get<ReportMailboxes>();
        var theirs = new ReportMailboxes(alerts.Database, new MessageQueue(alerts.Database, alerts.Get<SuppressionList>(), clock, options), clock, options);
        Assert.NotNull(await mine.TakeAsync("p", Stop));
        Assert.Null(await theirs.TakeAsync("p", Stop));
        await mine.ReachedAsync("p", 7, 42, 3);
        await mine.LookedAsync("p", new MailboxTrouble("It rained.", "Wait."));
        Assert.Null(await theirs.TakeAsync("p", Stop));
        clock.Advance(options.Value.ReadReportsEvery);
        var next = (await theirs.TakeAsync("p", Stop))!;
        Assert.Equal((7, 42, 3, "It rained."), (next.UidValidity, next.LastUid, next.Found, next.Trouble));
        // One that dies with it in hand gives way; what it says afterwards does not count.
        clock.Advance(TimeSpan.FromMinutes(6));
        Assert.NotNull(await mine.TakeAsync("p", Stop));
        await theirs.ReachedAsync("p", 7, 99, 1);
        await mine.LookedAsync("p", null);
        var last = (await mine.FindAsync("p", Stop))!;
        Assert.Equal((42, 3, null), (last.LastUid, last.Found, last.Trouble));
    }

    [Theory]
    [InlineData("Content-Type: Multipart/Report; report-type=delivery-status", true)]
    [InlineData("From: MAILER-DAEMON@mx.example.net", true)]
    [InlineData("Return-Path: <>", true)]
    [InlineData("X-Failed-Recipients: bob@example.net", true)]
    [InlineData("From: Bob <bob@example.net>", false)]
    [InlineData("From: \"postmaster@example.net\" <bob@example.net>", false)]
    [InlineData("X-Other: 1", false)]
    public void Only_what_may_be_a_report_is_fetched_from_a_mailbox(string header, bool fetched)
    {
        using var text = new MemoryStream(Encoding.ASCII.GetBytes(header + "\r\n\r\n"));
        Assert.Equal(fetched, MailboxReader.MayBeReport(MimeKit.HeaderList.Load(text, Stop)));
    }

    [Theory]
    [InlineData("imap.example.org:993", "imap.example.org", 993)]
    [InlineData("[2001:db8::1]:993", "2001:db8::1", 993)]
    [InlineData("imap.example.org", null, 0)]
    [InlineData("imap.example.org:0", null, 0)]
    [InlineData("imap example:993", null, 0)]
    [InlineData(":993", null, 0)]
    public void An_IMAP_server_is_a_host_and_a_port(string text, string? host, int port) =>
        Assert.Equal(host is null ? null : (host, port), Postrider.Accounts.Providers.ImapServer.Parse(text));

    [Theory]
    [InlineData("https://outlook.office.com/SMTP.Send offline_access", "https://outlook.office.com/IMAP.AccessAsUser.All")]
    [InlineData("https://outlook.office365.us/SMTP.Send offline_access", "https://outlook.office365.us/IMAP.AccessAsUser.All")]
    [InlineData("https://outlook.office.com/SMTP.Send https://outlook.office.com/IMAP.AccessAsUser.All", null)]
    [InlineData("https://outlook.office365.com/.default", null)]
    public void A_Microsoft_mailbox_is_read_with_a_scope_of_its_own(string scope, string? missing) =>
        Assert.Equal(missing, Postrider.Accounts.Providers.ImapServer.ScopeMissing(new Postrider.Accounts.Providers.ProviderSettings { Type = "microsoft", Scope = scope }));

    internal static NewMessage New(TestAlerts alerts, params string[] to)
    {
        var id = MessageIds.New(alerts.Clock);
        return new NewMessage
        {
            Id = id, ProviderId = "provider-1", Source = "smtp", MailFrom = "app@example.org", Recipients = to, HeaderFrom = "app@example.org", Subject = "Invoice", HeaderId = $"<{id}@example.org>",
            Content = StoredBytes.From("Subject: Invoice\r\n\r\nHello\r\n"u8.ToArray()),
        };
    }

    /// <returns>The id of a message that the provider has taken.</returns>
    private static async Task<string> SentAsync(TestAlerts alerts, params string[] to)
    {
        var (queue, message) = (alerts.Get<MessageQueue>(), New(alerts, to));
        await queue.AddAsync(message, Stop);
        var claimed = Assert.Single(await queue.ClaimAsync("provider-1", 1, Stop));
        await queue.RecordAsync(claimed, new AttemptOutcome
        {
            StartedAt = alerts.Clock.GetUtcNow(), Reply = "250 2.0.0 OK", RemoteId = $"<{message.Id}@outlook.example>", NextAttemptAt = alerts.Clock.GetUtcNow(),
            Recipients = [.. claimed.Recipients.Select(one => new RecipientOutcome(one.Number, OutcomeKind.Sent, "250 2.0.0 OK"))],
        });
        alerts.Clock.Advance(TimeSpan.FromSeconds(2));
        return message.Id;
    }

    private static async Task<StoredMessage> ShowAsync(TestAlerts alerts, string id) => (await alerts.Get<MessageHistory>().FindAsync(id, Stop))!;

    private static async Task<ReportsAdded> AddAsync(TestAlerts alerts, string report) => (await alerts.Get<Reports>().AddAsync(Encoding.UTF8.GetBytes(report), FromApi, Stop))!;

    internal static string Report(string action, string status, string recipient, string? envelope = null, string? original = null, string returned = "", string subject = "Undelivered", string more = "", string said = "") => $"""
        Return-Path: <>
        From: MAILER-DAEMON@mx.example.net
        To: app@example.org
        Subject: {subject}
        {more}MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary=b

        --b
        Content-Type: text/plain

        Sorry.
        --b
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example.net
        {(envelope is null ? "X-Nothing: 1" : $"Original-Envelope-Id: {envelope}")}

        Final-Recipient: rfc822; {recipient}
        Original-Recipient: rfc822; {original ?? recipient}
        Action: {action}
        Status: {status}
        Diagnostic-Code: smtp; {(said.Length > 0 ? said : $"550 {status} said the server")}

        --b
        Content-Type: text/rfc822-headers

        {(returned.Length > 0 ? returned : "X-Nothing: 1")}

        --b--
        """;
}
