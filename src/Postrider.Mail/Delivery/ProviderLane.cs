using Microsoft.Extensions.Logging;
using Postrider.Accounts.Providers;
using Postrider.Mail.Queue;
using Postrider.Mail.Tracking;
using Postrider.Smtp;
using Postrider.Storage;

namespace Postrider.Mail.Delivery;

/// <summary>The right to one connection to a provider. It claims messages and sends them one after another, and keeps its connection
/// open while there is work: signing in costs more than sending.</summary>
internal sealed partial class ProviderLane(ProviderWorker worker, MessageQueue queue, ProviderClaims claims, ContentStore contents,
    SmtpDelivery delivery, ReplyClassifier classifier, RetrySchedule schedule, FailureNotice notice, Flights flights, TimeProvider time, ILogger log)
{
    /// <summary>As many messages are claimed at once when there are many: one commit for all of them.</summary>
    private const int LargestClaim = 16;

    /// <summary>After so many attempts, an error of our own ends the trying: a person must look.</summary>
    private const int MostStumbles = 3;

    private const string Stumble = "Postrider met an error of its own while it sent this message.",
        StumbleRemedy = "It is tried again. If that does not help, report the error with the log's lines for this message.";

    private SmtpDelivery.OpenSession? session;
    private int claimSize = 1;

    /// <summary>Sends what it has in hand, or what is due.</summary>
    /// <returns>True when there may be more in the queue.</returns>
    public async Task<bool> WorkAsync(CancellationToken stopping)
    {
        var provider = worker.Provider;
        if (provider is null)
            return false;
        if (HasInHand && !CountsNobody(provider))
            await GiveBackAsync();
        using var turn = await worker.Pacer.TurnAsync(worker.Gate.Limits(provider), stopping);
        if (turn.SpentUntil is { } spent)
        {
            RestUntil(provider, spent);
            return false;
        }
        var most = turn.Most ?? claimSize;
        var mine = HasInHand;
        var alone = !mine && queue.Suspects(worker.ProviderId);
        // What comes before its flight must not be laid at its door.
        if (alone && await ReadyAsync(stopping) is null)
            return false;
        using var flight = alone ? await flights.AloneAsync(stopping) : await flights.WithOthersAsync(stopping);
        var (claimed, more) = mine ? (inHand, false)
            : alone ? (await queue.ClaimSuspectAsync(worker.ProviderId, stopping), false)
            : await claims.TakeAsync(most, LeavingAtOnce, stopping);
        inHand = [];
        // One at a time of those that were in hand when a process died: should it die again, fewer are suspected.
        claimSize = more && claimed.All(message => message.Rescues == 0) ? Math.Min(claimSize * 2, LargestClaim) : 1;
        if (claimed.Count == 0)
            return alone || queue.Suspects(worker.ProviderId);
        if (more)
            worker.Poke();
        var left = new List<ClaimedMessage>(claimed);
        var done = false;
        try
        {
            if (await ReadyAsync(stopping) is null)
                return false;
            if (!await turn.TakeAsync(claimed.Count, claimed.Sum(message => message.Recipients.Count), stopping))
            {
                // What the day has left may do for some of them.
                if (claimed.Count > 1)
                {
                    claimSize = 1;
                    return true;
                }
                RestUntil(provider, turn.SpentUntil!.Value);
                return false;
            }
            while (left.Count > 0 && !stopping.IsCancellationRequested)
            {
                if (!await SendNextAsync(worker.Provider ?? provider, left, stopping))
                    break;
                done = true;
            }
        }
        finally
        {
            if (left.Count > 0)
            {
                // Those that are not on their way have not been sent, whatever was marked ahead.
                foreach (var unsent in left.Except(flying))
                    unsent.ForgetFinalDot();
                await queue.ReleaseAsync(left);
                // Nobody else was told of it.
                if (mine)
                    worker.Poke();
            }
            flying = [];
        }
        return done && !mine;
    }

    private Hands.Hand? hand;

    /// <summary>What was stored for it while it waited.</summary>
    private IReadOnlyList<ClaimedMessage> inHand = [];

    public bool HasInHand => inHand.Count > 0;

    /// <summary>From now on mail may be stored for it, where it would leave at once.</summary>
    /// <param name="filled">Told when there is some.</param>
    public void OpenHand(Action filled) =>
        hand = worker.Provider is { } provider && CountsNobody(provider) && CanLeaveAtOnce && session!.Smtp.Capabilities.Carries(Hands.Most) && !queue.Suspects(worker.ProviderId)
            ? queue.Hands.Open(worker.ProviderId, LongestTrain, filled)
            : null;

    // What is counted is chosen when it may leave.
    private bool CountsNobody(Provider provider) => worker.Gate.Limits(provider) is { MessagesPerMinute: 0, RecipientsPerDay: 0 };

    /// <returns>True when there is some.</returns>
    public async Task<bool> CloseHandAsync(CancellationToken stopping)
    {
        if (hand is not null)
            inHand = await hand.CloseAsync(stopping);
        return HasInHand;
    }

    /// <summary>The messages whose bytes are on their way and whose outcome is not known yet.</summary>
    private IReadOnlyList<ClaimedMessage> flying = [];

    /// <summary>Sends the next message, or the next few together, and takes those that are done with from the list.</summary>
    /// <returns>False when the provider cannot be used now.</returns>
    private async Task<bool> SendNextAsync(Provider provider, List<ClaimedMessage> left, CancellationToken stopping)
    {
        var train = await ReadyAsync(stopping) is { TakesTrains: true } open && provider.Limits.MessagesPerMinute == 0 ? Train(left, 0, open.Capabilities) : [];
        if (train.Count > 1)
            return await SendTrainAsync(provider, train, left);
        if (!await SendSafelyAsync(provider, left[0], left.Count > 1 ? left[1] : null, stopping))
            return false;
        left.RemoveAt(0);
        return true;
    }

    private void RestUntil(Provider provider, DateTimeOffset moment) => worker.Gate.RestUntil(moment, "limit",
        $"The limit of {provider.Limits.RecipientsPerDay:N0} recipients in 24 hours is used up.",
        $"{provider.DisplayName} takes mail for {provider.Limits.RecipientsPerDay:N0} recipients in any 24 hours, and so many have been sent to.",
        $"Nothing to do: its mail goes on by itself at {moment:yyyy-MM-dd HH:mm} UTC. Where the provider allows more, raise limits.recipientsPerDay.");

    // A message that we stumble over must not hold up those behind it: it waits like one that was deferred.
    private async Task<bool> SendSafelyAsync(Provider provider, ClaimedMessage message, ClaimedMessage? next, CancellationToken stopping)
    {
        try
        {
            return await SendAsync(provider, message, next, stopping);
        }
        catch (Exception unexpected) when (unexpected is not (OperationCanceledException or StorageException))
        {
            await CloseAsync();
            await StumbleAsync(message, unexpected);
            return true;
        }
    }

    private Task StumbleAsync(ClaimedMessage message, Exception unexpected)
    {
        DeliveryLog.MessageFailed(log, unexpected, message.Id);
        var kind = message.FinalDotAt is null ? OutcomeKind.Deferred : OutcomeKind.Uncertain;
        return queue.RecordAsync(message, new AttemptOutcome
        {
            StartedAt = time.GetUtcNow(), Reply = unexpected.Message, Cause = Stumble, Remedy = StumbleRemedy,
            Recipients = [.. message.Recipients.Select(one => new RecipientOutcome(one.Number, kind, unexpected.Message, Stumble, StumbleRemedy))],
            NextAttemptAt = schedule.After(message.Attempts + 1),
            HoldReason = message.Attempts + 1 >= MostStumbles ? $"{Stumble} It was tried {message.Attempts + 1} times; {StumbleRemedy}" : null,
        });
    }

    /// <returns>False when the provider cannot be used now: the message is still ours and untouched.</returns>
    private async Task<bool> SendAsync(Provider provider, ClaimedMessage message, ClaimedMessage? next, CancellationToken stopping)
    {
        if ((message.Content ?? await contents.FirstPieceAsync(message.Id, stopping)) is not { } head)
            throw new InvalidOperationException($"The content of message {message.Id} is missing.");
        var content = new StoredContent(contents, message, head);
        var started = time.GetUtcNow();
        for (var fresh = false; ; fresh = true)
        {
            if (await ReadyAsync(stopping) is not { } open)
            {
                message.ForgetFinalDot();
                return false;
            }
            var reused = open.MessagesSent > 0;
            // From here on nothing is cancelled by a stop: the final dot and its answer are waited for.
            flying = [message];
            var (result, sent) = await TransferAsync(open, message, content);
            if (result.State == SendState.Abandoned)
            {
                DeliveryLog.LeaseLost(log, message.Id);
                MailMeters.LeaseLost(provider.Name);
                return true;
            }
            if (reused && !fresh && IsTired(provider, message, result))
            {
                message.ForgetFinalDot();
                continue;
            }
            return await ConcludeAsync(provider, message, content.Head, () => SmtpTranscript.Of(open, EnvelopeOf(message), sent, result), result, started, next);
        }
    }

    private async Task<(SendResult Result, MessageContent Sent)> TransferAsync(SmtpClientSession open, ClaimedMessage message, StoredContent content)
    {
        var envelope = EnvelopeOf(message);
        var result = await open.SendAsync(envelope, content, cancellation => new ValueTask<bool>(queue.MarkFinalDotAsync(message, cancellation)), CancellationToken.None);
        if (result.Refusal != SendRefusal.NeedsConversion)
            return (result, content);
        var converted = await Conversion.ConvertAsync(content, open.Capabilities.EightBitMime ? SmtpBody.EightBitMime : SmtpBody.SevenBit, CancellationToken.None);
        return (await open.SendAsync(envelope, converted, cancellation => new ValueTask<bool>(queue.MarkFinalDotAsync(message, cancellation)), CancellationToken.None), converted);
    }

    // A server that offers DSN puts the id and the addresses as they were written into its reports (RFC 3461): that is how they find back.
    private static Envelope EnvelopeOf(ClaimedMessage message)
    {
        string[] recipients = [.. message.Recipients.Select(recipient => recipient.Address)];
        return new(message.MailFrom.Length == 0 ? null : message.MailFrom, recipients, message.SmtpUtf8, new EnvelopeReports(DsnReturn.Headers, message.Id, OriginalRecipients: recipients));
    }

    private async Task<bool> ConcludeAsync(Provider provider, ClaimedMessage message, byte[] head, Func<string> transcript, SendResult result, DateTimeOffset started, ClaimedMessage? next)
    {
        var verdict = classifier.Judge(provider, message, result);
        if (verdict.Account is not null)
        {
            // With BDAT the mark comes before the envelope is answered; the answer says that the message was not taken.
            message.ForgetFinalDot();
            return await BlamedAsync(provider, verdict);
        }
        var concluded = Conclusion(provider, message, head, verdict, started, transcript);
        await queue.RecordAsync([concluded], LeavesAtOnce(next) ? [next!] : []);
        Tell(provider, message, concluded.Outcome);
        await HeedAsync(provider, verdict);
        return true;
    }

    // A server in trouble answers everybody alike: its session is closed, and the next one is opened when it has had time.
    private async Task HeedAsync(Provider provider, ReplyClassifier.Verdict verdict)
    {
        if (verdict.IsAnswered)
            worker.Gate.Took();
        else if (verdict.Server is { } server && worker.Gate.TurnAway(verdict.Stage, verdict.Reply, server.Cause, server.Remedy) is { } fault)
        {
            delivery.Wait(provider, fault);
            await CloseAsync();
        }
    }

    private async Task<bool> BlamedAsync(Provider provider, ReplyClassifier.Verdict verdict)
    {
        await delivery.BlameAsync(provider, worker.Gate, verdict.Account!, verdict.Stage, verdict.Reply);
        await CloseAsync();
        return false;
    }

    private Concluded Conclusion(Provider provider, ClaimedMessage message, byte[] head, ReplyClassifier.Verdict verdict, DateTimeOffset started, Func<string> transcript)
    {
        var failed = verdict.Recipients.Where(recipient => recipient.Kind == OutcomeKind.Failed).ToList();
        return new Concluded(message, new AttemptOutcome
        {
            StartedAt = started, Stage = verdict.Stage, Reply = verdict.Reply, Cause = verdict.Cause, Remedy = verdict.Remedy,
            RemoteId = verdict.RemoteId, Recipients = verdict.Recipients,
            Transcript = verdict.Recipients.Any(recipient => recipient.Kind != OutcomeKind.Sent) ? transcript() : null,
            NextAttemptAt = verdict.SplitNow ? time.GetUtcNow() : schedule.After(message.Attempts + 1),
        }, notice.Write(message, failed, FailureNotice.From(provider, message.MailFrom), head));
    }

    /// <summary>Those of the next messages that go out in one write.</summary>
    private IReadOnlyList<ClaimedMessage> LeavingAtOnce(IReadOnlyList<ClaimedMessage> next)
    {
        if (next.Count == 0 || !LeavesAtOnce(next[0]))
            return [];
        var train = session!.Smtp is { TakesTrains: true } open ? Train(next, 0, open.Capabilities) : [];
        return train.Count > 1 ? train : [next[0]];
    }

    /// <summary>The next message goes out in one write as soon as this outcome is stored: their two changes share a commit.</summary>
    private bool LeavesAtOnce(ClaimedMessage? next) => next?.Content is not null && CanLeaveAtOnce;

    private bool CanLeaveAtOnce =>
        session is { } open && open.Smtp.IsUsable && open.Smtp.Capabilities is { Chunking: true, Pipelining: true }
        && open.UseUntil > time.GetUtcNow() && worker.Provider is { Limits.MessagesPerMinute: 0 } now && open.Version == now.Version;

    private void Tell(Provider provider, ClaimedMessage message, AttemptOutcome outcome)
    {
        MailMeters.Attempted(provider.Name, message, outcome, time.GetUtcNow());
        if (outcome.Recipients.Any(recipient => recipient.Kind == OutcomeKind.Sent))
            worker.Sent.Count();
        if (outcome.Summary == "sent")
            DeliveryLog.Sent(log, message.Id, provider.Name, outcome.Recipients.Count, outcome.Reply);
        else
            DeliveryLog.NotSent(log, message.Id, outcome.Summary, provider.Name, outcome.Reply, outcome.Summary == "refused" ? null : outcome.NextAttemptAt);
        if (outcome.Recipients.Any(recipient => recipient.Kind is OutcomeKind.Deferred or OutcomeKind.Uncertain))
            worker.PokeAt(outcome.NextAttemptAt);
    }

    // Servers end sessions that they are tired of; that says nothing about the message. One that names the mailbox's limits means them.
    private bool IsTired(Provider provider, ClaimedMessage message, SendResult result) =>
        result.State == SendState.Lost || (result.MailReply?.Code == 421 && classifier.Judge(provider, message, result).Account is null);

    private async Task<SmtpClientSession?> ReadyAsync(CancellationToken stopping)
    {
        if (Lease is not null && Lease.Until <= time.GetUtcNow())
        {
            await CloseAsync();
            return null;
        }
        if (session is { } open && open.Smtp.IsUsable && open.UseUntil > time.GetUtcNow() && open.Version == worker.Provider?.Version)
            return open.Smtp;
        await CloseAsync();
        session = await worker.OpenAsync(stopping);
        return session?.Smtp;
    }

    /// <summary>When its session must not be used any more; far away while it has none.</summary>
    public DateTimeOffset SessionEnds => session is null ? DateTimeOffset.MaxValue : session.UseUntil < Lease?.Until ? session.UseUntil : Lease?.Until ?? session.UseUntil;

    /// <summary>What allows it a connection.</summary>
    public LaneLease? Lease { get; set; }

    /// <summary>Closes its session, and gives back what it has in hand.</summary>
    public async Task EndAsync()
    {
        // The connection first: once the lease ends it is another node's to open.
        await CloseAsync();
        if (HasInHand)
            await GiveBackAsync();
    }

    private async Task GiveBackAsync()
    {
        var unsent = inHand;
        inHand = [];
        foreach (var message in unsent)
            message.ForgetFinalDot();
        await queue.ReleaseAsync(unsent);
    }

    private async Task CloseAsync()
    {
        if (session is null)
            return;
        if (session.Smtp.IsUsable)
            await session.Smtp.QuitAsync(CancellationToken.None);
        await session.Smtp.DisposeAsync();
        session = null;
    }
}
