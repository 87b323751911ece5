using System.Security.Cryptography.X509Certificates;
using Postrider.Simulator;
using Postrider.Smtp;

namespace Postrider.EndToEnd.Transport;

/// <summary>The second connection to a server takes up the TLS session of the first (RFC 8446 section 2.2): no certificates, no signatures.</summary>
public sealed class ResumptionTests
{
    private const int PreSharedKey = 41;

    [Fact]
    public async Task The_next_session_resumes_the_one_before_and_the_certificate_is_judged_all_the_same()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var simulator = await SimulatorApp.StartAsync(new SimulatorOptions(), cancellation);
        await using var tap = new Tap(simulator.SmtpPort);
        var options = new SmtpClientOptions { LocalName = "client.example", AdditionalRoots = [X509CertificateLoader.LoadCertificateFromFile(simulator.CaFile)] };
        // The sessions of a host are kept for the whole process, in which other tests talk to other servers of that name.
        for (var number = 0; number < 10 && !IsResumed(); number++)
        {
            await using var session = await SmtpClientSession.ConnectAsync(new("localhost", tap.Port, SmtpSecurity.StartTls), options, cancellation);
            Assert.NotEmpty(session.RemoteChain);
            await session.QuitAsync(cancellation);
        }
        Assert.True(IsResumed(), "no session is resumed");
        Assert.False(Offers(tap.Answered[0], "ready\r\n", isServer: true));

        bool IsResumed() => tap.Sent.Any(sent => Offers(sent, "STARTTLS\r\n", isServer: false)) && tap.Answered.Any(answered => Offers(answered, "ready\r\n", isServer: true));

        // A session is no reason to believe a server whose certificate is not accepted.
        simulator.State.Smtp = simulator.State.Smtp with { Tls = TlsFault.WrongName };
        await Assert.ThrowsAsync<SmtpConnectionException>(() => SmtpClientSession.ConnectAsync(new("localhost", tap.Port, SmtpSecurity.StartTls), options, cancellation));
    }

    /// <summary>Whether the hello behind those words names a session to resume, or that it is resumed (RFC 8446 section 4.2.11).</summary>
    private static bool Offers(string said, string words, bool isServer)
    {
        var bytes = said[(said.IndexOf(words, StringComparison.OrdinalIgnoreCase) + words.Length)..];
        int Number(int at) => (bytes[at] << 8) | bytes[at + 1];
        // Behind the heads of record and handshake: version, random, session id, cipher suites and compression methods, then extensions.
        var at = 5 + 4 + 2 + 32;
        at += 1 + bytes[at];
        at += isServer ? 2 + 1 : 2 + Number(at);
        if (!isServer)
            at += 1 + bytes[at];
        for (var (next, end) = (at + 2, at + 2 + Number(at)); next < end; next += 4 + Number(next + 2))
            if (Number(next) == PreSharedKey)
                return true;
        return false;
    }
}
