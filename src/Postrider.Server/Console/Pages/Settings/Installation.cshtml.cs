using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Postrider.Accounts;
using Postrider.Accounts.Sealing;
using Postrider.Mail;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.People.SingleSignOn;
using Postrider.Server.Console.Ui;
using Postrider.Server.Hosting;
using Postrider.Server.Submission;
using Postrider.Storage;

namespace Postrider.Server.Console.Pages.Settings;

/// <summary>What this installation is and how it is set up. Settings come from the configuration and are shown with the key that changes them;
/// the keys of stored secrets are looked after here.</summary>
internal sealed class InstallationModel(Doors doors, DoorCertificates certificates, SubmissionCertificate submission, AccountsOptions accounts, IOptions<MailOptions> mail,
    GatewayName name, DataDirectory data, Database database, SecretRotation rotation, KeyRingLock keyLock, OidcOptions oidc) : ConsolePage
{
    public OidcOptions Oidc => oidc;
    public string OidcRedirect => OidcSignIn.RedirectUri(accounts);
    public SecretStatus Keys { get; private set; } = null!;
    public Confirmation? Confirm { get; private set; }

    public static string Version => typeof(InstallationModel).Assembly.GetName().Version?.ToString(3) ?? "";
    public string Lock => keyLock switch { { ByPassphrase: true } => "locked with a passphrase", { ByCertificate: true } => "locked with a certificate", _ => "not locked: whoever can read the data directory can open the secrets" };

    public IEnumerable<(string Name, string Value, string Key)> Listeners
    {
        get
        {
            yield return ("HTTP", $"{doors.Address("http")}, reached at {accounts.PublicUrl.GetLeftPart(UriPartial.Authority)}", "Http, PublicUrl");
            yield return ("SMTP", $"{doors.Address("smtp")}{(submission.IsConfigured ? ", STARTTLS" : ", no encryption")}", "Smtp");
            if (doors.Address("smtps") is { } smtps)
                yield return ("SMTP with TLS", smtps, "Smtps");
            yield return ("Its name in mail", name.Value, "Mail:HostName");
        }
    }

    public IEnumerable<(string Name, string Value, string Key)> Rules
    {
        get
        {
            var options = mail.Value;
            yield return ("Contents of finished messages are kept", Kept(options.KeepContent), "Mail:KeepContent");
            yield return ("History is kept", Kept(options.KeepHistory), "Mail:KeepHistory");
            yield return ("A message is tried", $"for {Moment.Length(options.Lifetime)}", "Mail:Lifetime");
            yield return ("The largest message", Moment.Size(options.MaxMessageBytes), "Mail:MaxMessageBytes");
            yield return ("Recipients of a message", $"at most {Moment.Number(options.MaxRecipients)}", "Mail:MaxRecipients");
        }
    }

    public IEnumerable<(string Name, string Value, string Key)> Storage
    {
        get
        {
            yield return ("Version", Version, "");
            yield return ("Data directory", data.Path, "Data");
            yield return ("Database", database.IsShared ? "PostgreSQL, which several nodes may share" : "SQLite, in the data directory", "Database");
        }
    }

    /// <summary>The certificate of the SMTP door: for whom, until when; null when it has none.</summary>
    public (string For, DateTimeOffset Until)? Certificate => certificates.Smtp is { } known
        ? (known.GetNameInfo(System.Security.Cryptography.X509Certificates.X509NameType.DnsName, false), DoorCertificates.End(known)) : null;

    public bool HasCertificate => submission.IsConfigured;

    public async Task OnGetAsync(CancellationToken cancellation) => Keys = await rotation.StatusAsync(cancellation);

    [Needs(Right.Own, Proven = true)]
    public async Task<IActionResult> OnPostRotateAsync(CancellationToken cancellation)
    {
        await rotation.BeginAsync(cancellation);
        HttpContext.Note("secrets rotated", "key ring");
        Say("A new key is in force. Stored secrets are sealed with it now, while mail goes on.");
        return LocalRedirect("~/settings/installation");
    }

    [Needs(Right.Own, Proven = true)]
    public async Task<IActionResult> OnGetRemoveAsync(Guid key, CancellationToken cancellation)
    {
        await OnGetAsync(cancellation);
        Confirm = new("Take the key out of the key ring", [$"The key {key} is destroyed. What it sealed, in this database or in a backup of it, opens no more.", "Keep it for as long as you may restore a backup from before the rotation."],
            "Destroy the key", Url.Content($"~/settings/installation?handler=Remove&key={key}"), Url.Content("~/settings/installation"));
        return Page();
    }

    [Needs(Right.Own, Proven = true)]
    public async Task<IActionResult> OnPostRemoveAsync([FromQuery] Guid key, CancellationToken cancellation)
    {
        var removal = await rotation.RemoveAsync(key, cancellation);
        HttpContext.Note("key removed", key.ToString(), removal is KeyRemoval.Removed ? "" : "refused");
        Say(removal switch { KeyRemoval.Removed => "The key is gone.", KeyRemoval.Refused why => $"{why.Cause} {why.Remedy}", _ => "There is no such key." }, removal is KeyRemoval.Removed);
        return LocalRedirect("~/settings/installation");
    }

    private static string Kept(TimeSpan time) => time == TimeSpan.Zero ? "for ever" : string.Create(CultureInfo.InvariantCulture, $"for {time.TotalDays:0.##} days");
}
