using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Foreign;

/// <summary>Dovecot as the one who knows the password, for a Postfix that asks it over a socket.</summary>
internal sealed class DovecotPasswords : IAsyncDisposable
{
    public const string User = "smtp-user", Password = "right horse battery staple";

    private readonly ServerDirectory directory = new();
    private readonly ForeignProgram program;

    private DovecotPasswords(string mechanisms)
    {
        directory.File("users", $"{User}:{{PLAIN}}{Password}\n");
        var configuration = directory.File("dovecot.conf", $$"""
            base_dir = {{directory["run"]}}
            state_dir = {{directory["state"]}}
            log_path = /dev/stderr
            protocols =
            ssl = no
            auth_mechanisms = {{mechanisms}}
            auth_failure_delay = 0
            passdb {
              driver = passwd-file
              args = {{directory["users"]}}
            }
            service auth {
              unix_listener {{Socket}} {
                mode = 0666
              }
            }

            """);
        program = ForeignProgram.Start("dovecot", "dovecot-core", "-F", "-c", configuration);
    }

    public string Socket => directory["auth"];

    public static async Task<DovecotPasswords> StartAsync(string mechanisms)
    {
        var passwords = new DovecotPasswords(mechanisms);
        try
        {
            return await GatewayProcess.EventuallyAsync(() => Task.FromResult(File.Exists(passwords.Socket) ? passwords : null), "Dovecot opens its socket");
        }
        catch
        {
            await passwords.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await program.DisposeAsync();
        directory.Dispose();
    }
}
