using System.Runtime.CompilerServices;

namespace Postrider.EndToEnd.Foreign;

/// <summary>Exim as a smart host with two doors, one that offers all its extensions and one without PIPELINING and CHUNKING. Debian's package
/// excludes Postfix's, so it is unpacked beside it.</summary>
internal sealed class EximSmartHost : IAsyncDisposable
{
    private readonly ServerDirectory directory = new();
    private readonly ForeignProgram program;

    private EximSmartHost(TestAuthority authority, string binary, int relayPort)
    {
        var spool = directory.Folder("spool", everybodyWrites: true);
        // It gives up root before it reads them.
        foreach (var file in new[] { authority.KeyFile, authority.CertificateFile })
            File.Copy(file, directory[Path.GetFileName(file)]);
        var plainly = $"${{if eq {{$received_port}}{{{PlainPort}}}{{}}{{*}}}}";
        var known = $"${{if eq {{$auth2:$auth3}}{{{DovecotPasswords.User}:{DovecotPasswords.Password}}}}}";
        var configuration = directory.File("exim.conf", $"""
            exim_path = {binary}
            primary_hostname = exim.example
            spool_directory = {spool}
            log_file_path = {spool}/log-%s
            pid_file_path = {directory["spool/pid"]}
            keep_environment =
            never_users =
            deliver_drop_privilege = true
            local_interfaces = <; [127.0.0.1]:{Port} ; [127.0.0.1]:{PlainPort}
            rfc1413_query_timeout = 0s
            host_lookup =
            smtp_accept_max_per_connection = 1000
            smtp_accept_queue_per_connection = 0
            smtp_enforce_sync = false
            tls_advertise_hosts = *
            tls_certificate = {directory[Path.GetFileName(authority.CertificateFile)]}
            tls_privatekey = {directory[Path.GetFileName(authority.KeyFile)]}
            auth_advertise_hosts = *
            pipelining_advertise_hosts = {plainly}
            chunking_advertise_hosts = {plainly}
            smtputf8_advertise_hosts = {plainly}
            acl_smtp_rcpt = rcpt
            acl_smtp_data = accept
            begin acl
            rcpt:
              accept authenticated = *
              deny message = 5.7.0 Sign in first
            begin routers
            onwards:
              driver = manualroute
              route_list = * 127.0.0.1::{relayPort} byname
              self = send
              transport = onwards
            begin transports
            onwards:
              driver = smtp
              hosts_avoid_tls = *
              hosts_try_fastopen = :
              dnssec_request_domains = :
              hosts_try_dane = :
            begin retry
            * * F,1h,1m
            begin authenticators
            plain:
              driver = plaintext
              public_name = PLAIN
              server_prompts = :
              server_condition = {known}
              server_set_id = $auth2

            """);
        program = ForeignProgram.Start(binary, "", "-C", configuration, "-bdf");
    }

    public int Port { get; } = FreePort.Take();

    /// <summary>Where PIPELINING, CHUNKING and SMTPUTF8 are not offered.</summary>
    public int PlainPort { get; } = FreePort.Take();

    public static async Task<EximSmartHost> StartAsync(TestAuthority authority, int relayPort)
    {
        var (exitCode, said) = await ForeignProgram.RunAsync("bash", "bash", "", Path.Combine(Repository(), "tests", "exim.sh"), Path.Combine(Path.GetTempPath(), "postrider-exim"));
        Assert.True(exitCode == 0, $"Exim could not be unpacked: {said}");
        var exim = new EximSmartHost(authority, said.Split('\n')[0], relayPort);
        try
        {
            await exim.program.GreetsAsync(exim.Port);
            await exim.program.GreetsAsync(exim.PlainPort);
            return exim;
        }
        catch
        {
            await exim.DisposeAsync();
            throw;
        }
    }

    private static string Repository([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));

    public async ValueTask DisposeAsync()
    {
        await program.DisposeAsync();
        directory.Dispose();
    }
}
