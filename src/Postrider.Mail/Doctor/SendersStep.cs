using System.Globalization;
using Postrider.Accounts.Failures;
using Postrider.Accounts.Providers;
using Postrider.Mail.Delivery;
using Postrider.Mail.Intake;
using Postrider.Smtp;
using FailureStage = Postrider.Accounts.Failures.SmtpStage;
using Step = Postrider.Mail.Doctor.DoctorStepName;

namespace Postrider.Mail.Doctor;

/// <summary>The other addresses that mail of this provider is sent as: those of the provider, and those of the clients that use it. Each is
/// named to the server in a MAIL FROM, which sends nothing.</summary>
internal sealed class SendersStep(ClientDirectory clients, ReplyClassifier classifier)
{
    private const int MostTried = 20;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public async Task TryAsync(Provider provider, SmtpClientSession session, Checkup checkup, CancellationToken cancellation)
    {
        var allowed = provider.Senders.Concat(clients.All.Where(client => client.ProviderId == provider.Id).SelectMany(client => client.Senders))
            .Distinct(StringComparer.OrdinalIgnoreCase).Where(sender => !sender.Equals(provider.UserName, StringComparison.OrdinalIgnoreCase)).ToList();
        var (domains, addresses) = (allowed.Where(sender => sender.StartsWith('@')).ToList(), allowed.Where(sender => !sender.StartsWith('@')).ToList());
        if (addresses.Count == 0)
        {
            if (domains.Count > 0)
                checkup.LeaveOut(Step.Senders, $"left out: any address of {string.Join(", ", domains)} may be sent as, and none is named");
            return;
        }
        var started = checkup.Time.GetTimestamp();
        using var limit = new CancellationTokenSource(Limit, checkup.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        var refused = new List<(string Sender, string Reply, KnownFailure Why)>();
        var tried = 0;
        try
        {
            foreach (var sender in addresses.Take(MostTried))
            {
                var reply = await session.TrySenderAsync(sender, either.Token);
                tried++;
                if (!reply.IsPositive)
                    refused.Add((sender, reply.Verbatim, classifier.Explain(provider, sender, FailureStage.Mail, reply)));
            }
        }
        catch (Exception wrong) when (wrong is SmtpConnectionException || (wrong is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            checkup.Fail(Step.Senders, $"{tried} of {addresses.Count} tried: {wrong.Message}", "The server ended the session, or took too long, while the senders were tried.", "Test again.", checkup.Time.GetElapsedTime(started));
            return;
        }
        var took = checkup.Time.GetElapsedTime(started);
        var rest = addresses.Count > tried ? string.Create(CultureInfo.InvariantCulture, $"; {addresses.Count - tried} more were not tried") : "";
        if (refused.Count == 0)
            checkup.Pass(Step.Senders, $"the server takes mail from {string.Join(", ", addresses.Take(tried))}{rest}{(provider.Type == ProviderType.Microsoft ? "; Exchange looks at some rights only when a message is sent" : "")}", took);
        else
            checkup.Fail(Step.Senders, string.Join("; ", refused.Select(one => $"{one.Sender}: {one.Reply}")) + rest, refused[0].Why.Cause, string.Join('\n', refused.Select(one => one.Why.Remedy).Distinct()), took);
    }
}
