using Postrider.Accounts.Providers;
using Postrider.Accounts.Tokens;
using Postrider.Mail.Delivery;
using Postrider.Smtp;
using FailureStage = Postrider.Accounts.Failures.SmtpStage;
using Step = Postrider.Mail.Doctor.DoctorStepName;

namespace Postrider.Mail.Doctor;

/// <summary>What the server allows us: to sign in, and to send as the mailbox.</summary>
internal sealed class SignInSteps(ProviderSecrets secrets, ReplyClassifier classifier, SendersStep senders)
{
    private static readonly TimeSpan AuthLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan SenderLimit = TimeSpan.FromSeconds(10);

    /// <summary>What signing in needs.</summary>
    public static readonly string[] Before = [Step.Dns, Step.Tcp, Step.Tls, Step.Ehlo, Step.Token];

    public async Task TryAsync(Provider provider, SmtpClientSession? session, AccessToken? token, Checkup checkup, CancellationToken cancellation)
    {
        var credential = session is null ? null : await CredentialAsync(provider, token, checkup, cancellation);
        if (credential is not null)
            await AskAsync(Step.Auth, FailureStage.Auth, provider, AuthLimit, checkup, ask => session!.AuthenticateAsync(credential, ask),
                () => $"signed in as {provider.UserName} with {session!.AuthenticationMechanism}", cancellation);
        else if (!checkup.Tried(Step.Auth))
            checkup.Skip(Step.Auth, Before);
        if (!checkup.Passed(Step.Auth))
            checkup.Skip(Step.Sender, [.. Before, Step.Auth]);
        else if (!provider.UserName.Contains('@'))
            checkup.LeaveOut(Step.Sender, $"left out: the user name {provider.UserName} is not an address");
        else
            await AskAsync(Step.Sender, FailureStage.Mail, provider, SenderLimit, checkup, ask => session!.TrySenderAsync(provider.UserName, ask),
                () => $"the server takes mail from {provider.UserName}", cancellation);
        if (checkup.Passed(Step.Auth))
            await senders.TryAsync(provider, session!, checkup, cancellation);
    }

    private async Task<SmtpCredential?> CredentialAsync(Provider provider, AccessToken? token, Checkup checkup, CancellationToken cancellation)
    {
        if (provider.Type != ProviderType.Password)
            return token is null ? null : new SmtpCredential.OAuth(provider.UserName, token.Value);
        var (cause, remedy) = ("No password is set.", $"Set it:\n    postrider provider set {provider.Name} --password-file -");
        try
        {
            if (await secrets.PasswordAsync(provider.Id, cancellation) is { Length: > 0 } password)
            {
                checkup.Hide(password);
                return new SmtpCredential.Password(provider.UserName, password);
            }
        }
        catch (TokenVaultException wrong)
        {
            (cause, remedy) = (wrong.Message, $"Restore the key directory, or enter the password again:\n    postrider provider set {provider.Name} --password-file -");
        }
        checkup.Fail(Step.Auth, "not tried: there is no password", cause, remedy);
        return null;
    }

    private async Task AskAsync(string step, FailureStage stage, Provider provider, TimeSpan within, Checkup checkup,
        Func<CancellationToken, Task<SmtpReply>> ask, Func<string> passed, CancellationToken cancellation)
    {
        var started = checkup.Time.GetTimestamp();
        using var limit = new CancellationTokenSource(within, checkup.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            var reply = await ask(either.Token);
            var took = checkup.Time.GetElapsedTime(started);
            if (reply.IsPositive)
                checkup.Pass(step, passed(), took);
            else
                checkup.Fail(step, reply.Challenge is { } challenge ? $"{reply.Verbatim} ({challenge})" : reply.Verbatim,
                    classifier.Explain(provider, provider.UserName, stage, reply), took);
        }
        catch (SmtpConnectionException lost)
        {
            checkup.Fail(step, lost.Reply?.Verbatim ?? lost.Message, classifier.Explain(provider, lost), checkup.Time.GetElapsedTime(started));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            var silent = new SmtpConnectionException(step == Step.Auth ? SmtpStage.Auth : SmtpStage.Mail, SmtpFault.TimedOut, $"No answer within {within.TotalSeconds:0} s.");
            checkup.Fail(step, silent.Message, classifier.Explain(provider, silent), within);
        }
    }
}
