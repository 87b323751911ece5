using System.Buffers;
using MimeKit;
using Postrider.Accounts.Providers;
using Postrider.Mail.Delivery;
using Postrider.Mail.History;
using Postrider.Mail.Intake;
using Postrider.Smtp;
using Postrider.Storage;
using Step = Postrider.Mail.Doctor.DoctorStepName;

namespace Postrider.Mail.Doctor;

/// <summary>A real message, through the same door and queue as all others, so that it has a history to look at.</summary>
internal sealed class MessageStep(MessageIntake intake, MessageHistory history, ProviderDirectory providers, DeliveryActivity activity)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    public async Task SendAsync(Provider provider, SmtpAddress to, Checkup checkup, CancellationToken cancellation)
    {
        if (!checkup.Passed(Step.Auth) || !checkup.Passed(Step.Sender))
        {
            Skip(provider, checkup);
            return;
        }
        if (providers.Find(provider.Id) is { State: ProviderState.Paused or ProviderState.Disabled } still)
        {
            // It would go out on its own much later, when nobody expects a test any more.
            checkup.Fail(Step.Message, "not queued: it would wait with the provider's other mail", still.StateReason ?? "The provider is not in use.",
                still.Remedy ?? $"postrider provider {(still.State == ProviderState.Paused ? "resume" : "enable")} {still.Name}");
            return;
        }
        var started = checkup.Time.GetTimestamp();
        var sender = SmtpAddress.Parse(provider.UserName);
        var (bytes, international) = Compose(provider, sender, to, checkup.Time.GetUtcNow());
        using var spool = intake.NewSpool();
        spool.Write(bytes);
        IntakeResult result;
        try
        {
            result = await intake.AcceptAsync(new IncomingMessage
            {
                Source = "test", Provider = provider.Name, MailFrom = sender.WireText, Recipients = [to.WireText], SmtpUtf8 = international, Body = international ? SmtpBody.EightBitMime : SmtpBody.SevenBit,
                ReceivedFrom = "from localhost (test of the provider)", ReceivedWith = "HTTP",
            }, spool, cancellation);
        }
        catch (StorageException wrong)
        {
            checkup.Fail(Step.Message, wrong.Message, "The message could not be stored.", "Look at the log, and at the space on the disk of the data directory.", checkup.Time.GetElapsedTime(started));
            return;
        }
        if (result is IntakeResult.Accepted { Id: var id })
            Tell(id, to, await OutcomeAsync(id, checkup, cancellation), provider, checkup, started);
        else if (result is IntakeResult.Refused { Why: var why })
            checkup.Fail(Step.Message, why.ToString(), "Postrider did not take the message.", why.Text, checkup.Time.GetElapsedTime(started));
    }

    private static void Skip(Provider provider, Checkup checkup)
    {
        if (checkup.Passed(Step.Auth) && !provider.UserName.Contains('@'))
            checkup.LeaveOut(Step.Message, $"left out: no sender is known. Send one with: postrider send --provider {provider.Name} --from ADDRESS");
        else
            checkup.Skip(Step.Message, [.. SignInSteps.Before, Step.Auth, Step.Sender]);
    }

    /// <summary>Waits for the first attempt's outcome, and no longer than a person does.</summary>
    private async Task<StoredMessage?> OutcomeAsync(string id, Checkup checkup, CancellationToken cancellation)
    {
        var started = checkup.Time.GetTimestamp();
        while (true)
        {
            var message = await history.FindAsync(id, cancellation);
            if (message is null or { FinishedAt: not null } or { Attempts.Count: > 0 } || checkup.Time.GetElapsedTime(started) > Patience)
                return message;
            await Task.Delay(LookAgain, checkup.Time, cancellation);
        }
    }

    private void Tell(string id, SmtpAddress to, StoredMessage? message, Provider provider, Checkup checkup, long started)
    {
        var took = checkup.Time.GetElapsedTime(started);
        var last = message?.Attempts is { Count: > 0 } attempts ? attempts[^1] : null;
        if (message is { State: "sent" or "delivered" or "delayed" })
        {
            checkup.Pass(Step.Message, $"message {id} to {to} is {message.State}: {last?.Reply}", took);
            return;
        }
        var detail = $"message {id} to {to} is {message?.State ?? "gone"}{(last is null ? "" : $": {last.Reply}")}";
        var look = $"Look again in a minute:\n    postrider message show {id}";
        if (last is not null)
            checkup.Fail(Step.Message, detail, last.Cause ?? "The provider did not take the message.", last.Remedy ?? look, took);
        else if (providers.Find(provider.Id) is { State: not ProviderState.Ready } held)
            checkup.Fail(Step.Message, detail, $"The provider's mail is held: {held.StateReason}", held.Remedy ?? look, took);
        else if (activity.Of(provider.Id)?.Fault is { } fault)
            checkup.Fail(Step.Message, detail, fault.Cause, fault.Remedy, took);
        else
            checkup.Fail(Step.Message, detail, "It has not been its turn yet: other mail is ahead of it, or the provider's pace holds it back.", look, took);
    }

    private static (byte[] Bytes, bool International) Compose(Provider provider, SmtpAddress sender, SmtpAddress to, DateTimeOffset now)
    {
        var message = new MimeMessage { Date = now, Subject = $"Test of {provider.DisplayName}" };
        message.Headers.Remove(HeaderId.MessageId);   // the intake gives one that holds the message's id
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        message.From.Add(new MailboxAddress(provider.DisplayName, sender.Text));
        message.To.Add(new MailboxAddress("", to.Text));
        message.Body = new TextPart("plain")
        {
            Text = $"This message tests the provider {provider.Name}: it was sent through {provider.Address} as {sender}.\r\nNobody needs to answer it.\r\n",
        };
        var international = sender.NeedsSmtpUtf8 || to.NeedsSmtpUtf8;
        using var bytes = new MemoryStream();
        message.WriteTo(new FormatOptions { NewLineFormat = NewLineFormat.Dos, EnsureNewLine = true, International = international }, bytes, CancellationToken.None);
        return (bytes.ToArray(), international);
    }
}
