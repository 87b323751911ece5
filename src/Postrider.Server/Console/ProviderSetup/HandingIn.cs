using Microsoft.Extensions.Options;
using Postrider.Accounts.Providers;
using Postrider.Server.Console.Connecting;
using Postrider.Server.Submission;

namespace Postrider.Server.Console.ProviderSetup;

/// <summary>How mail is handed in for a provider, with this installation's doors filled in.</summary>
internal sealed class HandingIn(DoorAddresses doors, IOptions<SubmissionOptions> submission)
{
    public const string OpenTheDoor = "postrider serve --smtp 0.0.0.0:587 --smtp-certificate mail.pem --smtp-certificate-key mail.key";

    public DoorAddresses Doors => doors;
    public bool TrustsThisMachine => submission.Value.TrustLoopback;

    /// <summary>For programs on this machine.</summary>
    public string LocalHost => doors.IsLocal ? doors.SmtpHost : "127.0.0.1";

    /// <summary>An address that the provider sends for.</summary>
    public static string Sender(Provider provider) => provider.UserName.Contains('@') ? provider.UserName : provider.Domain.Length > 0 ? $"noreply@{provider.Domain}" : "noreply@example.com";

    public string Postfix => $"""
        # /etc/postfix/main.cf, then: postfix reload
        relayhost = [{LocalHost}]:{doors.SmtpPort}
        """;

    public string PostfixElsewhere => $"""
        # /etc/postfix/main.cf
        relayhost = [{doors.SmtpHost}]:{doors.SmtpPort}
        smtp_sasl_auth_enable = yes
        smtp_sasl_password_maps = texthash:/etc/postfix/sasl_passwd
        smtp_sasl_security_options = noanonymous
        smtp_tls_security_level = encrypt

        # /etc/postfix/sasl_passwd (chmod 600), then: postfix reload
        [{doors.SmtpHost}]:{doors.SmtpPort} USER_NAME:PASSWORD
        """;

    public string Curl(Provider provider) => $$"""
        curl {{doors.Http}}/api/v1/messages \
          -H "Authorization: Bearer $POSTRIDER_KEY" -H "Content-Type: application/json" -H "Idempotency-Key: order-4711" \
          -d '{"from": "{{Sender(provider)}}", "to": ["someone@example.org"], "subject": "Hello", "text": "It works"}'
        """;

    public string DotNet(Provider provider) => $$"""
        // dotnet add package Postrider.Client
        using Postrider.Client;

        using var http = new HttpClient();
        var postrider = PostriderClient.For(http, new Uri("{{doors.Http}}"), Environment.GetEnvironmentVariable("POSTRIDER_KEY")!);
        var accepted = await postrider.Messages.SendAsync(new SendMessage
        {
            From = "{{Sender(provider)}}", To = ["someone@example.org"], Subject = "Hello", Text = "It works",
        }, idempotencyKey: "order-4711");
        Console.WriteLine(accepted.Id);
        """;

    public string MailKit(Provider provider) => $$"""
        // dotnet add package MailKit
        using var message = new MimeKit.MimeMessage { Subject = "Hello", Body = new MimeKit.TextPart("plain") { Text = "It works" } };
        message.From.Add(MimeKit.MailboxAddress.Parse("{{Sender(provider)}}"));
        message.To.Add(MimeKit.MailboxAddress.Parse("someone@example.org"));

        using var smtp = new MailKit.Net.Smtp.SmtpClient();
        await smtp.ConnectAsync("{{LocalHost}}", {{doors.SmtpPort}}, MailKit.Security.SecureSocketOptions.None);
        await smtp.SendAsync(message);
        await smtp.DisconnectAsync(quit: true);
        """;
}
