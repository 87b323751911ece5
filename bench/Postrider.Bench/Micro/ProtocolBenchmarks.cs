using BenchmarkDotNet.Attributes;
using Postrider.Accounts.Failures;
using Postrider.Smtp;
using SmtpStage = Postrider.Accounts.Failures.SmtpStage;

namespace Postrider.Bench.Micro;

/// <summary>Reading a command, and saying what a reply means.</summary>
[MemoryDiagnoser]
public class ProtocolBenchmarks
{
    private readonly byte[] mail = "MAIL FROM:<noreply@contoso.example> SIZE=4096 BODY=8BITMIME"u8.ToArray(), rcpt = "RCPT TO:<someone@example.org>"u8.ToArray();
    private readonly FailureCatalog catalog = FailureCatalog.Default;

    [Benchmark]
    public SmtpCommand ParseMail() => SmtpCommandParser.Parse(mail);

    [Benchmark]
    public SmtpCommand ParseRcpt() => SmtpCommandParser.Parse(rcpt);

    [Benchmark]
    public object ClassifyKnownReply() => catalog.ForReply("microsoft", SmtpStage.Auth, 535, "5.7.139", "Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.");

    [Benchmark]
    public object ClassifyUnknownReply() => catalog.ForReply("microsoft", SmtpStage.Final, 554, "5.9.9", "Something that nobody has seen yet");
}
