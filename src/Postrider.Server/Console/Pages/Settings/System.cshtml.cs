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
using static Postrider.Server.Console.Languages.Speech;

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
            yield return ("HTTP", T[$"{doors.Address("http")}, reached at {accounts.PublicUrl.GetLeftPart(UriPartial.Authority)}"], "Http, PublicUrl");
            yield return ("SMTP", $"{doors.Address("smtp")}{(submission.IsConfigured ? ", STARTTLS" : ", no encryption")}", "Smtp");
            if (doors.Address("smtps") is { } smtps)
                yield return (T["SMTP with TLS"], smtps, "Smtps");
            yield return (T["Its name in mail"], name.Value, "Mail:HostName");
        }
    }

    public static string InWords(KeyRingLock keyLock) => keyLock switch
    {
        { ByPassphrase: true } => T["The key ring is locked with a passphrase."], { ByCertificate: true } => T["The key ring is locked with a certificate."], _ => T["The key ring is not locked: whoever can read the data directory can open the secrets."],
    };

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Nodes = await nodes.ListAsync(cancellation);
        Room = disk.Now();
        Storage =
        [
            ("Database", $"{(database.IsShared ? "PostgreSQL, which several nodes may share" : "SQLite, in the data directory")}; {Moment.Size(await database.SizeAsync(cancellation))}", "Database"),
            (T["Disk"], Room.ToString(), ""),
            (T["Data directory"], data.Path, "Data"),
            (T["Last backup"], data.LastBackup is { } made ? $"{Zone.Minute(made)} ({Moment.InWords(made, Now)})" : T["none is known; postrider backup makes one"], ""),
            (T["Contents of finished messages are kept"], Kept(mail.Value.KeepContent), "Mail:KeepContent"),
            (T["History is kept"], Kept(mail.Value.KeepHistory), "Mail:KeepHistory"),
        ];
    }

    public async Task<IActionResult> OnPostForgetAsync(string node, CancellationToken cancellation)
    {
        var forgotten = await nodes.ForgetAsync(node, cancellation);
        HttpContext.Note("node forgotten", node, forgotten ? "" : "refused: it is there");
        Say(forgotten ? T["The node is forgotten. If it comes back, it shows itself again."] : T["Nothing is changed: the node is there."], forgotten);
        return LocalRedirect("~/settings/system");
    }

    [Needs(Right.Own)]
    public async Task<IActionResult> OnGetDiagnosticsAsync(CancellationToken cancellation)
    {
        var document = await diagnostics.WriteAsync(cancellation);
        HttpContext.Note("diagnostics downloaded", "installation");
        return File(Encoding.UTF8.GetBytes(document), "application/json", string.Create(CultureInfo.InvariantCulture, $"postrider-diagnostics-{Now.UtcDateTime:yyyyMMdd-HHmm}.json"));
    }

    private static string Kept(TimeSpan time) => time == TimeSpan.Zero ? T["for ever"] : T[$"for {time.TotalDays:0.##} days"];
}
