namespace Postrider.EndToEnd.Foreign;

/// <summary>Dovecot's submission service, and the mailbox of its user: it takes OAuth only, asks an identity platform about each token (RFC 7662), and passes mail on.</summary>
internal sealed class DovecotSubmission : IAsyncDisposable
{
    private readonly ServerDirectory directory = new();
    private readonly ForeignProgram program;

    private DovecotSubmission(TestAuthority authority, Uri introspection, int relayPort, string mechanisms, int port, string? capabilities)
    {
        Port = port;
        ImapPort = FreePort.Take();
        directory.Folder("mail", everybodyWrites: true);
        foreach (var folder in new[] { "", "/cur", "/new", "/tmp" })
            directory.Folder($"mail/{Running.Installation.Mailbox}{folder}", everybodyWrites: true);
        // Dovecot compares the user name of the AUTH command with the introspected one.
        directory.File("oauth2.conf", $"""
            introspection_url = {introspection}
            introspection_mode = post
            force_introspection = yes
            username_attribute = username
            active_attribute = active
            active_value = true

            """);
        var configuration = directory.File("dovecot.conf", $$"""
            base_dir = {{directory["run"]}}
            state_dir = {{directory["state"]}}
            log_path = /dev/stderr
            protocols = submission imap
            listen = 127.0.0.1
            hostname = dovecot.example
            ssl = required
            ssl_cert = <{{authority.CertificateFile}}
            ssl_key = <{{authority.KeyFile}}
            auth_mechanisms = {{mechanisms}}
            auth_verbose = yes
            auth_failure_delay = 0
            first_valid_uid = 1
            mail_location = maildir:{{directory["mail"]}}/%u
            submission_relay_host = 127.0.0.1
            submission_relay_port = {{relayPort}}
            {{(capabilities is null ? "" : $"submission_backend_capabilities = {capabilities}")}}
            passdb {
              driver = oauth2
              args = {{directory["oauth2.conf"]}}
            }
            userdb {
              driver = static
              args = uid=nobody gid=nogroup home={{directory["mail"]}}/%u
            }
            service submission-login {
              inet_listener submission {
                port = {{port}}
              }
            }
            service imap-login {
              inet_listener imap {
                port = 0
              }
              inet_listener imaps {
                port = {{ImapPort}}
                ssl = yes
              }
            }

            """);
        program = ForeignProgram.Start("dovecot", "dovecot-core dovecot-imapd dovecot-submissiond", "-F", "-c", configuration);
    }

    public int Port { get; }

    public int ImapPort { get; }

    public string Log => program.Output;

    /// <summary>Puts a mail into the mailbox, as a delivery would.</summary>
    public void Deliver(string name, byte[] mail)
    {
        var file = directory[$"mail/{Running.Installation.Mailbox}/tmp/{name}"];
        File.WriteAllBytes(file, mail);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);
        File.Move(file, directory[$"mail/{Running.Installation.Mailbox}/new/{name}"]);
    }

    /// <summary>The mails in the mailbox, by name, with the marks that Dovecot keeps behind it.</summary>
    public IEnumerable<string> Mails => new[] { "cur", "new" }.SelectMany(folder => Directory.EnumerateFiles(directory[$"mail/{Running.Installation.Mailbox}/{folder}"])).Select(file => Path.GetFileName(file));

    /// <param name="introspection">The address that says what a token is worth.</param>
    /// <param name="relayPort">Where mail goes.</param>
    /// <param name="mechanisms">Those that it offers, as Dovecot writes them.</param>
    /// <param name="capabilities">What it offers of that which depends on where mail goes; by default, what it finds there.</param>
    /// <param name="port">The port of one that was there before; a free one if left out.</param>
    public static async Task<DovecotSubmission> StartAsync(TestAuthority authority, Uri introspection, int relayPort,
        string mechanisms = "xoauth2 oauthbearer", int? port = null, string? capabilities = null)
    {
        var dovecot = new DovecotSubmission(authority, introspection, relayPort, mechanisms, port ?? FreePort.Take(), capabilities);
        try
        {
            await dovecot.program.GreetsAsync(dovecot.Port);
            return dovecot;
        }
        catch
        {
            await dovecot.DisposeAsync();
            throw;
        }
    }

    public Task SaysAsync(string text) => program.SaysAsync(text);

    public async ValueTask DisposeAsync()
    {
        await program.DisposeAsync();
        directory.Dispose();
    }
}
