using System.Text;
using Postrider.Simulator;

namespace Postrider.Bench;

/// <summary>Exim, whose client can send an XOAUTH2 string. Its package and Postfix's exclude each other, so it is unpacked beside it.</summary>
internal sealed class Exim : MailServer
{
    private const string User = "Debian-exim";

    public static async Task<Exim> StartAsync(SimulatorApp simulator, string token, bool hold = false)
    {
        var exim = new Exim();
        try
        {
            var binary = await UnpackedAsync();
            var configuration = exim.Configure(simulator, token, binary, hold);
            await RunAsync("chown", "-R", User, exim.Folder("spool"));
            await exim.StartAsync(binary, "-C", configuration, "-bdf", "-q1s", "-oX", $"127.0.0.1:{exim.Port}", "-oP", Path.Combine(exim.Directory, "pid"));
            return exim;
        }
        catch
        {
            await exim.DisposeAsync();
            throw;
        }
    }

    private string Configure(SimulatorApp simulator, string token, string binary, bool hold) => Write("exim.conf", $"""
        exim_path = {binary}
        primary_hostname = bench.example
        spool_directory = {Folder("spool")}
        log_file_path = {Folder("spool")}/log-%s
        keep_environment =
        domainlist relay_to_domains = *
        acl_smtp_rcpt = accept
        acl_smtp_data = accept
        never_users =
        deliver_drop_privilege = true
        queue_only = {(hold ? "true" : "false")}
        smtp_accept_max = 0
        smtp_accept_max_per_connection = 1000000
        smtp_accept_queue_per_connection = 0
        smtp_accept_reserve = 0
        smtp_enforce_sync = false
        smtp_connect_backlog = 200
        remote_max_parallel = 20
        queue_run_max = 20
        rfc1413_query_timeout = 0s
        host_lookup =
        tls_advertise_hosts =
        begin routers
        provider:
          driver = manualroute
          route_list = * 127.0.0.1::{simulator.SmtpPort} byname
          self = send
          transport = provider
        begin transports
        provider:
          driver = smtp
          hosts_require_tls = *
          hosts_require_auth = *
          tls_verify_certificates = {Authority(simulator)}
          tls_verify_cert_hostnames =
          hosts_try_fastopen = :
          dnssec_request_domains = :
          hosts_try_dane = :
        begin retry
        * * F,1h,1s
        begin authenticators
        xoauth2:
          driver = plaintext
          public_name = XOAUTH2
          client_send = <; {ClientSend(token)}

        """);

    // Its user may not read the simulator's own directory.
    private string Authority(SimulatorApp simulator) => Write("ca.pem", File.ReadAllText(simulator.CaFile));

    // Exim takes ^ for NUL in client_send and nothing for ^A: the string is given encoded and decoded by an expansion.
    private static string ClientSend(string token) =>
        $"${{base64d:{Convert.ToBase64String(Encoding.ASCII.GetBytes($"user={Seed.NoReply}\u0001auth=Bearer {token}\u0001\u0001"))}}}";

    private static async Task<string> UnpackedAsync() =>
        (await RunAsync("bash", Path.Combine("tests", "exim.sh"), Path.Combine(Path.GetTempPath(), "postrider-exim"))).Trim();
}
