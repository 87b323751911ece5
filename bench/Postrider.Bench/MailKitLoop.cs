using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Postrider.Simulator;

namespace Postrider.Bench;

/// <summary>The same messages to the same provider by the library that most .NET programs use, at its best: sessions kept open, sockets
/// without Nagle's delay, and nothing stored.</summary>
internal static class MailKitLoop
{
    public static async Task SendAsync(SimulatorApp simulator, int port, string token, int sessions, int total, int messageBytes)
    {
        var left = total;
        var text = string.Concat(Enumerable.Repeat("A line of seventy-two letters that looks like the text of a usual mail\r\n", messageBytes / 72));
        await Task.WhenAll(Enumerable.Range(0, sessions).Select(_ => Task.Run(async () =>
        {
            // The simulator's authority is not in the system's store: here it is the only one that counts.
            using var smtp = new SmtpClient { CheckCertificateRevocation = false, ServerCertificateValidationCallback = (_, shown, _, _) => IsOf(simulator.CaFile, shown) };
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync("localhost", port);
            await smtp.ConnectAsync(socket, "localhost", port, SecureSocketOptions.StartTls);
            await smtp.AuthenticateAsync(new SaslMechanismOAuth2("noreply@contoso.example", token));
            while (Interlocked.Decrement(ref left) >= 0)
                await smtp.SendAsync(new MimeMessage([new MailboxAddress("Bench", "noreply@contoso.example")],
                    [new MailboxAddress("Someone", "someone@example.org")], "Bench", new TextPart("plain") { Text = text }));
            await smtp.DisconnectAsync(true);
        })));
    }

    internal static bool IsOf(string authority, X509Certificate? shown)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(authority);
        return shown is X509Certificate2 certificate && chain.Build(certificate) && certificate.MatchesHostname("localhost");
    }

    /// <summary>A token as the gateway gets it: the same sign-in, without the gateway.</summary>
    public static async Task<string> TokenAsync(SimulatorApp simulator)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsync(new Uri(simulator.HttpUrl, $"/{Seed.TenantId}/oauth2/v2.0/token"), new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials", ["client_id"] = Seed.ClientId.ToString(), ["client_secret"] = Seed.ClientSecret,
            ["scope"] = "https://outlook.office365.com/.default",
        }));
        using var json = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("access_token").GetString() ?? throw new InvalidOperationException("The simulator gave no token.");
    }
}
