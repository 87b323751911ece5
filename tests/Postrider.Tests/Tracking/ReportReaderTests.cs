using System.Text;
using CsCheck;
using Postrider.Mail.Tracking;

namespace Postrider.Tests.Tracking;

/// <summary>What comes back, as servers of many kinds write it.</summary>
public class ReportReaderTests
{
    private const string Id = "0190aaaabbbb7cccdddd000000000001";

    public static TheoryData<string> All => [.. Names()];

    private static IEnumerable<string> Names() => typeof(ReportReaderTests).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".eml", StringComparison.Ordinal)).Select(name => name.Split('.')[^2]);

    internal static byte[] Bytes(string name)
    {
        using var stream = typeof(ReportReaderTests).Assembly.GetManifestResourceStream($"Postrider.Tests.Tracking.Reports.{name}.eml")!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static ReadReport Read(string name) => ReportReader.Read(Bytes(name));

    [Theory]
    [InlineData("exchange", "bob@fabrikam.example", ReportAction.Failed, "5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient bob@fabrikam.example not found by SMTP address lookup")]
    [InlineData("postfix", "robert@example.net", ReportAction.Failed, "5.1.1", "550 5.1.1 <robert@example.net>: Recipient address rejected: User unknown")]
    [InlineData("postfix-delayed", "bob@example.net", ReportAction.Delayed, "4.4.1", "connect to example.net[192.0.2.9]:25: Connection timed out")]
    [InlineData("delivered-and-relayed", "bob@example.net", ReportAction.Delivered, "2.0.0", null)]
    [InlineData("international", "grüße@example.net", ReportAction.Failed, "5.6.7", null)]
    [InlineData("gmail", "nobody@gmail.example", ReportAction.Failed, "5.1.1", "550-5.1.1 The email account that you tried to reach does not exist. 550 5.1.1 https://support.google.com/mail/?p=NoSuchUser - gsmtp")]
    [InlineData("qmail", "bob@example.net", ReportAction.Failed, "5.1.1", "192.0.2.9 does not like recipient. Remote host said: 550 5.1.1 <bob@example.net>: User unknown Giving up on 192.0.2.9.")]
    [InlineData("exim", "bob@example.net", ReportAction.Failed, "5.1.1", null)]
    [InlineData("exim-delayed", "bob@example.net", ReportAction.Delayed, "4.7.1", null)]
    [InlineData("exchange-text", "bob@contoso.example", ReportAction.Failed, "5.1.1", "#<mail.contoso.example #5.1.1 smtp;550 5.1.1 RESOLVER.ADR.RecipNotFound; not found> #SMTP#")]
    [InlineData("without-status", "bob@odd.example", ReportAction.Failed, "5.7.1", null)]
    [InlineData("domino", "bob@domino.example", ReportAction.Failed, null, null)]
    [InlineData("utf-16", "bob@wide.example", ReportAction.Failed, "5.1.1", "No such user. (#5.1.1)")]
    public void A_report_names_its_recipient_what_became_of_it_and_why(string name, string address, ReportAction action, string? status, string? said)
    {
        var report = Read(name);
        Assert.Equal(ReportKind.Delivery, report.Kind);
        var first = report.Recipients[0];
        Assert.Equal((address, action, status), (first.Address, first.Action, first.Status));
        if (said is not null)
            Assert.Equal(said, first.Diagnostic);
    }

    [Fact]
    public void Each_recipient_of_a_report_stands_for_itself()
    {
        Assert.Equal([("robert@example.net", "bob@example.net", "5.1.1"), ("full@example.net", "full@example.net", "5.2.2")], Read("postfix").Recipients.Select(one => (one.Address, one.OriginalAddress, one.Status)));
        Assert.Equal([ReportAction.Delivered, ReportAction.Relayed, ReportAction.Expanded], Read("delivered-and-relayed").Recipients.Select(one => one.Action));
        Assert.Equal(["bob@example.net", "carol@example.net"], Read("qmail").Recipients.Select(one => one.Address));
        Assert.Equal([("bob@example.net", "5.1.1"), ("carol@example.net", null)], Read("exim").Recipients.Select(one => (one.Address, one.Status)));
    }

    [Fact]
    public void What_names_the_message_is_read_from_every_place_where_it_may_stand()
    {
        var exchange = Read("exchange");
        Assert.Equal(["<AM0PR01MB0001AAAA@AM0PR01MB0001.eurprd01.prod.outlook.com>", "<0190aaaa@erp.contoso.example>"], exchange.MessageIds);
        Assert.Equal((Id, "Rechnung 4711", "Unzustellbar: Rechnung 4711"), (exchange.TraceId, exchange.OriginalSubject, exchange.Subject));
        Assert.Equal(["<0190aaaa@erp.contoso.example>"], exchange.Thread);
        Assert.Equal(["noreply@contoso.example"], exchange.For);
        var postfix = Read("postfix");
        Assert.Equal((Id, "Grüße"), (postfix.EnvelopeId, postfix.OriginalSubject));
        Assert.Equal(["<one@example.org>"], postfix.MessageIds);
        Assert.Equal(["<four@example.org>"], Read("qmail").MessageIds);
        Assert.Equal(["<five@example.org>"], Read("exim").MessageIds);
        Assert.Equal(("Order 12", "<six@example.org>"), (Read("exchange-text").OriginalSubject, Read("exchange-text").MessageIds.Single()));
        Assert.Equal(["<ten@example.org>"], Read("utf-16").MessageIds);
        Assert.Equal(["<two@example.org>"], Read("international").MessageIds);
        Assert.Equal("grüße@example.net", Read("international").Recipients[0].OriginalAddress);
    }

    [Theory]
    [InlineData("out-of-office", ReportKind.Reply)]
    [InlineData("complaint", ReportKind.Complaint)]
    [InlineData("read", ReportKind.Receipt)]
    [InlineData("letter", ReportKind.None)]
    [InlineData("quota", ReportKind.Unread)]
    public void What_is_no_bounce_is_told_apart(string name, ReportKind kind)
    {
        var report = Read(name);
        Assert.Equal(kind, report.Kind);
        Assert.Empty(report.Recipients);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Whatever_is_cut_off_or_damaged_is_read_without_a_fault(string name)
    {
        var whole = Bytes(name);
        for (var length = 0; length < whole.Length; length += 41)
            Check(ReportReader.Read(whole.AsMemory(0, length)));
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte, Gen.Int[0, whole.Length - 1], Gen.Int[1, 400]).Array[1, 8].Sample(changes =>
        {
            var damaged = new List<byte>(whole);
            foreach (var (at, octet, from, length) in changes)
            {
                damaged[at % damaged.Count] = octet;
                damaged.InsertRange(at % damaged.Count, whole.Skip(from).Take(length));
            }
            Check(ReportReader.Read(damaged.ToArray()));
        }, iter: 60, threads: 1);
    }

    [Fact]
    public void Bytes_of_any_kind_are_read_in_a_time_that_grows_with_their_number()
    {
        Gen.Byte.Array[0, 4000].Sample(bytes => Check(ReportReader.Read(bytes)), iter: 200, threads: 1);
        foreach (var hostile in new[] { "<a@b.c>:\n", "-- copy of ", "a@", "5.1.1 ", "\\x{41}", "Message-ID: <", "(Postrider) with X id 0", "--b\n", "Content-Type: multipart/report; boundary=b\n\n--b\n" })
        {
            var text = "Return-Path: <>\nFrom: MAILER-DAEMON@x.example\nSubject: x\n\n" + string.Concat(Enumerable.Repeat(hostile, 2 * ReportReader.MostRead / hostile.Length));
            var watch = System.Diagnostics.Stopwatch.StartNew();
            Check(ReportReader.Read(Encoding.ASCII.GetBytes(text)));
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{hostile}: {watch.Elapsed}");
        }
    }

    private static void Check(ReadReport report)
    {
        var texts = report.Recipients.SelectMany(one => new[] { one.Address, one.OriginalAddress, one.Status, one.Diagnostic, one.RemoteServer })
            .Concat([report.Sender, report.Subject, report.OriginalSubject, report.EnvelopeId]).OfType<string>();
        Assert.All(texts, text => Assert.True(text.Length <= 1000 && !text.Any(char.IsControl), text));
        Assert.True(report.Recipients.Count <= 1000);
    }
}
