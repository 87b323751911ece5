using System.Text;
using Postrider.Client;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.EndToEnd.Foreign;

/// <summary>Programs that people have: what they hand in at the SMTP doors reaches the provider.</summary>
public sealed class ClientProgramTests : IAsyncLifetime
{
    private const string To = "someone@example.org";
    private readonly ServerDirectory directory = new();
    private TestAuthority authority = null!;
    private Installation installation = null!;
    private ClientCreated client = null!;

    public async ValueTask InitializeAsync()
    {
        authority = new TestAuthority(directory);
        installation = await Installation.StartAsync(arguments:
            ["--smtps", "127.0.0.1:0", "--smtp-certificate", authority.CertificateFile, "--smtp-certificate-key", authority.KeyFile]);
        client = await installation.Gateway.Api.Clients.AddAsync(new ClientInput { Name = "printer" }, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Swaks_sends_without_a_password_from_the_same_machine()
    {
        await SwaksAsync(0, "--header", "Subject: plain");
        Assert.Equal("plain", (await ArrivedAsync(1))[0].Subject);
    }

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    public async Task Swaks_signs_in_over_STARTTLS_and_sends_an_attachment(string mechanism)
    {
        var bytes = Enumerable.Range(0, 100_000).Select(at => (byte)(at * 7)).ToArray();
        await File.WriteAllBytesAsync(directory["scan.pdf"], bytes, TestContext.Current.CancellationToken);
        await SwaksAsync(0, ["--tls-verify", "--tls-ca-path", authority.CaFile, "--tls", "--auth", mechanism, "--auth-user", client.UserName, "--auth-password", client.Password,
            "--header", "Subject: scan", "--body", "See the scan.", "--attach-type", "application/pdf", "--attach", "@" + directory["scan.pdf"]]);

        var message = Assert.Single(await ArrivedAsync(1));
        using var raw = new MemoryStream(installation.Simulator.State.Messages.Raw(message.Id)!);
        var mail = await MimeKit.MimeMessage.LoadAsync(raw, TestContext.Current.CancellationToken);
        using var attachment = new MemoryStream();
        await ((MimeKit.MimePart)Assert.Single(mail.Attachments)).Content!.DecodeToAsync(attachment, TestContext.Current.CancellationToken);
        Assert.Equal(bytes, attachment.ToArray());
        Assert.Contains("with ESMTPSA", mail.Headers[MimeKit.HeaderId.Received], StringComparison.Ordinal);
        await HandedInByPrinterAsync();
    }

    [Fact]
    public async Task Swaks_is_refused_with_a_wrong_password()
    {
        var said = await SwaksAsync(28, "--tls", "--auth", "PLAIN", "--auth-user", client.UserName, "--auth-password", "wrong");
        Assert.Contains("535 5.7.8", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plain", true)]
    [InlineData("login", false)]
    public async Task Msmtp_signs_in_and_sends(string mechanism, bool startTls)
    {
        var gateway = installation.Gateway;
        var settings = directory.File("msmtprc", $"""
            account default
            host localhost
            port {(startTls ? gateway.Smtp : gateway.Smtps!).Port}
            from {Installation.Mailbox}
            tls on
            tls_starttls {(startTls ? "on" : "off")}
            tls_trust_file {authority.CaFile}
            auth {mechanism}
            user {client.UserName}
            password {client.Password}

            """);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(settings, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var (exitCode, output) = await ForeignProgram.RunAsync("msmtp", "msmtp", $"From: {Installation.Mailbox}\nTo: {To}\nSubject: by msmtp\n\n.\nGrüße\n", "-C", settings, "-t");
        Assert.True(exitCode == 0, output);

        var message = Assert.Single(await ArrivedAsync(1));
        Assert.Equal("by msmtp", message.Subject);
        Assert.EndsWith("\r\n\r\n.\r\nGrüße\r\n", Encoding.UTF8.GetString(installation.Simulator.State.Messages.Raw(message.Id)!), StringComparison.Ordinal);
        await HandedInByPrinterAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Smtp_source_hands_in_many_messages_at_once_and_none_is_lost_or_doubled(bool keepsConnections)
    {
        const int count = 200, length = 4096;
        var (exitCode, output) = await ForeignProgram.RunAsync("smtp-source", "postfix", "", [.. keepsConnections ? ["-d"] : Array.Empty<string>(), "-s", "10", "-m", $"{count}", "-l", $"{length}",
            "-f", Installation.Mailbox, "-t", To, $"127.0.0.1:{installation.Gateway.Smtp.Port}"]);
        Assert.True(exitCode == 0, output);

        var arrived = await ArrivedAsync(count);
        await GatewayProcess.EventuallyAsync(async () => (await installation.Gateway.Api.Messages.PageAsync(new MessageFilter { State = "queued" })).Items.Count
            + (await installation.Gateway.Api.Messages.PageAsync(new MessageFilter { State = "sending" })).Items.Count == 0 ? output : null, "the queue is empty");
        Assert.Equal(count, installation.Simulator.State.Messages.Count);
        Assert.Equal(count, arrived.Select(message => message.MessageId).Distinct().Count());
        Assert.All(arrived, message => Assert.True(message.Size > length && message.To.SequenceEqual([To])));
    }

    private async Task<string> SwaksAsync(int expected, params string[] arguments)
    {
        var (exitCode, output) = await ForeignProgram.RunAsync("swaks", "swaks libnet-ssleay-perl", "",
            ["--server", "localhost", "--port", $"{installation.Gateway.Smtp.Port}", "--from", Installation.Mailbox, "--to", To, .. arguments]);
        Assert.False(output.Contains("requires Net::SSLeay", StringComparison.Ordinal), "swaks cannot speak TLS. Install: apt-get install libnet-ssleay-perl");
        Assert.True(exitCode == expected, output);
        return output;
    }

    private async Task<IReadOnlyList<ReceivedMessage>> ArrivedAsync(int count)
    {
        var mailbox = installation.Simulator.State.Messages;
        await mailbox.ArrivedAsync(count, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        return mailbox.Read();
    }

    private async Task HandedInByPrinterAsync() => Assert.Equal("printer",
        Assert.Single((await installation.Gateway.Api.Messages.PageAsync(new MessageFilter(), cancellation: TestContext.Current.CancellationToken)).Items).Client);

    public async ValueTask DisposeAsync()
    {
        await installation.DisposeAsync();
        directory.Dispose();
    }
}
