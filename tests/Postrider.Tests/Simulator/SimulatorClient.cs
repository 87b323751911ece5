using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.AspNetCore.WebUtilities;
using MimeKit;
using Postrider.Simulator;

namespace Postrider.Tests.Simulator;

/// <summary>A simulator and the few things that an honest client does with it.</summary>
internal sealed class SimulatorClient(SimulatorApp app) : IAsyncDisposable
{
    public const string SmtpScope = "https://outlook.office.com/SMTP.Send";
    public const string RedirectUri = "http://127.0.0.1:5555/oauth/callback";
    public const string Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    public static readonly string Challenge = WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    public SimulatorApp App => app;

    public HttpClient Http { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = app.HttpUrl };

    public static async Task<SimulatorClient> StartAsync(SimulatorOptions? options = null) =>
        new(await SimulatorApp.StartAsync(options ?? new SimulatorOptions(), TestContext.Current.CancellationToken));

    public string AuthorizeUrl(string scope = $"{SmtpScope} offline_access", string extra = "") =>
        $"{app.HttpUrl}{Seed.TenantDomain}/oauth2/v2.0/authorize?client_id={Seed.ClientId}&response_type=code"
        + $"&redirect_uri={Uri.EscapeDataString(RedirectUri)}&scope={Uri.EscapeDataString(scope)}"
        + $"&code_challenge={Challenge}&code_challenge_method=S256&state=s%26t{extra}";

    public string Code(string scope = $"{SmtpScope} offline_access", string account = Seed.NoReply) =>
        QueryHelpers.ParseQuery(app.Consent(AuthorizeUrl(scope), account).Query)["code"]!;

    /// <summary>Asks the token endpoint; parameters given replace the usual ones, an empty one is left out.</summary>
    public async Task<TokenReply> TokenAsync(string grantType, params (string Name, string Value)[] parameters)
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = grantType,
            ["client_id"] = Seed.ClientId.ToString(),
            ["client_secret"] = Seed.ClientSecret,
        };
        foreach (var (name, value) in parameters)
            form[name] = value;
        using var content = new FormUrlEncodedContent(form.Where(f => f.Value.Length > 0));
        using var response = await Http.PostAsync($"{Seed.TenantId}/oauth2/v2.0/token", content, TestContext.Current.CancellationToken);
        return new TokenReply((int)response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement);
    }

    public Task<TokenReply> RedeemAsync(string code, params (string Name, string Value)[] parameters) =>
        TokenAsync("authorization_code", [("code", code), ("redirect_uri", RedirectUri), ("code_verifier", Verifier), .. parameters]);

    public Task<TokenReply> RefreshAsync(string refreshToken) => TokenAsync("refresh_token", ("refresh_token", refreshToken));

    public async Task<string> AccessTokenAsync(string scope = $"{SmtpScope} offline_access", string account = Seed.NoReply) =>
        (await RedeemAsync(Code(scope, account)))["access_token"];

    public async Task<SmtpClient> ConnectAsync(bool implicitTls = false)
    {
        var client = new SmtpClient { ServerCertificateValidationCallback = (_, _, _, _) => true };
        await client.ConnectAsync(
            "localhost", implicitTls ? app.SmtpsPort : app.SmtpPort,
            implicitTls ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTls, TestContext.Current.CancellationToken);
        return client;
    }

    public async Task<SmtpClient> SignInAsync(string mailbox = Seed.NoReply, string? token = null)
    {
        var client = await ConnectAsync();
        await client.AuthenticateAsync(new SaslMechanismOAuth2(mailbox, token ?? await AccessTokenAsync()), TestContext.Current.CancellationToken);
        return client;
    }

    public static MimeMessage Message(string to, string from = Seed.NoReply) => new()
    {
        From = { MailboxAddress.Parse(from) },
        To = { MailboxAddress.Parse(to) },
        Subject = "A <b>subject</b>",
        Body = new TextPart("plain") { Text = "Hello\n.\nworld" },
    };

    /// <summary>A connection in TLS, signed in, on which a test writes what it likes.</summary>
    public async Task<RawSmtp> RawAsync()
    {
        var raw = await RawSmtp.ConnectAsync(app.SmtpPort);
        await raw.StartTlsAsync();
        await raw.SayAsync("EHLO raw.example");
        var blob = Convert.ToBase64String(Encoding.ASCII.GetBytes($"user={Seed.NoReply}\u0001auth=Bearer {await AccessTokenAsync()}\u0001\u0001"));
        await raw.SayAsync("AUTH XOAUTH2");
        Assert.StartsWith("235", await raw.SayAsync(blob));
        return raw;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.DisposeAsync();
    }
}

internal sealed record TokenReply(int Status, JsonElement Body)
{
    public string this[string name] => Body.GetProperty(name).ToString();

    public bool Has(string name) => Body.TryGetProperty(name, out _);

    public string Error => Has("error") ? $"{this["error"]} {Body.GetProperty("error_codes")[0]}" : "none";
}

/// <summary>SMTP by hand.</summary>
internal sealed class RawSmtp : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[64 * 1024];
    private Stream _stream = Stream.Null;

    public static async Task<RawSmtp> ConnectAsync(int port)
    {
        var raw = new RawSmtp();
        await raw._socket.ConnectAsync("127.0.0.1", port, TestContext.Current.CancellationToken);
        raw._stream = new NetworkStream(raw._socket);
        await raw.ReadAsync(1);
        return raw;
    }

    public async Task StartTlsAsync()
    {
        await SayAsync("EHLO raw.example");
        Assert.StartsWith("220", await SayAsync("STARTTLS"));
        var tls = new SslStream(_stream, false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost");
        _stream = tls;
    }

    public async Task<string> SayAsync(string line, int replies = 1)
    {
        await _stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"), TestContext.Current.CancellationToken);
        return await ReadAsync(replies);
    }

    /// <summary>So many whole replies; less when the connection ends.</summary>
    public async Task<string> ReadAsync(int replies)
    {
        var text = "";
        while (text.Split("\r\n").Count(l => l.Length > 3 && l[3] == ' ') < replies || !text.EndsWith("\r\n", StringComparison.Ordinal))
        {
            var read = await _stream.ReadAsync(_buffer, TestContext.Current.CancellationToken);
            if (read == 0)
                break;
            text += Encoding.UTF8.GetString(_buffer, 0, read);
        }
        return text;
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }
}
