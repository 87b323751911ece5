using System.Globalization;
using Postrider.Accounts.Providers;
using MailClient = Postrider.Mail.Intake.Client;

namespace Postrider.Server.Console.Connecting;

/// <summary>What to enter at a device, or to copy into a program, with this installation's addresses. A secret stands in none of it: its place is
/// marked <c>PASSWORD</c>, or it comes from the environment.</summary>
internal sealed class Instructions(DoorAddresses doors, ProviderDirectory providers)
{
    public DoorAddresses Doors => doors;

    /// <summary>Why what follows may not work from everywhere; null when it does.</summary>
    public string? Warning(MailClient client) => doors switch
    {
        { IsLocal: true } => $"The SMTP door is open to this machine alone. To let others in, start with --smtp 0.0.0.0:587 and a certificate.",
        { HasTls: false } when client.Networks.Count == 0 => "The SMTP door has no certificate, so it takes no passwords from other machines. Start with --smtp-certificate FILE, or name the networks that need no password.",
        { HasTls: false } => "The SMTP door has no certificate: passwords are taken from this machine alone, and mail is not encrypted on its way here.",
        _ => null,
    };

    /// <summary>Everything that a printer, a scanner or an application asks for.</summary>
    public IEnumerable<(string Field, string Value)> Fields(MailClient client)
    {
        yield return ("Server", doors.SmtpHost);
        yield return ("Port", doors.SmtpsPort is { } smtps ? $"{doors.SmtpPort}, or {smtps} with TLS from the start" : Port);
        yield return ("Security", doors.HasTls ? "STARTTLS" : "none");
        yield return ("User name", client.UserName);
        yield return ("Password", client.Networks.Count > 0 ? $"as shown once; none is asked for from {string.Join(", ", client.Networks)}" : "as shown once");
        yield return ("From", client.Senders.Count > 0 ? string.Join(", ", client.Senders.Select(sender => sender.StartsWith('@') ? $"any address of {sender[1..]}" : sender)) : Sender(client));
    }

    public string Postfix(MailClient client) => $"""
        # /etc/postfix/main.cf
        relayhost = [{doors.SmtpHost}]:{Port}
        smtp_sasl_auth_enable = yes
        smtp_sasl_password_maps = texthash:/etc/postfix/sasl_passwd
        smtp_sasl_security_options = noanonymous
        smtp_tls_security_level = {(doors.HasTls ? "encrypt" : "none")}

        # /etc/postfix/sasl_passwd (chmod 600), then: postfix reload
        [{doors.SmtpHost}]:{Port} {client.UserName}:PASSWORD
        """;

    public string MailKit(MailClient client) => $$"""
        // dotnet add package MailKit
        using MailKit.Net.Smtp;
        using MailKit.Security;
        using MimeKit;

        var message = new MimeMessage { Subject = "Hello", Body = new TextPart("plain") { Text = "Hello" } };
        message.From.Add(MailboxAddress.Parse("{{Sender(client)}}"));
        message.To.Add(MailboxAddress.Parse("someone@example.org"));

        using var smtp = new SmtpClient();
        await smtp.ConnectAsync("{{doors.SmtpHost}}", {{Port}}, SecureSocketOptions.{{(doors.HasTls ? "StartTls" : "None")}});
        await smtp.AuthenticateAsync("{{client.UserName}}", Environment.GetEnvironmentVariable("SMTP_PASSWORD"));
        await smtp.SendAsync(message);
        await smtp.DisconnectAsync(quit: true);
        """;

    public string Curl(MailClient client) => $"""
        printf 'From: {Sender(client)}\r\nTo: someone@example.org\r\nSubject: Hello\r\n\r\nHello\r\n' |
          curl {(doors.HasTls ? "--ssl-reqd " : "")}--url smtp://{doors.SmtpHost}:{Port} --user '{client.UserName}:PASSWORD' \
            --mail-from {Sender(client)} --mail-rcpt someone@example.org --upload-file -
        """;

    public string HttpCurl() => $$"""
        curl {{doors.Http}}/api/v1/messages \
          -H "Authorization: Bearer $POSTRIDER_KEY" -H "Content-Type: application/json" \
          -d '{"to": ["someone@example.org"], "subject": "Hello", "text": "Hello"}'
        """;

    public string HttpDotNet() => $$"""
        // dotnet add package Postrider.Client
        using Postrider.Client;

        var postrider = PostriderClient.For(new HttpClient(), new Uri("{{doors.Http}}"), Environment.GetEnvironmentVariable("POSTRIDER_KEY")!);
        await postrider.Messages.SendAsync(new SendMessage { To = ["someone@example.org"], Subject = "Hello", Text = "Hello" });
        """;

    private string Port => doors.SmtpPort.ToString(CultureInfo.InvariantCulture);

    /// <summary>An address that the client may send as.</summary>
    private string Sender(MailClient client) => client.Senders.FirstOrDefault(sender => !sender.StartsWith('@'))
        ?? (client.Senders is [var domain, ..] ? "noreply" + domain : (client.ProviderId is { } id ? providers.Find(id) : providers.All.FirstOrDefault(one => one.Default) ?? (providers.All is [var only] ? only : null))?.UserName)
        ?? "you@example.org";
}
