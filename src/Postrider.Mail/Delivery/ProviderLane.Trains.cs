using Postrider.Accounts.Providers;
using Postrider.Mail.Queue;
using Postrider.Smtp;
using Postrider.Storage;

namespace Postrider.Mail.Delivery;

/// <summary>Small messages of a long queue leave several at a time: one write, one round trip and one commit for all of them.
/// Only through providers without a limit a minute, where nobody counts them one by one.</summary>
internal sealed partial class ProviderLane
{
    /// <summary>As many may be in doubt when a connection breaks.</summary>
    internal const int LongestTrain = 4;
    private const int LargestTrain = 256 * 1024;

    private static List<ClaimedMessage> Train(IReadOnlyList<ClaimedMessage> left, int from, SmtpCapabilities server)
    {
        var train = new List<ClaimedMessage>(LongestTrain);
        long bytes = 0;
        for (var at = from; at < left.Count && train.Count < LongestTrain; at++)
        {
            var message = left[at];
            if (message.Content is not { Length: <= SmtpClientSession.LargestInTrain } || message.SmtpUtf8 || !server.Carries(message.Body) || (bytes += message.Size) > LargestTrain)
                break;
            train.Add(message);
        }
        return train;
    }

    private async Task<bool> SendTrainAsync(Provider provider, List<ClaimedMessage> train, List<ClaimedMessage> left)
    {
        flying = train;
        try
        {
            return await CarryAsync(provider, train, left);
        }
        catch (Exception unexpected) when (unexpected is not (OperationCanceledException or StorageException))
        {
            await CloseAsync();
            foreach (var message in train)
            {
                await StumbleAsync(message, unexpected);
                left.Remove(message);
            }
            return true;
        }
    }

    private async Task<bool> CarryAsync(Provider provider, List<ClaimedMessage> train, List<ClaimedMessage> left)
    {
        var open = session!.Smtp;
        var (started, reused) = (time.GetUtcNow(), open.MessagesSent > 0);
        (Envelope Envelope, MessageContent Content)[] aboard = [.. train.Select(message => (EnvelopeOf(message), (MessageContent)new StoredContent(contents, message, message.Content!)))];
        var results = await open.SendTrainAsync(aboard,
            cancellation => new ValueTask<bool>(queue.MarkFinalDotsAsync(train, cancellation)), CancellationToken.None);
        var concluded = new List<Concluded>(train.Count);
        var verdicts = new List<ReplyClassifier.Verdict>(train.Count);
        ReplyClassifier.Verdict? blame = null;
        var closed = false;
        for (var at = 0; at < train.Count; at++)
        {
            var (message, result) = (train[at], results[at]);
            if (result.State == SendState.Abandoned)
                Abandon(message, left);
            else if ((reused && IsTired(provider, message, result)) || (closed && result.State == SendState.Lost))
                message.ForgetFinalDot();
            else if (classifier.Judge(provider, message, result) is { Account: null } verdict)
            {
                concluded.Add(Conclusion(provider, message, message.Content!, verdict, started, Transcript(at)));
                verdicts.Add(verdict);
            }
            else
            {
                message.ForgetFinalDot();
                blame ??= classifier.Judge(provider, message, result);
            }
            // Who said goodbye to one has not looked at those behind it.
            closed |= result.MailReply?.Code == 421;
        }
        Func<string> Transcript(int at) => () => SmtpTranscript.Of(open, aboard[at].Envelope, aboard[at].Content, results[at]);
        await queue.RecordAsync(concluded, blame is null && LeavesAtOnce(left.ElementAtOrDefault(train.Count)) ? Train(left, train.Count, open.Capabilities) : []);
        flying = [];
        foreach (var (message, outcome, _) in concluded)
        {
            left.Remove(message);
            Tell(provider, message, outcome);
        }
        foreach (var verdict in verdicts)
            await HeedAsync(provider, verdict);
        return blame is null || await BlamedAsync(provider, blame);
    }

    // Nothing was written. Whoever has no mark has lost its lease to another; the rest go on.
    private void Abandon(ClaimedMessage message, List<ClaimedMessage> left)
    {
        if (message.FinalDotAt is not null)
            return;
        DeliveryLog.LeaseLost(log, message.Id);
        left.Remove(message);
    }
}
