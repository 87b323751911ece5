using System.Text;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Postrider.Simulator;

namespace Postrider.Tests.Simulator;

public sealed class SmtpTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_sent_with_XOAUTH2_arrives_byte_for_byte()
    {
        await using var simulator = await SimulatorClient.StartAsync();
        using var client = await simulator.SignInAsync();
        var message = SimulatorClient.Message("someone@example.org");
        var reply = await client.SendAsync(message, Cancellation);

        var received = Assert.Single(simulator.App.State.Messages.Read());
        Assert.Equal($"2.0.0 OK <{message.MessageId}> [Hostname=SIMULATOR.PROD.OUTLOOK.COM]", reply);
        Assert.Equal(["someone@example.org"], received.To);
        Assert.Equal("XOAUTH2", received.Mechanism);
        Assert.Equal("TLSv1.3", received.TlsVersion);
        Assert.Contains("Hello\r\n.\r\nworld", Encoding.UTF8.GetString(simulator.App.State.Messages.Raw(1)!));
    }

    [Fact]
    public async Task Capabilities_are_Exchanges_and_can_be_hidden()
    {
        await using var simulator = await SimulatorClient.StartAsync();
        using var raw = await RawSmtp.ConnectAsync(simulator.App.SmtpPort);
        var clear = await raw.SayAsync("EHLO raw.example");
        Assert.Contains("250-SIZE 157286400\r\n250-PIPELINING\r\n250-DSN\r\n250-ENHANCEDSTATUSCODES\r\n250-STARTTLS\r\n250-8BITMIME\r\n250-BINARYMIME\r\n250-CHUNKING\r\n250 SMTPUTF8\r\n", clear);
        simulator.App.State.Smtp = simulator.App.State.Smtp with { Hide = ["CHUNKING", "SMTPUTF8"] };
        using var client = await simulator.ConnectAsync();
        Assert.False(client.Capabilities.HasFlag(SmtpCapabilities.Chunking));
        Assert.Equal(["LOGIN", "XOAUTH2"], client.AuthenticationMechanisms.Order());
    }

    [Fact]
    public async Task Tokens_for_Graph_for_others_and_changed_ones_are_5_7_3()
    {
        await using var simulator = await SimulatorClient.StartAsync();
        var good = await simulator.AccessTokenAsync();
        foreach (var (mailbox, token) in new[]
        {
            (Seed.NoReply, await simulator.AccessTokenAsync("SMTP.Send")),
            (Seed.Alerts, good),
            (Seed.NoReply, good[..^4] + "AAAA"),
        })
        {
            using var client = await simulator.ConnectAsync();
            var refused = await Assert.ThrowsAsync<AuthenticationException>(() => client.AuthenticateAsync(new SaslMechanismOAuth2(mailbox, token), Cancellation));
            Assert.Contains("5.7.3", refused.Message);
        }
        Assert.Equal(3, simulator.App.State.Counters.Read().AuthFailures["XOAUTH2"]);
    }

    [Fact]
    public async Task A_shared_mailbox_and_an_application_may_sign_in_where_they_have_access()
    {
        await using var simulator = await SimulatorClient.StartAsync();
        using var person = await simulator.SignInAsync(Seed.Shared);
        await person.SendAsync(SimulatorClient.Message("a@example.org", Seed.Shared), Cancellation);
        var appOnly = (await simulator.TokenAsync("client_credentials", ("scope", "https://outlook.office365.com/.default")))["access_token"];
        using var application = await simulator.SignInAsync(Seed.Alerts, appOnly);
        await application.SendAsync(SimulatorClient.Message("a@example.org", Seed.Alerts), Cancellation);
        Assert.Equal([Seed.Shared, Seed.Alerts], simulator.App.State.Messages.Read().Select(m => m.Account));
    }

    [Fact]
    public async Task Google_refuses_a_token_with_a_challenge_first()
    {
        await using var simulator = await SimulatorClient.StartAsync();
        simulator.App.State.Smtp = simulator.App.State.Smtp with { ChallengeOnFailure = true };
        using var raw = await RawSmtp.ConnectAsync(simulator.App.SmtpPort);
        await raw.StartTlsAsync();
        await raw.SayAsync("EHLO raw.example");
        var challenge = await raw.SayAsync("AUTH XOAUTH2 " + Convert.ToBase64String("user=x\u0001auth=Bearer y\u0001\u0001"u8));
        Assert.Contains("\"status\":\"401\"", Encoding.UTF8.GetString(Convert.FromBase64String(challenge[4..].Trim())));
        Assert.StartsWith("535-5.7.8", await raw.SayAsync(""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OAUTHBEARER_and_passwords_work_where_they_are_offered()
    {
        await using var simulator = await SimulatorClient.StartAsync();
        simulator.App.State.Smtp = simulator.App.State.Smtp with { Mechanisms = ["PLAIN", "LOGIN", "OAUTHBEARER"], PasswordsAllowed = true };
        var token = await simulator.AccessTokenAsync();
        foreach (var mechanism in new SaslMechanism[]
        {
            new SaslMechanismOAuthBearer(Seed.NoReply, token),
            new SaslMechanismPlain(Seed.Alerts, "password of " + Seed.Alerts),
            new SaslMechanismLogin(Seed.Alerts, "password of " + Seed.Alerts),
        })
        {
            using var client = await simulator.ConnectAsync(implicitTls: true);
            await client.AuthenticateAsync(mechanism, Cancellation);
            Assert.True(client.IsAuthenticated);
        }
    }

    [Fact]
    public async Task Mail_needs_authentication_and_a_sender_of_ones_own()
    {
        await using var simulator = await SimulatorClient.StartAsync();
        using (var stranger = await RawSmtp.ConnectAsync(simulator.App.SmtpPort))
        {
            await stranger.SayAsync("EHLO raw.example");
            Assert.StartsWith("530 5.7.57", await stranger.SayAsync($"MAIL FROM:<{Seed.NoReply}>"), StringComparison.Ordinal);
        }
        using var raw = await simulator.RawAsync();
        Assert.StartsWith("550 5.7.60", await raw.SayAsync($"MAIL FROM:<{Seed.Alerts}>"), StringComparison.Ordinal);
        await raw.SayAsync($"MAIL FROM:<{Seed.NoReply}>");
        await raw.SayAsync("RCPT TO:<a@example.org>");
        await raw.SayAsync("DATA");
        Assert.StartsWith("554 5.2.252", await raw.SayAsync($"From: {Seed.Alerts}\r\n\r\nhello\r\n."), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pipelined_commands_and_chunks_in_one_write_are_answered_in_one_go()
    {
        await using var simulator = await SimulatorClient.StartAsync();
        using var raw = await simulator.RawAsync();
        var body = $"From: {Seed.NoReply}\r\nMessage-ID: <1@raw>\r\n\r\nhello\r\n";
        var text = $"MAIL FROM:<{Seed.NoReply}> BODY=8BITMIME ENVID=x\r\nRCPT TO:<a@example.org> NOTIFY=FAILURE\r\nBDAT 10\r\n{body[..10]}BDAT {body.Length - 10} LAST\r\n{body[10..]}NOOP";
        var replies = await raw.SayAsync(text, replies: 5);
        Assert.Equal(["250", "250", "250", "250", "250", ""], replies.Split("\r\n").Select(l => l.Length > 3 ? l[..3] : l));
        Assert.Contains("250 2.0.0 OK <1@raw>", replies);
        var message = Assert.Single(simulator.App.State.Messages.Read());
        Assert.Equal(body, Encoding.ASCII.GetString(simulator.App.State.Messages.Raw(1)!));
        Assert.True(message.Chunked);
        Assert.Equal("NOTIFY=FAILURE", message.RecipientParameters[0]);
    }

    [Theory]
    [InlineData("line\nend")]
    [InlineData("line\rend")]
    [InlineData("line\n.\nend")]
    public async Task A_bare_line_end_is_5_6_11_and_ends_nothing(string bad)
    {
        await using var simulator = await SimulatorClient.StartAsync();
        using var raw = await simulator.RawAsync();
        await raw.SayAsync($"MAIL FROM:<{Seed.NoReply}>");
        await raw.SayAsync("RCPT TO:<a@example.org>");
        await raw.SayAsync("DATA");
        Assert.StartsWith("550 5.6.11", await raw.SayAsync($"From: {Seed.NoReply}\r\n\r\n{bad}\r\n."), StringComparison.Ordinal);
        Assert.True(Assert.Single(simulator.App.State.Messages.Refused).BareLineEnds);
    }

    [Fact]
    public async Task Magic_recipients_are_refused_as_often_as_they_say()
    {
        await using var simulator = await SimulatorClient.StartAsync();
        using var client = await simulator.SignInAsync();
        var unknown = await Assert.ThrowsAsync<SmtpCommandException>(() => client.SendAsync(SimulatorClient.Message("550@example.org"), Cancellation));
        Assert.Contains("5.1.10", unknown.Message);

        var atRcpt = SimulatorClient.Message("451-2@example.org");
        await Assert.ThrowsAsync<SmtpCommandException>(() => client.SendAsync(atRcpt, Cancellation));
        await Assert.ThrowsAsync<SmtpCommandException>(() => client.SendAsync(atRcpt, Cancellation));
        await client.SendAsync(atRcpt, Cancellation);

        var atDot = SimulatorClient.Message("dot-452-1+tag@example.org");
        var busy = await Assert.ThrowsAsync<SmtpCommandException>(() => client.SendAsync(atDot, Cancellation));
        Assert.Equal(SmtpErrorCode.MessageNotAccepted, busy.ErrorCode);
        await client.SendAsync(atDot, Cancellation);
        Assert.Equal(2, simulator.App.State.Messages.Count);
        Assert.Single(simulator.App.State.Messages.Refused);
    }

    [Fact]
    public async Task A_dropped_message_is_recorded_as_received_without_a_reply()
    {
        await using var simulator = await SimulatorClient.StartAsync();
        var message = SimulatorClient.Message("drop-1@example.org");
        using (var client = await simulator.SignInAsync())
        {
            var lost = await Record.ExceptionAsync(() => client.SendAsync(message, Cancellation));
            Assert.True(lost is IOException or ProtocolException, lost?.ToString());
        }
        using (var client = await simulator.SignInAsync())
            await client.SendAsync(message, Cancellation);
        Assert.Equal([false, true], simulator.App.State.Messages.Read().Select(m => m.ReplySent));
    }

    [Fact]
    public async Task Exchanges_limits_can_be_switched_on()
    {
        await using var simulator = await SimulatorClient.StartAsync();
        simulator.App.State.Smtp = simulator.App.State.Smtp with { ConnectionsPerMailbox = 1, MessagesPerMinute = 1 };
        var token = await simulator.AccessTokenAsync();
        using var first = await simulator.SignInAsync(token: token);
        using var second = await simulator.ConnectAsync();
        var refused = await Record.ExceptionAsync(() => second.AuthenticateAsync(new SaslMechanismOAuth2(Seed.NoReply, token), Cancellation));
        Assert.Contains("4.3.2", refused!.ToString());
        await first.SendAsync(SimulatorClient.Message("a@example.org"), Cancellation);
        var tooFast = await Record.ExceptionAsync(() => first.SendAsync(SimulatorClient.Message("a@example.org"), Cancellation));
        Assert.Contains("submission rate", tooFast!.Message);
        var counters = simulator.App.State.Counters.Read();
        Assert.Equal(1, counters.Throttled["432"]);
        Assert.Equal(1, counters.Throttled["421"]);
        Assert.Equal(1, counters.MaxConnections[Seed.NoReply]);
    }

    [Fact]
    public async Task A_reply_can_be_forced_once_for_a_stage()
    {
        await using var simulator = await SimulatorClient.StartAsync();
        simulator.App.State.SmtpFaults.Add(new SmtpFault(SmtpStage.Auth, "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.", Times: 1));
        var token = await simulator.AccessTokenAsync();
        await Assert.ThrowsAsync<AuthenticationException>(() => simulator.SignInAsync(token: token));
        using var client = await simulator.SignInAsync(token: token);
        Assert.True(client.IsAuthenticated);
    }

    [Fact]
    public async Task Commands_sent_behind_STARTTLS_in_the_clear_are_forgotten()
    {
        await using var simulator = await SimulatorClient.StartAsync();
        using var raw = await RawSmtp.ConnectAsync(simulator.App.SmtpPort);
        await raw.SayAsync("EHLO raw.example");
        var reply = await raw.SayAsync("STARTTLS\r\nNOOP\r\nNOOP");
        Assert.Equal("220 2.0.0 SMTP server ready\r\n", reply);
    }

    [Theory]
    [InlineData(TlsFault.Expired)]
    [InlineData(TlsFault.WrongName)]
    [InlineData(TlsFault.SelfSigned)]
    [InlineData(TlsFault.NotOffered)]
    [InlineData(TlsFault.PlaintextReply)]
    [InlineData(TlsFault.ClosedInHandshake)]
    public async Task A_client_that_checks_refuses_each_TLS_fault(TlsFault fault)
    {
        await using var simulator = await SimulatorClient.StartAsync();
        using var authority = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificateFromFile(simulator.App.CaFile);
        async Task ConnectAsync()
        {
            using var client = new SmtpClient { CheckCertificateRevocation = false };
            client.ServerCertificateValidationCallback = (_, certificate, chain, errors) =>
            {
                using var own = new System.Security.Cryptography.X509Certificates.X509Chain();
                own.ChainPolicy.TrustMode = System.Security.Cryptography.X509Certificates.X509ChainTrustMode.CustomRootTrust;
                own.ChainPolicy.CustomTrustStore.Add(authority);
                own.ChainPolicy.RevocationMode = System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck;
                return !errors.HasFlag(System.Net.Security.SslPolicyErrors.RemoteCertificateNameMismatch)
                    && own.Build((System.Security.Cryptography.X509Certificates.X509Certificate2)certificate!);
            };
            await client.ConnectAsync("localhost", simulator.App.SmtpPort, SecureSocketOptions.StartTls, Cancellation);
        }
        await ConnectAsync();
        simulator.App.State.Smtp = simulator.App.State.Smtp with { Tls = fault };
        Assert.NotNull(await Record.ExceptionAsync(ConnectAsync));
    }
}
