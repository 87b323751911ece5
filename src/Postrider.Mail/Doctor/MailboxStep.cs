using Postrider.Accounts.Providers;
using Postrider.Mail.Tracking;
using Step = Postrider.Mail.Doctor.DoctorStepName;

namespace Postrider.Mail.Doctor;

/// <summary>Whether the mailbox can be read for what comes back, where that is wanted.</summary>
internal sealed class MailboxStep(MailboxReader reader)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public async Task TryAsync(Provider provider, Checkup checkup, CancellationToken cancellation)
    {
        if (!provider.ReadReports)
            return;
        var started = checkup.Time.GetTimestamp();
        using var limit = new CancellationTokenSource(Limit, checkup.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        var where = $"{provider.ImapAddress}, {(provider.ImapFolder.Length > 0 ? provider.ImapFolder : "INBOX")}";
        try
        {
            if (await reader.TestAsync(provider, either.Token) is { } trouble)
                checkup.Fail(Step.Reports, where, trouble.Cause, trouble.Remedy, checkup.Time.GetElapsedTime(started));
            else
                checkup.Pass(Step.Reports, $"read from {where}", checkup.Time.GetElapsedTime(started));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            checkup.Fail(Step.Reports, where, $"The IMAP server did not answer within {Limit.TotalSeconds:0} s.", "Check the IMAP address, and that the network lets it through.", Limit);
        }
    }
}
