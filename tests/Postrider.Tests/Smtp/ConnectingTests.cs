using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Postrider.Smtp;

namespace Postrider.Tests.Smtp;

public sealed class ConnectingTests
{
    private const string ClearHello = "S: 220 mail.example\nC: EHLO client.example\nS: 250-mail.example\n";
    private const string StartTls = ClearHello + "S: 250 STARTTLS\nC: STARTTLS\nS: 220 go\ntls\nC: EHLO client.example\nS: 250-mail.example\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Starttls_forgets_what_was_said_in_clear_text()
    {
        await using var server = ScriptedServer.Play("S: 220 mail.example\nC: EHLO client.example\nS: 250-mail.example\nS: 250-SIZE 5\nS: 250-AUTH PLAIN\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\ntls\n"
            + "C: EHLO client.example\nS: 250-mail.example\nS: 250 AUTH XOAUTH2\nC: QUIT\nS: 221 bye", TestCertificates.Good);
        await using var session = await server.ConnectAsync(SmtpSecurity.StartTls);
        Assert.Equal(["XOAUTH2"], session.Capabilities.AuthMechanisms);
        Assert.False(session.Capabilities.DeclaresSize);
        Assert.True(session.TlsProtocol is SslProtocols.Tls12 or SslProtocols.Tls13);
        Assert.Equal("CN=localhost", session.RemoteCertificate!.Subject);
        Assert.Equal([("CN=localhost", true, null), ("CN=Postrider test CA", false, null)], session.RemoteChain.Select(one => (one.Certificate.Subject, one.IsShown, one.Wrong)));
        Assert.Equal("mail.example", session.Greeting.Text);
        await session.QuitAsync(Cancellation);
        await server.Finished;
    }

    [Fact]
    public async Task Implicit_tls_speaks_no_clear_text()
    {
        await using var server = ScriptedServer.Play("tls\nS: 220 mail.example\nC: EHLO client.example\nS: 250 mail.example\nC: MAIL *\nS: 550 no", TestCertificates.Good);
        await using var session = await server.ConnectAsync(SmtpSecurity.Tls);
        Assert.NotNull(session.TlsProtocol);
        Assert.Equal(550, (await session.SendAsync(new("a@example.org", ["b@example.org"]), MessageContent.FromMemory("a\r\n"u8.ToArray()), _ => throw new InvalidOperationException(), Cancellation)).MailReply!.Code);
    }

    public static TheoryData<string, string, SmtpFault> BadTls => new()
    {
        { "Expired", StartTls, SmtpFault.CertificateExpired },
        { "WrongName", StartTls, SmtpFault.CertificateNameMismatch },
        { "SelfSigned", StartTls, SmtpFault.CertificateUntrusted },
        { "UnknownAuthority", StartTls, SmtpFault.CertificateUntrusted },
        { "Good", ClearHello + "S: 250 AUTH PLAIN LOGIN\nhang", SmtpFault.NoStartTls },
        { "Good", ClearHello + "S: 250 STARTTLS\nC: STARTTLS\nS: 454 4.7.0 not now\nhang", SmtpFault.NoStartTls },
        { "Good", ClearHello + "S: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nS: 250-injected\nhang", SmtpFault.InjectedBytes },
        { "Good", ClearHello + "S: 250 STARTTLS\nC: STARTTLS\nraw: 220 go\\r\\n2\nhang", SmtpFault.InjectedBytes },
        { "Good", ClearHello + "S: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nclose", SmtpFault.Closed },
    };

    [Theory]
    [MemberData(nameof(BadTls))]
    public async Task Every_tls_fault_fails_closed_with_no_credential_and_no_mail_in_clear_text(string certificate, string script, SmtpFault fault)
    {
        await using var server = ScriptedServer.Play(script, (X509Certificate2)typeof(TestCertificates).GetProperty(certificate)!.GetValue(null)!);
        var error = await Assert.ThrowsAsync<SmtpConnectionException>(() => server.ConnectAsync(SmtpSecurity.StartTls));
        Assert.Equal((SmtpStage.Tls, fault), (error.Stage, error.Fault));
        Assert.NotEmpty(error.Message);
        var wrong = certificate switch { "Expired" => "outside its validity", "WrongName" => "another name", "SelfSigned" => "not trusted on this machine", "UnknownAuthority" => "issuer was not shown", _ => null };
        Assert.Equal(wrong is not null, error.Chain.Any(one => one.Wrong?.Contains(wrong!, StringComparison.Ordinal) == true));
        var clear = server.ClearText.ToString();
        Assert.DoesNotContain("AUTH", clear, StringComparison.Ordinal);
        Assert.DoesNotContain("MAIL", clear, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_authority_is_not_trusted_because_others_were_added()
    {
        await using var server = ScriptedServer.Play("tls", TestCertificates.Good);
        var error = await Assert.ThrowsAsync<SmtpConnectionException>(() => server.ConnectAsync(SmtpSecurity.Tls, new SmtpClientOptions { LocalName = "client.example" }));
        Assert.Equal(SmtpFault.CertificateUntrusted, error.Fault);
    }

    [Fact]
    public async Task Old_tls_is_refused()
    {
#pragma warning disable SYSLIB0039, CA5397 // The old protocol is what this test is about.
        await using var server = ScriptedServer.Play("tls", TestCertificates.Good, SslProtocols.Tls11);
#pragma warning restore SYSLIB0039, CA5397
        var error = await Assert.ThrowsAsync<SmtpConnectionException>(() => server.ConnectAsync(SmtpSecurity.Tls));
        Assert.Equal(SmtpStage.Tls, error.Stage);
    }

    [Fact]
    public async Task A_server_without_ehlo_is_greeted_with_helo_in_clear_text_only()
    {
        await using var server = ScriptedServer.Play("S: 220 old\nC: EHLO client.example\nS: 502 what\nC: HELO client.example\nS: 250 hello\nhang");
        await using var session = await server.ConnectAsync();
        Assert.Same(SmtpCapabilities.None, session.Capabilities);
        await using var other = ScriptedServer.Play("S: 220 old\nC: EHLO client.example\nS: 502 what\nhang");
        var error = await Assert.ThrowsAsync<SmtpConnectionException>(() => other.ConnectAsync(SmtpSecurity.StartTls));
        Assert.Equal((SmtpStage.Ehlo, 502), (error.Stage, error.Reply!.Code));
    }

    [Theory]
    [InlineData("S: 421 4.3.2 busy\nclose", SmtpStage.Greeting, SmtpFault.Refused)]
    [InlineData("S: 554 5.7.1 go away\nclose", SmtpStage.Greeting, SmtpFault.Refused)]
    [InlineData("S: SSH-2.0-OpenSSH_9\nclose", SmtpStage.Greeting, SmtpFault.NotSmtp)]
    [InlineData("close", SmtpStage.Greeting, SmtpFault.Closed)]
    [InlineData("hang", SmtpStage.Greeting, SmtpFault.TimedOut)]
    [InlineData("S: 220 hi\nC: EHLO *\nclose", SmtpStage.Ehlo, SmtpFault.Closed)]
    [InlineData("S: 220 hi\nC: EHLO *\nS: 421 4.3.2 busy\nclose", SmtpStage.Ehlo, SmtpFault.Refused)]
    public async Task A_session_that_does_not_begin_says_where_and_why(string script, SmtpStage stage, SmtpFault fault)
    {
        await using var server = ScriptedServer.Play(script);
        var error = await Assert.ThrowsAsync<SmtpConnectionException>(() => server.ConnectAsync(options: ScriptedServer.Options(new SmtpTimeouts { Greeting = TimeSpan.FromMilliseconds(200) })));
        Assert.Equal((stage, fault), (error.Stage, error.Fault));
        Assert.Equal(fault == SmtpFault.Refused, error.Reply is not null);
    }

    [Fact]
    public async Task A_name_without_address_and_a_port_without_listener_are_told_apart()
    {
        var unknown = await Assert.ThrowsAsync<SmtpConnectionException>(() => SmtpClientSession.ConnectAsync(new("no-such-host.invalid", 25, SmtpSecurity.None), ScriptedServer.Options(), Cancellation));
        Assert.Equal((SmtpStage.Resolve, SmtpFault.NotResolved), (unknown.Stage, unknown.Fault));
        var closed = await Assert.ThrowsAsync<SmtpConnectionException>(() => SmtpClientSession.ConnectAsync(new("127.0.0.1", 1, SmtpSecurity.None), ScriptedServer.Options(), Cancellation));
        Assert.Equal((SmtpStage.Connect, SmtpFault.Unreachable), (closed.Stage, closed.Fault));
        var forbidden = await Assert.ThrowsAsync<SmtpConnectionException>(() => SmtpClientSession.ConnectAsync(new("localhost", 1, SmtpSecurity.None), new SmtpClientOptions { IsAddressAllowed = address => !IPAddress.IsLoopback(address) }, Cancellation));
        Assert.Equal(SmtpStage.Resolve, forbidden.Stage);
    }

    [Fact]
    public async Task A_short_token_rides_on_the_auth_line_and_a_long_one_follows_the_prompt()
    {
        await using var server = ScriptedServer.Play(StartTls + "S: 250 AUTH LOGIN XOAUTH2\nC: AUTH XOAUTH2 *\nS: 235 2.7.0 ok", TestCertificates.Good);
        await using var session = await server.ConnectAsync(SmtpSecurity.StartTls);
        Assert.Equal(235, (await session.AuthenticateAsync(new SmtpCredential.OAuth("a@example.org", "short"), Cancellation)).Code);
        Assert.Equal("XOAUTH2", session.AuthenticationMechanism);

        var token = new string('t', 2500);
        await using var other = ScriptedServer.Play(StartTls + "S: 250 AUTH LOGIN XOAUTH2\nC: AUTH XOAUTH2\nS: 334 \nC: dXNlcj1h*\nS: 235 2.7.0 ok", TestCertificates.Good);
        await using var second = await other.ConnectAsync(SmtpSecurity.StartTls);
        Assert.Equal(235, (await second.AuthenticateAsync(new SmtpCredential.OAuth("a@example.org", token), Cancellation)).Code);
        Assert.Equal($"user=a@example.org\u0001auth=Bearer {token}\u0001\u0001", Encoding.ASCII.GetString(Convert.FromBase64String(other.Transcript.Trim().Split('\n')[^1])));
    }

    [Theory]
    [InlineData("XOAUTH2", "")]
    [InlineData("OAUTHBEARER", "AQ==")]
    public async Task The_json_of_a_failed_oauth_exchange_is_kept_and_answered(string mechanism, string answer)
    {
        var json = """{"status":"401","schemes":"bearer mac","scope":"https://mail.google.com/"}""";
        await using var server = ScriptedServer.Play(StartTls + $"S: 250 AUTH {mechanism}\nC: AUTH {mechanism} *\nS: 334 {Convert.ToBase64String(Encoding.ASCII.GetBytes(json))}\nC: {answer}\nS: 535-5.7.8 Username and Password not accepted.\nS: 535 5.7.8 x\nC: NOOP\nS: 250 ok", TestCertificates.Good);
        await using var session = await server.ConnectAsync(SmtpSecurity.StartTls);
        var reply = await session.AuthenticateAsync(new SmtpCredential.OAuth("a@example.org", "bad"), Cancellation);
        Assert.Equal((535, "5.7.8", json), (reply.Code, reply.Enhanced.ToString(), reply.Challenge));
        Assert.Null(session.AuthenticationMechanism);
        Assert.True((await session.NoopAsync(Cancellation)).IsPositive);
        await server.Finished;
    }

    [Fact]
    public async Task Exchange_says_535_at_once()
    {
        await using var server = ScriptedServer.Play(StartTls + "S: 250 AUTH XOAUTH2\nC: AUTH XOAUTH2 *\nS: 535 5.7.3 Authentication unsuccessful [X]", TestCertificates.Good);
        await using var session = await server.ConnectAsync(SmtpSecurity.StartTls);
        var reply = await session.AuthenticateAsync(new SmtpCredential.OAuth("a@example.org", "bad"), Cancellation);
        Assert.Equal("535 5.7.3 Authentication unsuccessful [X]", reply.Verbatim);
        Assert.False(reply.IsLocal);
    }

    [Fact]
    public async Task Passwords_go_by_plain_or_else_by_login()
    {
        await using var server = ScriptedServer.Play(StartTls + "S: 250 AUTH LOGIN PLAIN\nC: AUTH PLAIN AHVzZXIAc2VjcmV0\nS: 235 ok", TestCertificates.Good);
        await using var session = await server.ConnectAsync(SmtpSecurity.StartTls);
        Assert.True((await session.AuthenticateAsync(new SmtpCredential.Password("user", "secret"), Cancellation)).IsPositive);
        await using var other = ScriptedServer.Play(StartTls + "S: 250 AUTH LOGIN\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: dXNlcg==\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0\nS: 235 ok", TestCertificates.Good);
        await using var second = await other.ConnectAsync(SmtpSecurity.StartTls);
        Assert.True((await second.AuthenticateAsync(new SmtpCredential.Password("user", "secret"), Cancellation)).IsPositive);
    }

    [Fact]
    public async Task Nothing_usable_offered_is_our_own_answer_and_not_the_servers()
    {
        await using var server = ScriptedServer.Play(StartTls + "S: 250 AUTH PLAIN LOGIN\nC: QUIT\nS: 221 bye", TestCertificates.Good);
        await using var session = await server.ConnectAsync(SmtpSecurity.StartTls);
        var reply = await session.AuthenticateAsync(new SmtpCredential.OAuth("a@example.org", "token"), Cancellation);
        Assert.True(reply is { IsLocal: true, Code: 504 });
        Assert.Contains("PLAIN LOGIN", reply.Text, StringComparison.Ordinal);
        Assert.True((await session.AuthenticateAsync(new SmtpCredential.OAuth("a@example.org\u0001auth=x", "token"), Cancellation)) is { IsLocal: true, Code: 501 });
        await session.QuitAsync(Cancellation);
        await server.Finished;
    }

    [Theory]
    [InlineData("C: AUTH *\nclose", SmtpFault.Closed)]
    [InlineData("C: AUTH *\nS: 250 not the right kind of yes\nhang", SmtpFault.NotSmtp)]
    [InlineData("C: AUTH *\nS: 334 e30=\nC: \nS: 235 then yes\nhang", SmtpFault.NotSmtp)]
    public async Task A_sign_in_that_breaks_ends_the_session(string script, SmtpFault fault)
    {
        await using var server = ScriptedServer.Play(StartTls + "S: 250 AUTH XOAUTH2\n" + script, TestCertificates.Good);
        await using var session = await server.ConnectAsync(SmtpSecurity.StartTls);
        var error = await Assert.ThrowsAsync<SmtpConnectionException>(() => session.AuthenticateAsync(new SmtpCredential.OAuth("a@example.org", "token"), Cancellation));
        Assert.Equal((SmtpStage.Auth, fault), (error.Stage, error.Fault));
        Assert.False(session.IsUsable);
    }
}
