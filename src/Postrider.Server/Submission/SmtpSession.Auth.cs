using System.Text;
using Postrider.Mail.Intake;
using Postrider.Smtp;
using Sender = Postrider.Mail.Intake.Client;

namespace Postrider.Server.Submission;

internal sealed partial class SmtpSession
{
    private Sender? client;

    // A password in clear text is for this machine's own loopback alone (RFC 4954 section 4).
    private bool MayAuthenticate => IsSecure || IsLoopback;

    private async Task AuthenticateAsync(SmtpCommand.Auth auth)
    {
        if (!extended || client is not null || envelope is not null)
        {
            Refuse(503, "5.5.1", client is not null ? "You have signed in already" : "Send EHLO first, and AUTH before MAIL");
            return;
        }
        if (!MayAuthenticate)
        {
            Refuse(538, "5.7.11", "Start TLS before signing in");
            return;
        }
        if (throttle.IsBlocked(address))
        {
            Close(421, "4.7.0", "Too many wrong passwords from your address, wait ten minutes");
            return;
        }
        var credential = auth.Mechanism switch
        {
            "PLAIN" => await PlainAsync(auth.InitialResponse),
            "LOGIN" => await LoginAsync(auth.InitialResponse),
            _ => Unoffered(),
        };
        if (credential is not { } given)
            return;
        client = clients.Authenticate(given.User, given.Password);
        if (client is null)
        {
            throttle.Failed(address);
            SubmissionLog.AuthFailed(log, address, given.User);
            Refuse(535, "5.7.8", "User name or password is wrong");
            return;
        }
        throttle.Succeeded(address);
        Reply(235, "2.7.0", "Welcome");
    }

    private (string User, string Password)? Unoffered()
    {
        Refuse(504, "5.5.4", "Sign in with PLAIN or LOGIN");
        return null;
    }

    private async Task<(string User, string Password)?> PlainAsync(string? initial)
    {
        if ((initial ?? await AskAsync("")) is not { } response)
            return null;
        if (SaslPlain.TryDecode(response, out _, out var user, out var password))
            return (user, password);
        Refuse(501, "5.5.2", "That is not a PLAIN response: base64 of NUL, user name, NUL, password (RFC 4616), with no other identity before the first NUL");
        return null;
    }

    private async Task<(string User, string Password)?> LoginAsync(string? initial)
    {
        if ((initial ?? await AskAsync(SaslLogin.UsernamePrompt)) is not { } name || !Decode(name, out var user))
            return null;
        if (await AskAsync(SaslLogin.PasswordPrompt) is not { } secret || !Decode(secret, out var password))
            return null;
        return (user, password);
    }

    private bool Decode(string base64, out string text)
    {
        var good = SaslLogin.TryDecode(base64, out var answer);
        text = answer ?? "";
        if (!good)
            Refuse(501, "5.5.2", "That is not base64 text");
        return good;
    }

    /// <returns>Null when the client gave up, was refused or has gone.</returns>
    private async Task<string?> AskAsync(string prompt)
    {
        Write($"334 {prompt}\r\n");
        if (await NextLineAsync(CancellationToken.None) is not { } line)
        {
            closing = true;
            return null;
        }
        if (line.Kind != SmtpLineKind.Line)
        {
            Refuse(500, "5.5.6", "The line is too long or does not end in CR LF");
            return null;
        }
        var text = Encoding.ASCII.GetString(line.Bytes.Span);
        if (text != "*")
            return text;
        Refuse(501, "5.0.0", "Cancelled");
        return null;
    }
}
