using System.Net;
using Postrider.Accounts;
using Postrider.Mail;
using Postrider.Server.Hosting;
using Postrider.Server.Submission;

namespace Postrider.Server.Console.Connecting;

/// <summary>Where applications and devices reach this installation, as they have to write it.</summary>
internal sealed class DoorAddresses(Doors doors, SubmissionCertificate certificate, GatewayName name, AccountsOptions accounts)
{
    /// <summary>Open to this machine alone.</summary>
    public bool IsLocal => IPAddress.IsLoopback(doors.Smtp.Address);

    /// <summary>A door open to every address is reached by the machine's name, and the one that browsers use is known to resolve.</summary>
    public string SmtpHost => IsLocal || !doors.Smtp.Address.Equals(IPAddress.Any) && !doors.Smtp.Address.Equals(IPAddress.IPv6Any) ? doors.Smtp.Address.ToString()
        : accounts.PublicUrl.IsLoopback ? name.Value : accounts.PublicUrl.Host;

    public int SmtpPort => Port("smtp") ?? doors.Smtp.Port;

    /// <summary>The port with TLS from the first octet; null when there is none.</summary>
    public int? SmtpsPort => Port("smtps");

    /// <summary>STARTTLS is offered, and passwords are taken from other machines.</summary>
    public bool HasTls => certificate.IsConfigured;

    public string Http => accounts.PublicUrl.AbsoluteUri.TrimEnd('/');

    private int? Port(string door) => doors.Address(door) is { } address && IPEndPoint.TryParse(address, out var open) ? open.Port : null;
}
