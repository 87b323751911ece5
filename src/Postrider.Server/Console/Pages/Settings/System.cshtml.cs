using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Postrider.Accounts;
using Postrider.Accounts.Sealing;
using Postrider.Mail;
using Postrider.Mail.Delivery;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.Ui;
using Postrider.Server.Hosting;
using Postrider.Server.Submission;
using Postrider.Server.Upkeep;
using Postrider.Storage;

namespace Postrider.Server.Console.Pages.Settings;

/// <summary>How the installation itself stands: its nodes, doors, database, disk and keys; and what to hand to somebody who helps.</summary>
internal sealed class SystemModel(Nodes nodes, Doors doors, DoorCertificates certificates, SubmissionCertificate submission, AccountsOptions accounts, IOptions<MailOptions> mail, GatewayName name,
    DataDirectory data, Database database, DiskSpace disk, KeyRingLock keyLock, Diagnostics diagnostics) : ConsolePage
{
    public IReadOnlyList<Node> Nodes { get; private set; } = [];
    public bool IsShared => database.IsShared;
    public DiskSpace.Room Room { get; private set; } = null!;
    public string Lock => InWords(keyLock);
    public IReadOnlyList<(string Name, string Value, string Key)> Storage { get; private set; } = [];

    /// <summary>The certificate of the SMTP door: for whom, until when; null when it has none.</summary>
    public (string For, DateTimeOffset Until)? Certificate => certificates.Smtp is { } known
        ? (known.GetNameInfo(System.Security.Cryptography.X509Certificates.X509NameType.DnsName, false), DoorCertificates.End(known)) : null;

    public bool HasCertificate => submission.IsConfigured;

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

    public static string InWords(KeyRingLock keyLock) => keyLock switch
    {
        { ByPassphrase: true } => "locked with a passphrase", { ByCertificate: true } => "locked with a certificate", _ => "not locked: whoever can read the data directory can open the secrets",
    };

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Nodes = await nodes.ListAsync(cancellation);
        Room = disk.Now();
        Storage =
        [
            ("Database", $"{(database.IsShared ? "PostgreSQL, which several nodes may share" : "SQLite, in the data directory")}; {Moment.Size(await database.SizeAsync(cancellation))}", "Database"),
            ("Disk", Room.ToString(), ""),
            ("Data directory", data.Path, "Data"),
            ("Last backup", data.LastBackup is { } made ? $"{Zone.Minute(made)} ({Moment.InWords(made, Now)})" : "none is known; postrider backup makes one", ""),
            ("Contents of finished messages are kept", Kept(mail.Value.KeepContent), "Mail:KeepContent"),
            ("History is kept", Kept(mail.Value.KeepHistory), "Mail:KeepHistory"),
        ];
    }

    public async Task<IActionResult> OnPostForgetAsync(string node, CancellationToken cancellation)
    {
        var forgotten = await nodes.ForgetAsync(node, cancellation);
        HttpContext.Note("node forgotten", node, forgotten ? "" : "refused: it is there");
        Say(forgotten ? "The node is forgotten. If it comes back, it shows itself again." : "Nothing is changed: the node is there.", forgotten);
        return LocalRedirect("~/settings/system");
    }

    [Needs(Right.Own)]
    public async Task<IActionResult> OnGetDiagnosticsAsync(CancellationToken cancellation)
    {
        var document = await diagnostics.WriteAsync(cancellation);
        HttpContext.Note("diagnostics downloaded", "installation");
        return File(Encoding.UTF8.GetBytes(document), "application/json", string.Create(CultureInfo.InvariantCulture, $"postrider-diagnostics-{Now.UtcDateTime:yyyyMMdd-HHmm}.json"));
    }

    private static string Kept(TimeSpan time) => time == TimeSpan.Zero ? "for ever" : string.Create(CultureInfo.InvariantCulture, $"for {time.TotalDays:0.##} days");
}
