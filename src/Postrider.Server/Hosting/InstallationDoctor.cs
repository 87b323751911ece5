using System.Globalization;
using System.Net;
using Postrider.Accounts;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Sealing;
using Postrider.Accounts.Tokens;
using Postrider.Accounts.Watch;
using Postrider.Mail.Alerts;
using Postrider.Mail.Doctor;
using Postrider.Mail.Waiting;
using Postrider.Server.Submission;

namespace Postrider.Server.Hosting;

/// <summary>Looks over the installation itself: its doors, certificates, disk, clock, queue and keys. It changes nothing.</summary>
internal sealed class InstallationDoctor(Doors doors, DoorCertificates certificates, SubmissionCertificate submission, DiskSpace disk, QueueCounts counts, ProviderDirectory providers, PlatformProbe probe,
    SecretRotation rotation, SealedSecrets secrets, KeyRingLock keyLock, AccountsOptions accounts, IHttpClientFactory http, TimeProvider time)
{
    private static readonly TimeSpan OldMail = TimeSpan.FromHours(1), PatienceWithUs = TimeSpan.FromSeconds(3);

    /// <summary>The steps in their order.</summary>
    public static readonly IReadOnlyList<string> Steps = ["http", "address", "smtp", "certificate", "disk", "clock", "queue", "keyring", "providers"];

    /// <param name="tell">Told of each step as soon as it is done.</param>
    public async Task<DoctorReport> TestAsync(CancellationToken cancellation, Action<DoctorStep>? tell = null)
    {
        var steps = new List<DoctorStep>();
        void Add(DoctorStep step)
        {
            steps.Add(step);
            tell?.Invoke(step);
        }
        Add(Http());
        Add(await AddressAsync(cancellation));
        Add(Smtp());
        Add(Certificate());
        Add(Disk());
        Add(await ClockAsync(cancellation));
        Add(await QueueAsync(cancellation));
        Add(await KeysAsync(cancellation));
        Add(Providers());
        return new(steps);
    }

    /// <summary>What has to be right before the first mailbox is connected.</summary>
    public async Task<IReadOnlyList<DoctorStep>> FirstAsync(CancellationToken cancellation) =>
        [await AddressAsync(cancellation), await KeysAsync(cancellation), Disk(), Http(), Smtp(), Certificate()];

    private DoctorStep Http()
    {
        var address = doors.Address("http") ?? "closed";
        var open = doors.Http is { } http && !IPAddress.IsLoopback(http.Address);
        return open && accounts.PublicUrl.Scheme != Uri.UriSchemeHttps
            ? Warning("http", $"open at {address}, reached at {accounts.PublicUrl.GetLeftPart(UriPartial.Authority)}", "The HTTP door is open to other machines and speaks clear text: keys and mail can be read on the way.",
                "Put a reverse proxy with TLS before it and set PublicUrl to its https address, or listen on 127.0.0.1 alone:\n    postrider serve --http 127.0.0.1:8080")
            : Ok("http", $"open at {address}, reached at {accounts.PublicUrl.GetLeftPart(UriPartial.Authority)}");
    }

    /// <summary>Sign-ins come back to the public address. That this machine does not reach it need not mean that no browser does.</summary>
    private async Task<DoctorStep> AddressAsync(CancellationToken cancellation)
    {
        var address = accounts.PublicUrl.AbsoluteUri.TrimEnd('/');
        string why;
        try
        {
            using var patience = new CancellationTokenSource(PatienceWithUs, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
            using var answer = await http.CreateClient(AccountsOptions.HttpClientName).GetAsync(new Uri(address + "/livez"), either.Token);
            if (answer.IsSuccessStatusCode && await answer.Content.ReadAsStringAsync(either.Token) == HealthApi.Alive)
                return Ok("address", $"{address} leads here");
            why = $"something else answers there ({(int)answer.StatusCode})";
        }
        catch (HttpRequestException wrong)
        {
            why = wrong.InnerException?.Message ?? wrong.Message;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            why = string.Create(CultureInfo.InvariantCulture, $"no answer within {PatienceWithUs.TotalSeconds:0} s");
        }
        return Warning("address", $"{address} does not lead here as seen from this machine: {why}", "Sign-ins come back to this address. Where browsers do not reach it either, a sign-in ends on an error and the mailbox stays unconnected.",
            "Set PublicUrl to the address at which browsers reach Postrider:\n    POSTRIDER__PublicUrl=https://mail.example.org\nUntil then the address in which a sign-in ends can be pasted instead.");
    }

    private DoctorStep Smtp()
    {
        var (smtp, smtps) = (doors.Address("smtp"), doors.Address("smtps"));
        var seen = smtps is null ? $"open at {smtp}" : $"open at {smtp} and, with TLS from the start, at {smtps}";
        return !IPAddress.IsLoopback(doors.Smtp.Address) && !submission.IsConfigured
            ? Warning("smtp", seen, "The SMTP door is open to other machines and has no certificate: nobody there can sign in, and mail is taken only from networks that a client names.",
                "Give it a certificate:\n    postrider serve --smtp-certificate mail.pem --smtp-certificate-key mail.key")
            : Ok("smtp", seen);
    }

    private DoctorStep Certificate()
    {
        if (!submission.IsConfigured)
            return new("certificate", null, "left out: the SMTP door has none");
        if (certificates.Smtp is not { } certificate)
            return Failed("certificate", "it cannot be read", "The files that Submission:Certificate and Submission:CertificateKey name do not hold a certificate and its key.", "Correct the settings, or the files.");
        var (end, now) = (DoorCertificates.End(certificate), time.GetUtcNow());
        var seen = $"for {certificate.GetNameInfo(System.Security.Cryptography.X509Certificates.X509NameType.DnsName, false)}, ends {ExpirySteps.When(end, now)}";
        return ExpirySteps.Reached(end, now) switch
        {
            null => Ok("certificate", seen),
            0 => Failed("certificate", seen, "The certificate of the SMTP door has ended: clients that check certificates no longer hand in mail.", DoorCertificates.Remedy),
            _ => Warning("certificate", seen, "The certificate of the SMTP door ends soon.", DoorCertificates.Remedy),
        };
    }

    private DoctorStep Disk() => disk.Now() is var room && room.Low
        ? Warning("disk", room.ToString(), "The disk that holds the mail is nearly full.", DiskSpace.Remedy) : Ok("disk", room.ToString());

    /// <summary>Against the identity platforms, whose time is the one that tokens go by. One of each address is asked.</summary>
    private async Task<DoctorStep> ClockAsync(CancellationToken cancellation)
    {
        var asked = providers.All.Where(provider => provider.Type != ProviderType.Password).DistinctBy(provider => provider.Authority.Length > 0 ? provider.Authority : provider.TokenUrl).Take(4).ToList();
        var seen = new List<(string Host, TimeSpan Skew)>();
        foreach (var provider in asked)
            if (await probe.LookAsync(provider, cancellation) is { Skew: { } skew })
                seen.Add((provider.Authority.Length > 0 ? new Uri(provider.Authority).Host : provider.Name, skew));
        if (seen.Count == 0)
            return new("clock", null, asked.Count == 0 ? "left out: no provider has an identity platform to compare with" : "left out: no identity platform told its time");
        var (host, worst) = seen.MaxBy(one => one.Skew.Duration());
        var detail = string.Create(CultureInfo.InvariantCulture, $"differs from {host} by {Math.Abs(worst.TotalSeconds):0} s");
        return worst.Duration() > PlatformProbe.HarmfulSkew ? Failed("clock", detail, PlatformProbe.ClockCause(worst), PlatformProbe.ClockRemedy)
            : worst.Duration() > PlatformProbe.NoticeableSkew ? Warning("clock", detail, PlatformProbe.ClockCause(worst), PlatformProbe.ClockRemedy) : Ok("clock", detail);
    }

    private async Task<DoctorStep> QueueAsync(CancellationToken cancellation)
    {
        var waiting = (await counts.LatestAsync(cancellation)).Moving.ToList();
        if (waiting.Count == 0)
            return Ok("queue", "nothing waits");
        var oldest = waiting.Min(its => its.OldestMovingAt!.Value);
        var detail = string.Create(CultureInfo.InvariantCulture, $"{waiting.Sum(its => its.Moving)} wait, the oldest since {oldest.UtcDateTime:yyyy-MM-dd HH:mm} UTC");
        return time.GetUtcNow() - oldest < OldMail ? Ok("queue", detail)
            : Warning("queue", detail, $"Mail waits for {string.Join(", ", waiting.Select(its => providers.Find(its.ProviderId)?.Name ?? its.ProviderId))} longer than it should.", "See why each message waits:\n    postrider message list --state queued");
    }

    /// <summary>Every secret that is stored has to open with the keys that are there.</summary>
    private async Task<DoctorStep> KeysAsync(CancellationToken cancellation)
    {
        var status = await rotation.StatusAsync(cancellation);
        var closed = await secrets.ClosedAsync(cancellation);
        if (closed.Count > 0)
            return Failed("keyring", $"{closed.Count} stored secret(s) do not open: {string.Join(", ", closed.Select(Name).Distinct().Take(10))}", "The key ring does not hold the key of these secrets, or a row was changed.",
                "Restore the folder keys of the data directory that belongs to this database, or enter the secrets again and connect.");
        var seen = status.Keys.Sum(key => key.Secrets) is > 0 and var all ? all == 1 ? "the stored secret can be opened" : $"all {all} stored secrets can be opened" : "no secret is stored yet";
        if (keyLock.PassphraseFile is { } file && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & ReadByOthers) != 0)
            return Warning("keyring", seen, $"The file with its passphrase, {file}, can be read by others on this machine.", $"    chmod 0400 {file}");
        return status.Keys.Any(key => key.IsLocked) && status.Keys.Any(key => !key.IsLocked)
            ? Warning("keyring", seen, "Some of its keys are not locked with the passphrase or certificate that is set.", "Seal with a locked key only, and take the others out:\n    postrider secrets rotate --remove-old")
            : Ok("keyring", status.Keys.Any(key => key.IsLocked) ? $"{seen}; the ring is locked" : seen);
    }

    private const UnixFileMode ReadByOthers = UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private string Name(SecretPlace place) => providers.Find(place.Row)?.Name is { } name ? $"{place.Column.Replace('_', ' ')} of {name}" : $"{place.Column.Replace('_', ' ')} in {place.Table}";

    private DoctorStep Providers()
    {
        var all = providers.All;
        var wrong = all.Where(provider => provider.State is ProviderState.NeedsAttention or ProviderState.NeedsConsent).ToList();
        return all.Count == 0 ? Warning("providers", "there are none", "No mail can be sent yet.", "Add one:\n    postrider provider add --help")
            : wrong.Count == 0 ? Ok("providers", $"{all.Count}, none needs anybody")
            : Warning("providers", $"{wrong.Count} of {all.Count} need somebody: {string.Join(", ", wrong.Select(provider => provider.Name))}", wrong[0].StateReason ?? "It is not connected.",
                string.Join('\n', wrong.Select(provider => $"    postrider doctor {provider.Name}")));
    }

    private static DoctorStep Ok(string name, string detail) => new(name, true, detail);
    private static DoctorStep Warning(string name, string detail, string cause, string remedy) => new(name, true, detail, cause, remedy);
    private static DoctorStep Failed(string name, string detail, string cause, string remedy) => new(name, false, detail, cause, remedy);
}
