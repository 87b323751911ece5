namespace Postrider.Server.Console.Connecting;

/// <summary>What is copied into a program or its configuration, with this installation's addresses. A secret stands in none of it: its place is
/// marked <c>PASSWORD</c>, or it comes from the environment.</summary>
internal sealed class Snippets(DoorAddresses doors)
{
    /// <param name="userName">Null where the door trusts the machine and takes mail without a password.</param>
    public string Postfix(string host, string? userName) => userName is null
        ? $"""
            # /etc/postfix/main.cf, then: postfix reload
            relayhost = [{host}]:{doors.SmtpPort}
            """
        : $"""
            # /etc/postfix/main.cf
            relayhost = [{host}]:{doors.SmtpPort}
            smtp_sasl_auth_enable = yes
            smtp_sasl_password_maps = texthash:/etc/postfix/sasl_passwd
            smtp_sasl_security_options = noanonymous
            smtp_tls_security_level = {(doors.HasTls ? "encrypt" : "none")}

            # /etc/postfix/sasl_passwd (chmod 600), then: postfix reload
            [{host}]:{doors.SmtpPort} {userName}:PASSWORD
            """;

    /// <param name="userName">Null where the door trusts the machine and takes mail without a password.</param>
    public string MailKit(string host, string sender, string? userName)
    {
        var security = doors.HasTls && userName is not null ? "StartTls" : "None";
        var signIn = userName is null ? "" : $"await smtp.AuthenticateAsync(\"{userName}\", Environment.GetEnvironmentVariable(\"SMTP_PASSWORD\"));\n";
        return $$"""
            // dotnet add package MailKit
            using MailKit.Net.Smtp;
            using MailKit.Security;
            using MimeKit;

            using var message = new MimeMessage { Subject = "Hello", Body = new TextPart("plain") { Text = "It works" } };
            message.From.Add(MailboxAddress.Parse("{{sender}}"));
            message.To.Add(MailboxAddress.Parse("someone@example.org"));

            using var smtp = new SmtpClient();
            await smtp.ConnectAsync("{{host}}", {{doors.SmtpPort}}, SecureSocketOptions.{{security}});
            {{signIn}}await smtp.SendAsync(message);
            await smtp.DisconnectAsync(quit: true);
            """;
    }

    public string SmtpCurl(string host, string sender, string userName) => $"""
        printf 'From: {sender}\r\nTo: someone@example.org\r\nSubject: Hello\r\n\r\nIt works\r\n' |
          curl {(doors.HasTls ? "--ssl-reqd " : "")}--url smtp://{host}:{doors.SmtpPort} --user '{userName}:PASSWORD' \
            --mail-from {sender} --mail-rcpt someone@example.org --upload-file -
        """;

    /// <param name="sender">Null where the key's own rules choose it.</param>
    public string HttpCurl(string? sender) => $$"""
        curl {{doors.Http}}/api/v1/messages \
          -H "Authorization: Bearer $POSTRIDER_KEY" -H "Content-Type: application/json" -H "Idempotency-Key: order-4711" \
          -d '{{{(sender is null ? "" : $"\"from\": \"{sender}\", ")}}"to": ["someone@example.org"], "subject": "Hello", "text": "It works"}'
        """;

    /// <param name="sender">Null where the key's own rules choose it.</param>
    public string HttpDotNet(string? sender) => $$"""
        // dotnet add package Postrider.Client
        using Postrider.Client;

        using var http = new HttpClient();
        var postrider = PostriderClient.For(http, new Uri("{{doors.Http}}"), Environment.GetEnvironmentVariable("POSTRIDER_KEY")!);
        var accepted = await postrider.Messages.SendAsync(new SendMessage
        {
            {{(sender is null ? "" : $"From = \"{sender}\", ")}}To = ["someone@example.org"], Subject = "Hello", Text = "It works",
        }, idempotencyKey: "order-4711");
        Console.WriteLine(accepted.Id);
        """;
}
