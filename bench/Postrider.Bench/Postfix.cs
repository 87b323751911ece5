using Postrider.Simulator;

namespace Postrider.Bench;

/// <summary>Postfix as a relay with a password, tuned for the work: 20 deliveries at once from the start, nothing held back at intake.</summary>
internal sealed class Postfix : MailServer
{
    private string Configuration => Path.Combine(Directory, "etc");

    /// <param name="hold">Mail is taken into the queue and stays there.</param>
    /// <param name="reuse">Connections to the provider are kept and used again, with their login.</param>
    public static async Task<Postfix> StartAsync(SimulatorApp simulator, bool hold = false, bool reuse = false)
    {
        var postfix = new Postfix();
        try
        {
            postfix.Configure(simulator, hold, reuse);
            await postfix.StartAsync("postfix", "-c", postfix.Configuration, "start-fg");
            return postfix;
        }
        catch
        {
            await postfix.DisposeAsync();
            throw;
        }
    }

    private void Configure(SimulatorApp simulator, bool hold, bool reuse)
    {
        var (provider, data) = ($"[localhost]:{simulator.SmtpPort}", Folder("data", everybodyWrites: true));
        Folder("etc");
        var passwords = Write("passwords", $"{provider} {Seed.NoReply}:password of {Seed.NoReply}\n");
        Write("etc/main.cf", $"""
            compatibility_level = 3.6
            queue_directory = {Folder("queue")}
            data_directory = {data}
            maillog_file = {Path.Combine(Directory, "log")}
            maillog_file_prefixes = {Directory}
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            myhostname = bench.example
            mydestination =
            mynetworks = 127.0.0.0/8
            local_recipient_maps =
            alias_maps =
            alias_database =
            in_flow_delay = 0
            smtp_host_lookup = native
            smtpd_peername_lookup = no
            smtpd_client_connection_count_limit = 0
            smtpd_relay_restrictions = permit_mynetworks, reject
            smtpd_recipient_restrictions = {(hold ? "check_client_access static:HOLD, " : "")}permit_mynetworks, reject
            relayhost = {provider}
            default_destination_concurrency_limit = 20
            initial_destination_concurrency = 20
            smtp_tls_security_level = encrypt
            smtp_tls_CAfile = {simulator.CaFile}
            smtp_tls_session_cache_database = btree:$data_directory/sessions
            smtp_sasl_auth_enable = yes
            smtp_sasl_password_maps = texthash:{passwords}
            smtp_sasl_security_options = noanonymous
            smtp_sasl_mechanism_filter = plain
            {(reuse ? $"smtp_tls_connection_reuse = yes\nsmtp_connection_cache_destinations = {provider}" : "smtp_connection_cache_on_demand = no")}

            """);
        Write("etc/master.cf", $"""
            127.0.0.1:{Port} inet n - n - - smtpd
            postlog unix-dgram n - n - 1 postlogd
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            tlsmgr unix - - n 1000? 1 tlsmgr
            tlsproxy unix - - n - 0 tlsproxy
            scache unix - - n - 1 scache
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            smtp unix - - n - - smtp
            error unix - - n - - error
            retry unix - - n - - error
            anvil unix - - n - 1 anvil

            """);
    }

    protected override Task StopAsync() => RunAsync("postfix", "-c", Configuration, "stop");
}
