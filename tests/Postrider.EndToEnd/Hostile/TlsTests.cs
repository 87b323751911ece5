using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Postrider.Client;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Hostile;

/// <summary>STARTTLS and the door that speaks TLS from the first octet; what was said in clear text counts for nothing inside (RFC 3207 section 4).</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("postrider-test-");
    private GatewayProcess? gateway;

    private RunningGateway Gateway => gateway!;
    private IPEndPoint Door => new(IPAddress.Loopback, Gateway.Smtp.Port);
    private string CertificateFile => Path.Combine(root.FullName, "smtp.pem");

    public async ValueTask InitializeAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=gateway.example", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllTextAsync(CertificateFile, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(CertificateFile + ".key", key.ExportPkcs8PrivateKeyPem());
        gateway = await GatewayProcess.StartAsync(Path.Combine(root.FullName, "data"), new Dictionary<string, string> { ["POSTRIDER__Mail__HostName"] = "gateway.example" },
            ["--smtp-certificate", CertificateFile, "--smtp-certificate-key", CertificateFile + ".key", "--smtps", "127.0.0.1:0"], smtp: "0.0.0.0:0");
    }

    [Fact]
    public async Task A_session_starts_over_inside_TLS()
    {
        await using var smtp = await RawSmtp.ConnectAsync(Door);
        Assert.Contains("250-STARTTLS\n", await smtp.SayAsync("EHLO test.example"), StringComparison.Ordinal);
        Assert.Equal("250 2.1.0 Sender taken", await smtp.SayAsync("MAIL FROM:<a@example.org>"));
        Assert.Equal("220 2.0.0 Ready to start TLS", await smtp.SayAsync("STARTTLS"));
        await smtp.StartTlsAsync();
        Assert.Equal("503 5.5.1 Send MAIL first", await smtp.SayAsync("RCPT TO:<b@example.org>"));
        Assert.Equal("503 5.5.1 Send EHLO first", await smtp.SayAsync("MAIL FROM:<a@example.org>"));
        Assert.DoesNotContain("STARTTLS", await smtp.SayAsync("EHLO test.example"), StringComparison.Ordinal);
        Assert.Equal("503 5.5.1 TLS is on already", await smtp.SayAsync("STARTTLS"));
        Assert.Equal("221 2.0.0 Goodbye", await smtp.SayAsync("QUIT"));
        Assert.Equal("", await smtp.ReplyAsync());
    }

    [Theory]
    [InlineData("STARTTLS\r\nEHLO evil\r\nMAIL FROM:<evil@example.org>\r\n")]
    [InlineData("STARTTLS\r\nR")]
    public async Task What_is_pipelined_behind_STARTTLS_ends_the_session(string octets)
    {
        await using var smtp = await RawSmtp.GreetedAsync(Door);
        await smtp.SendAsync(octets);
        Assert.Equal(["503 5.5.1 No command may follow STARTTLS before its answer (RFC 3207 section 4)"], await smtp.RestAsync());
    }

    [Fact]
    public async Task A_handshake_of_garbage_ends_the_session_and_only_that()
    {
        await using (var smtp = await RawSmtp.GreetedAsync(Door))
        {
            Assert.StartsWith("220 ", await smtp.SayAsync("STARTTLS"), StringComparison.Ordinal);
            await smtp.SendAsync("MAIL FROM:<evil@example.org>\r\n");
            Assert.DoesNotContain(await smtp.RestAsync(), reply => reply.StartsWith("250", StringComparison.Ordinal));
        }
        Assert.DoesNotContain("SMTP session of", Gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TLS_from_the_first_octet_offers_AUTH_and_no_STARTTLS()
    {
        await using var smtp = await RawSmtp.ConnectAsync(Gateway.Smtps!, greeting: false);
        await smtp.StartTlsAsync();
        Assert.StartsWith("220 gateway.example", await smtp.ReplyAsync(), StringComparison.Ordinal);
        var offered = await smtp.SayAsync("EHLO test.example");
        Assert.Contains("AUTH PLAIN LOGIN", offered, StringComparison.Ordinal);
        Assert.DoesNotContain("STARTTLS", offered, StringComparison.Ordinal);
    }

    [Fact]
    public async Task From_another_machine_a_password_is_taken_inside_TLS_only_and_mail_after_it_only()
    {
        var outside = NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses).Select(one => one.Address)
            .FirstOrDefault(one => one.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(one));
        Assert.True(outside is not null, "This machine has no address but its loopback's. Give it one: ip addr add 192.0.2.1/32 dev lo");
        var made = await Gateway.Api.Clients.AddAsync(new ClientInput { Name = "far" }, TestContext.Current.CancellationToken);
        var plain = Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0far\0{made.Password}"));
        await using var smtp = await RawSmtp.ConnectAsync(new IPEndPoint(outside, Gateway.Smtp.Port), outside.ToString());
        Assert.DoesNotContain("AUTH", await smtp.SayAsync("EHLO test.example"), StringComparison.Ordinal);
        Assert.Equal("538 5.7.11 Start TLS before signing in", await smtp.SayAsync($"AUTH PLAIN {plain}"));
        Assert.Equal("530 5.7.0 Start TLS and sign in first", await smtp.SayAsync("MAIL FROM:<a@example.org>"));
        await smtp.SayAsync("STARTTLS");
        await smtp.StartTlsAsync();
        await smtp.SayAsync("EHLO test.example");
        Assert.Equal("530 5.7.0 Sign in first: postrider client add NAME makes a user name and password", await smtp.SayAsync("MAIL FROM:<a@example.org>"));
        Assert.Equal("235 2.7.0 Welcome", await smtp.SayAsync($"AUTH PLAIN {plain}"));
        Assert.Equal("250 2.1.0 Sender taken", await smtp.SayAsync("MAIL FROM:<a@example.org>"));
    }

    [Fact]
    public async Task A_renewal_that_leaves_half_a_file_for_a_moment_disturbs_nobody()
    {
        await File.WriteAllTextAsync(CertificateFile, "not a certificate", TestContext.Current.CancellationToken);
        await using var smtp = await RawSmtp.GreetedAsync(Door);
        Assert.Equal("220 2.0.0 Ready to start TLS", await smtp.SayAsync("STARTTLS"));
        await smtp.StartTlsAsync();
        Assert.Equal("250 2.0.0 Here", await smtp.SayAsync("NOOP"));
    }

    [Fact]
    public async Task A_gateway_whose_certificate_cannot_be_read_does_not_start_and_names_the_file()
    {
        var directory = Directory.CreateTempSubdirectory("postrider-test-").FullName;
        var file = Path.Combine(directory, "mail.pem");
        await File.WriteAllTextAsync(file, "not a certificate", TestContext.Current.CancellationToken);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => GatewayProcess.StartAsync(Path.Combine(directory, "data"), arguments: ["--smtp-certificate", file]));
        Assert.Contains(file, refused.Message, StringComparison.Ordinal);
        Directory.Delete(directory, recursive: true);
    }

    public async ValueTask DisposeAsync()
    {
        if (gateway is not null)
            await gateway.DisposeAsync();
        root.Delete(recursive: true);
    }
}
