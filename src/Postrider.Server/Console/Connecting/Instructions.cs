using System.Globalization;
using Postrider.Accounts.Providers;
using static Postrider.Server.Console.Languages.Speech;
using MailClient = Postrider.Mail.Intake.Client;

namespace Postrider.Server.Console.Connecting;

/// <summary>What to enter at a device, or to copy into a program, for a client or a key.</summary>
internal sealed class Instructions(DoorAddresses doors, Snippets snippets, ProviderDirectory providers)
{
    public DoorAddresses Doors => doors;

    /// <summary>Why what follows may not work from everywhere; null when it does.</summary>
    public string? Warning(MailClient client) => doors switch
    {
        { IsLocal: true } => T["The SMTP door is open to this machine alone. To let others in, start with --smtp 0.0.0.0:587 and a certificate."],
        { HasTls: false } when client.Networks.Count == 0 => T["The SMTP door has no certificate, so it takes no passwords from other machines. Start with --smtp-certificate FILE, or name the networks that need no password."],
        { HasTls: false } => T["The SMTP door has no certificate: passwords are taken from this machine alone, and mail is not encrypted on its way here."],
        _ => null,
    };

    /// <summary>Everything that a printer, a scanner or an application asks for.</summary>
    public IEnumerable<(string Field, string Value)> Fields(MailClient client)
    {
        yield return (T["Server"], doors.SmtpHost);
        yield return (T["Port"], doors.SmtpsPort is { } smtps ? T[$"{doors.SmtpPort}, or {smtps} with TLS from the start"] : Port);
        yield return (T["Security"], doors.HasTls ? "STARTTLS" : T["none"]);
        yield return (T["User name"], client.UserName);
        yield return (T["Password"], client.Networks.Count > 0 ? T[$"as shown once; none is asked for from {string.Join(", ", client.Networks)}"] : T["as shown once"]);
        yield return (T["From"], client.Senders.Count > 0 ? string.Join(", ", client.Senders.Select(sender => sender.StartsWith('@') ? T[$"any address of {sender[1..]}"] : sender)) : Sender(client));
    }

    public string Postfix(MailClient client) => snippets.Postfix(doors.SmtpHost, client.UserName);

    public string MailKit(MailClient client) => snippets.MailKit(doors.SmtpHost, Sender(client), client.UserName);

    public string Curl(MailClient client) => snippets.SmtpCurl(doors.SmtpHost, Sender(client), client.UserName);

    public string HttpCurl() => snippets.HttpCurl(sender: null);

    public string HttpDotNet() => snippets.HttpDotNet(sender: null);

    private string Port => doors.SmtpPort.ToString(CultureInfo.InvariantCulture);

    /// <summary>An address that the client may send as.</summary>
    private string Sender(MailClient client) => client.Senders.FirstOrDefault(sender => !sender.StartsWith('@'))
        ?? (client.Senders is [var domain, ..] ? "noreply" + domain : (client.ProviderId is { } id ? providers.Find(id) : providers.All.FirstOrDefault(one => one.Default) ?? (providers.All is [var only] ? only : null))?.UserName)
        ?? "you@example.org";
}
