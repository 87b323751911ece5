using Postrider.Accounts.Providers;
using Postrider.Smtp;

namespace Postrider.Mail.Doctor;

/// <summary>Tries every step that a message of a provider takes, and says what each came to. It leaves the provider's state and its waiting
/// mail alone, never shows a secret, and ends within two minutes whatever the other side does. Its session is one beyond the provider's
/// lanes: while a mailbox sends on all of its connections, the sign-in may be refused for that reason.</summary>
public sealed class ProviderDoctor
{
    private readonly ServerSteps server;
    private readonly PlatformStep platform;
    private readonly TokenSteps tokens;
    private readonly SignInSteps signIn;
    private readonly MailboxStep mailbox;
    private readonly MessageStep message;
    private readonly TimeProvider time;

    internal ProviderDoctor(ServerSteps server, PlatformStep platform, TokenSteps tokens, SignInSteps signIn, MailboxStep mailbox, MessageStep message, TimeProvider time)
    {
        this.server = server;
        this.platform = platform;
        this.tokens = tokens;
        this.signIn = signIn;
        this.mailbox = mailbox;
        this.message = message;
        this.time = time;
    }

    /// <param name="to">Where to send a message as the last step; null sends none.</param>
    /// <param name="tell">Told of each step as soon as it is done.</param>
    public async Task<DoctorReport> TestAsync(Provider provider, SmtpAddress? to, CancellationToken cancellation, Action<DoctorStep>? tell = null)
    {
        var checkup = new Checkup(time, tell);
        var session = await server.OpenAsync(provider, checkup, cancellation);
        try
        {
            await platform.LookAsync(provider, checkup, cancellation);
            var token = await tokens.ObtainAsync(provider, checkup, cancellation);
            await signIn.TryAsync(provider, session, token, checkup, cancellation);
            if (session is not null)
                await session.QuitAsync(cancellation);
        }
        finally
        {
            if (session is not null)
                await session.DisposeAsync();
        }
        await mailbox.TryAsync(provider, checkup, cancellation);
        if (to is not null)
            await message.SendAsync(provider, to, checkup, cancellation);
        return checkup.Report;
    }
}
