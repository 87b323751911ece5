namespace Postrider.EndToEnd.Foreign;

/// <summary>Postfix as most people run a smart host: STARTTLS, then a password, then it takes mail for anybody. It has a configuration and
/// a queue of its own and leaves the machine's Postfix alone.</summary>
internal sealed class PostfixSmartHost : IAsyncDisposable
{
    /// <summary>Nobody is at home here.</summary>
    public const string Unknown = "unknown@example.org";

    private readonly ServerDirectory directory = new();
    private readonly DovecotPasswords passwords;
    private readonly ForeignProgram program;

    private PostfixSmartHost(TestAuthority authority, DovecotPasswords passwords, int relayPort, IReadOnlyList<string> missing)
    {
        this.passwords = passwords;
        Ports = [.. missing.Select(_ => FreePort.Take())];
        var (configuration, queue) = (directory.Folder("etc"), directory.Folder("queue"));
        directory.File("etc/main.cf", $$"""
            compatibility_level = 3.6
            queue_directory = {{queue}}
            data_directory = {{directory.Folder("data", everybodyWrites: true)}}
            maillog_file = /dev/stdout
            maillog_file_prefixes = /dev
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            myhostname = smarthost.example
            mydestination =
            mynetworks =
            local_recipient_maps =
            alias_maps =
            alias_database =
            relayhost = [127.0.0.1]:{{relayPort}}
            smtp_tls_security_level = none
            default_destination_concurrency_limit = 1
            smtpd_tls_security_level = encrypt
            smtpd_tls_loglevel = 1
            smtpd_tls_cert_file = {{authority.CertificateFile}}
            smtpd_tls_key_file = {{authority.KeyFile}}
            smtpd_sasl_auth_enable = yes
            smtpd_sasl_type = dovecot
            smtpd_sasl_path = {{passwords.Socket}}
            smtpd_relay_restrictions = permit_sasl_authenticated, reject
            smtpd_recipient_restrictions = check_recipient_access inline:{ { {{Unknown}} = 550 5.1.1 No such person } }

            """);
        directory.File("etc/master.cf", $"""
            {string.Join('\n', missing.Select((keywords, at) => $"127.0.0.1:{Ports[at]} inet n - n - - smtpd -o smtpd_discard_ehlo_keywords={keywords}"))}
            postlog unix-dgram n - n - 1 postlogd
            pickup unix n - n 60 1 pickup
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            tlsmgr unix - - n 1000? 1 tlsmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            smtp unix - - n - - smtp
            error unix - - n - - error
            retry unix - - n - - error
            anvil unix - - n - 1 anvil

            """);
        program = ForeignProgram.Start("postfix", "postfix", "-c", configuration, "start-fg");
    }

    /// <summary>One for each set of extensions that is missing.</summary>
    public IReadOnlyList<int> Ports { get; }

    public int Port => Ports[0];

    /// <param name="mechanisms">Those that it offers, as Dovecot writes them: <c>plain</c>, <c>login</c>.</param>
    /// <param name="missing">A door for each: keywords of EHLO that it does not offer, with commas. None: one door that offers all.</param>
    public static async Task<PostfixSmartHost> StartAsync(TestAuthority authority, string mechanisms, int relayPort, IReadOnlyList<string>? missing = null)
    {
        var postfix = new PostfixSmartHost(authority, await DovecotPasswords.StartAsync(mechanisms), relayPort, missing ?? [""]);
        try
        {
            await postfix.program.GreetsAsync(postfix.Port);
            return postfix;
        }
        catch
        {
            await postfix.DisposeAsync();
            throw;
        }
    }

    public Task SaysAsync(string text) => program.SaysAsync(text);

    public async ValueTask DisposeAsync()
    {
        // What was started is a shell around the master process; only the master ends its children.
        try
        {
            await ForeignProgram.RunAsync("postfix", "postfix", "", "-c", directory["etc"], "stop");
        }
        finally
        {
            await program.DisposeAsync();
            await passwords.DisposeAsync();
            directory.Dispose();
        }
    }
}
