using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Postrider.Accounts.Providers;
using Postrider.Mail.Delivery;
using Postrider.Smtp;
using Step = Postrider.Mail.Doctor.DoctorStepName;

namespace Postrider.Mail.Doctor;

/// <summary>The way to the server: its name, its port, its certificate, its greeting.</summary>
internal sealed class ServerSteps(ReplyClassifier classifier, GatewayName name, SeenServers seen)
{
    private const int AddressesShown = 4;
    private static readonly TimeSpan ResolveLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan OpenLimit = TimeSpan.FromSeconds(30);

    // A person waits for the answer. Delivery is more patient, as RFC 5321 section 4.5.3.2 asks.
    private static readonly SmtpTimeouts Timeouts = new()
    {
        Resolve = ResolveLimit, Connect = TimeSpan.FromSeconds(10), Tls = TimeSpan.FromSeconds(15), Greeting = TimeSpan.FromSeconds(20),
        Command = TimeSpan.FromSeconds(20), Mail = TimeSpan.FromSeconds(20), Quit = TimeSpan.FromSeconds(1),
    };

    /// <returns>An open session that has not signed in; null when a step failed.</returns>
    public async Task<SmtpClientSession?> OpenAsync(Provider provider, Checkup checkup, CancellationToken cancellation)
    {
        if (await ResolveAsync(provider, checkup, cancellation) is not { } addresses)
        {
            foreach (var step in (string[])[Step.Tcp, Step.Tls, Step.Ehlo])
                checkup.Skip(step, Step.Dns);
            return null;
        }
        var endpoint = ProviderServer.Of(provider);
        var watch = new StageWatch(checkup.Time);
        using var limit = new CancellationTokenSource(OpenLimit, checkup.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            var session = await seen.LookAsync(provider, SmtpClientSession.ConnectAsync(endpoint,
                new SmtpClientOptions { LocalName = name.ForEhlo, Timeouts = Timeouts, TimeProvider = checkup.Time, Entering = watch.Enter }, either.Token));
            watch.Stop();
            Opened(session, checkup, watch);
            return session;
        }
        catch (SmtpConnectionException lost)
        {
            Failed(provider, addresses, lost, checkup, watch);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            Failed(provider, addresses, new SmtpConnectionException(watch.Stage, SmtpFault.TimedOut, $"{endpoint} was not ready within {OpenLimit.TotalSeconds:0} s."), checkup, watch);
        }
        return null;
    }

    /// <returns>Null when the step failed.</returns>
    private async Task<IPAddress[]?> ResolveAsync(Provider provider, Checkup checkup, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(provider.Address, out var literal))
        {
            checkup.Pass(Step.Dns, $"{provider.Address} is an address");
            return [literal];
        }
        var started = checkup.Time.GetTimestamp();
        using var limit = new CancellationTokenSource(ResolveLimit, checkup.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        var words = "it has no address";
        try
        {
            if (await Dns.GetHostAddressesAsync(provider.Address, either.Token) is { Length: > 0 } found)
            {
                checkup.Pass(Step.Dns, $"{provider.Address} → {Listed(found, AddressFamily.InterNetwork, "A")}; {Listed(found, AddressFamily.InterNetworkV6, "AAAA")}", checkup.Time.GetElapsedTime(started));
                return found;
            }
        }
        catch (Exception wrong) when (wrong is SocketException or ArgumentException)
        {
            words = wrong.Message;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            words = $"no answer within {ResolveLimit.TotalSeconds:0} s";
        }
        // Whether DNS is silent or knows nothing: the remedy is the one for names.
        checkup.Fail(Step.Dns, $"{provider.Address}: {words}", classifier.Explain(provider, new SmtpConnectionException(SmtpStage.Resolve, SmtpFault.NotResolved, words)),
            checkup.Time.GetElapsedTime(started));
        return null;
    }

    /// <summary>The server has addresses of one kind, and this machine no way out with that kind: the name alone does not tell.</summary>
    /// <param name="error">How the last connection failed.</param>
    /// <returns>Null when it is something else.</returns>
    internal static (string Cause, string Remedy)? NoWayOut(string server, IReadOnlyList<IPAddress> addresses, SocketError? error)
    {
        if (error is not (SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable)
            || addresses is not [var first, ..] || addresses.Any(address => address.AddressFamily != first.AddressFamily))
            return null;
        return first.AddressFamily == AddressFamily.InterNetworkV6
            ? ($"{server} has IPv6 addresses only, and this machine has no way out over IPv6.",
                $"Give this machine an IPv6 address and a route, or write the name of a server that has an IPv4 address. Whether there is a route:\n    ip -6 route get {first}")
            : ($"{server} has IPv4 addresses only, and this machine has no way out over IPv4.",
                $"A network of IPv6 alone reaches such servers through NAT64: use its resolver, which makes up addresses for them (DNS64), or give this machine an IPv4 address. Whether there is a route:\n    ip route get {first}");
    }

    private static string Listed(IPAddress[] found, AddressFamily family, string type)
    {
        var of = Array.FindAll(found, address => address.AddressFamily == family);
        var more = of.Length > AddressesShown ? $" and {of.Length - AddressesShown} more" : "";
        return of.Length == 0 ? $"no {type}" : $"{type} {string.Join(", ", of.Take(AddressesShown).Select(address => address.ToString()))}{more}";
    }

    private static void Opened(SmtpClientSession session, Checkup checkup, StageWatch watch)
    {
        var seconds = watch.Took(Step.Tcp)?.TotalSeconds ?? 0;
        // The addresses are tried in turn: a connection that took as long as a time-out came about past an address that nobody answers at.
        if (seconds >= Timeouts.Connect.TotalSeconds)
            checkup.Warn(Step.Tcp, $"connected to {Readable(session.RemoteAddress)}, after another address was silent", "A firewall drops packets to some of the server's addresses, or this machine has IPv6 and no way out with it. Each new connection waits for that.",
                "Let this machine reach every address of the server, or switch off the kind of address (IPv6 or IPv4) that has no way out.", watch.Took(Step.Tcp));
        else
            checkup.Pass(Step.Tcp, $"connected to {Readable(session.RemoteAddress)}", watch.Took(Step.Tcp));
        if (session.TlsProtocol is { } protocol)
            checkup.Pass(Step.Tls, $"{SeenServers.InWords(protocol)}, {Readable(session.RemoteCertificate)}", watch.Took(Step.Tls));
        else
            checkup.LeaveOut(Step.Tls, ClearText);
        checkup.Pass(Step.Ehlo, session.Capabilities.Lines is { Count: > 0 } lines ? string.Join(", ", lines) : "no extensions", watch.Took(Step.Ehlo));
    }

    private void Failed(Provider provider, IPAddress[] addresses, SmtpConnectionException lost, Checkup checkup, StageWatch watch)
    {
        watch.Stop();
        var failed = StageWatch.StepOf(lost.Stage);
        void Fail() => checkup.Fail(failed, lost.Reply?.Verbatim ?? lost.Message, classifier.Explain(provider, lost), watch.Took(failed));

        if (failed == Step.Tcp && NoWayOut(provider.Address, addresses, (lost.InnerException as SocketException)?.SocketErrorCode) is var (cause, remedy))
            checkup.Fail(failed, lost.Message, cause, remedy, watch.Took(failed));
        else if (failed == Step.Tcp)
            Fail();
        else
            checkup.Pass(Step.Tcp, $"connected to {ProviderServer.Of(provider)}", watch.Took(Step.Tcp));

        if (failed == Step.Tls)
            Fail();
        else if (failed == Step.Ehlo && watch.IsPast(Step.Tls))
            checkup.Pass(Step.Tls, "established", watch.Took(Step.Tls));
        else if (provider.Security == Accounts.Providers.SmtpSecurity.None)
            checkup.LeaveOut(Step.Tls, ClearText);
        else
            checkup.Skip(Step.Tls, failed);

        if (failed == Step.Ehlo)
            Fail();
        else
            checkup.Skip(Step.Ehlo, failed);
    }

    private const string ClearText = "not used: security is none, the connection is in clear text";

    private static string Readable(IPEndPoint? remote) =>
        remote is null ? "the server" : new IPEndPoint(remote.Address.IsIPv4MappedToIPv6 ? remote.Address.MapToIPv4() : remote.Address, remote.Port).ToString();

    private static string Readable(CertificateSummary? certificate) => certificate is null ? "no certificate"
        : string.Create(CultureInfo.InvariantCulture, $"certificate for {CommonName(certificate.Subject)} until {certificate.NotAfter:yyyy-MM-dd}");

    private static string CommonName(string subject) =>
        subject.Split(", ").FirstOrDefault(part => part.StartsWith("CN=", StringComparison.Ordinal)) is { } name ? name[3..] : subject is "" ? "names beside the subject" : subject;
}
