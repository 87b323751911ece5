using Postrider.Storage;

namespace Postrider.Mail.Queue;

public sealed partial class MessageQueue
{
    private const string SelectMessage = "select * from messages where id = @id";
    private const string SelectClaimed = """
        select m.id, m.provider_id, m.client_id, m.mail_from, m.subject, m.header_id, m.size, m.eight_bit, m.smtp_utf8, m.report_of, m.suppressed, m.hold_uncertain,
               m.accepted_at, m.expires_at, c.bytes as content
        from messages m left join contents c on c.message_id = m.id and c.number = 0 and m.size <= @largest
        where m.id in @ids
        """;
    private const string SelectPending =
        "select message_id, number, address from recipients where message_id in @ids and state = 'queued' order by message_id, number";

    // Its number is a value: what an insert selects from its own table SQLite puts into a table of its own first, which costs as much as the insert.
    private const string InsertAttempt = """
        insert into attempts (message_id, number, provider_id, started_at, dot_at, finished_at, outcome, stage, reply, cause, remedy)
        values (@id, (select coalesce(max(number), 0) + 1 from attempts where message_id = @id), @provider, @started, @dot, @now, @outcome, @Stage, @Reply, @Cause, @Remedy)
        """;
    private const string InsertNumbered = $"{InsertAttempt} returning number";
    private const string InsertAttemptReply = """
        insert into attempt_replies (message_id, attempt, recipient, outcome, reply) values (@id, @attempt, @Number, @outcome, @Reply)
        """;

    // Once sent stays sent: whatever a later attempt says cannot take it back, nor what came back since. A list of states would be a table
    // of its own each time as well.
    private const string UpdateRecipient = """
        update recipients set state = @state, uncertain = case when @uncertain = 1 then 1 else uncertain end,
                              reply = @Reply, cause = @Cause, remedy = @Remedy, updated_at = @now
        where message_id = @id and number = @Number and state <> 'sent' and state <> 'delivered' and state <> 'delayed' and state <> 'bounced'
        """;
    private const string MarkUncertain =
        "update recipients set uncertain = 1, updated_at = @now where message_id = @id and state = 'queued'";
    private const string Reschedule = """
        update queue set lease_owner = null, claimed_at = null, dot_at = null, rescues = 0, attempts = attempts + 1, due_at = @due,
                         held_at = case when @hold is null then null else @now end, held_reason = @hold
        where message_id = @id and fence = @Fence and lease_owner = @owner
        """;
    private const string CountUncertain =
        "update queue set dot_at = null, attempts = attempts + 1 where message_id = @id and fence = @Fence";
    private const string HoldClaimed = """
        update queue set held_at = @now, held_reason = @reason, due_at = @Never, lease_owner = null, claimed_at = null
        where message_id = @id and fence = @Fence
        """;
    private const string Leave = "delete from queue where message_id = @id";

    // The state of a message is that of its worst recipient.
    private const string StateOfWorst = """
        (select case when sum(case when state = 'failed' then 1 else 0 end) > 0 then 'failed'
                     when sum(case when state = 'bounced' then 1 else 0 end) > 0 then 'bounced'
                     when sum(case when state = 'cancelled' then 1 else 0 end) > 0 then 'cancelled'
                     when sum(case when state = 'delayed' then 1 else 0 end) > 0 then 'delayed'
                     when sum(case when state <> 'delivered' then 1 else 0 end) = 0 then 'delivered'
                     else 'sent' end
         from recipients where message_id = @id)
        """;
    private const string Finish = $"""
        update messages set finished_at = @now, remote_id = coalesce(@remote, remote_id), state = {StateOfWorst}
        where id = @id
        """;
    private const string FinishSent = "update messages set finished_at = @now, remote_id = coalesce(@remote, remote_id), state = 'sent' where id = @id";

    // Where they are one statement, the server executes the last first: the row of the queue is locked before the others, as whoever cancels,
    // claims or moves a message does it.
    internal const string RecordSent = $"{FinishSent}; {UpdateRecipient}; {InsertAttempt}; {Leave}";
    private const string StillQueued = "select count(*) from recipients where message_id = @id and state = 'queued'";
    private const string SelectFence = "select fence from queue where message_id = @id and lease_owner = @owner /*postgres: for update*/";
    private const string SelectExpired = """
        select message_id, fence, attempts, rescues, dot_at from queue
        where expires_at <= @now and held_at is null and (lease_owner is null or due_at <= @now) order by expires_at limit @max
        /*postgres: for update skip locked*/
        """;

    /// <summary>Why such a message is held, and what to do.</summary>
    public const string MayHaveBeenSent = "It may have been sent: the provider had the whole message, and its answer never came. Its app has a person decide. Look whether it has arrived; then release it to send it again, or cancel it.";

    /// <summary>Records what an attempt came to, and the notice of failure that it caused, in one transaction. There is no way to
    /// cancel it: a known outcome is never dropped. When the lease was lost meanwhile, only what was sent counts: a late 250 wins.</summary>
    /// <param name="next">The message that leaves at once behind this one: its final dot is marked in the same commit.</param>
    public Task RecordAsync(ClaimedMessage claimed, AttemptOutcome outcome, NewMessage? report = null, ClaimedMessage? next = null) =>
        RecordAsync([new Concluded(claimed, outcome, report)], next is null ? [] : [next]);

    /// <summary>The same for messages that left together, in one transaction.</summary>
    /// <param name="next">The messages that leave at once behind these.</param>
    public async Task RecordAsync(IReadOnlyList<Concluded> concluded, IReadOnlyList<ClaimedMessage> next)
    {
        var marks = Marks.None;
        await WithRoomAsync(concluded.Select(one => one.Message), async session =>
        {
            foreach (var (message, outcome, report) in concluded)
                await RecordAsync(session, message, outcome, report);
            marks = await MarkAheadAsync(session, next);
        }, session => IsRecordedAsync(session, concluded));
        foreach (var (message, _, _) in concluded)
            Forget(message);
        Recorded?.Invoke(concluded);
        marks.Set();
        foreach (var (_, _, report) in concluded)
            if (report is not null)
                Due?.Invoke(report.ProviderId);
    }

    // All of them were recorded in one transaction, or none.
    private static async Task<bool> IsRecordedAsync(DbSession session, IReadOnlyList<Concluded> concluded) =>
        concluded is [var (claimed, outcome, _), ..]
        && await session.SingleAsync<long>("select count(*) from attempts where message_id = @Id and started_at = @started and reply = @Reply",
            new { claimed.Id, started = outcome.StartedAt.ToUnixTimeMilliseconds(), outcome.Reply }) > 0;

    private async Task RecordAsync(DbSession session, ClaimedMessage claimed, AttemptOutcome outcome, NewMessage? report)
    {
        var (id, now) = (claimed.Id, Now());
        if (claimed.IsWhole && claimed.Recipients.Count == 1 && outcome.Recipients is [{ Kind: OutcomeKind.Sent } only] && only.Reply == outcome.Reply)
        {
            // The usual end of a message, whoever holds its lease by now: all that is to be said of it goes to the database at once.
            await session.ExecuteLaterAsync(RecordSent, new
            {
                id, provider = claimed.ProviderId, started = outcome.StartedAt.ToUnixTimeMilliseconds(),
                dot = claimed.FinalDotAt?.ToUnixTimeMilliseconds(), now, outcome = outcome.Summary,
                outcome.Stage, outcome.Reply, outcome.Cause, outcome.Remedy, only.Number, state = "sent", uncertain = false, remote = outcome.RemoteId,
            }, apart: true);
            if (Finishing is { } hear)
                await hear(session, id, true);
            return;
        }
        var everyoneSent = outcome.Recipients.Count == claimed.Recipients.Count && claimed.IsWhole
                           && outcome.Recipients.All(recipient => recipient.Kind == OutcomeKind.Sent);
        // What was sent counts whoever has the lease.
        var ours = everyoneSent || await session.FirstOrDefaultAsync<long?>(SelectFence, new { id, owner }) == claimed.Fence;
        var attempt = await session.SingleAsync<int>(InsertNumbered, new
        {
            id, provider = claimed.ProviderId, started = outcome.StartedAt.ToUnixTimeMilliseconds(),
            dot = claimed.FinalDotAt?.ToUnixTimeMilliseconds(), now, outcome = outcome.Summary,
            outcome.Stage, outcome.Reply, outcome.Cause, outcome.Remedy,
        });
        if (outcome.Transcript is not null)
            await session.ExecuteLaterAsync("update attempts set transcript = @Transcript where message_id = @id and number = @attempt", new { id, attempt, outcome.Transcript });
        foreach (var recipient in outcome.Recipients)
        {
            if (recipient.Reply != outcome.Reply)
                await session.ExecuteLaterAsync(InsertAttemptReply,
                    new { id, attempt, recipient.Number, outcome = Wire(recipient.Kind), recipient.Reply });
            if (ours || recipient.Kind == OutcomeKind.Sent)
                await session.ExecuteLaterAsync(UpdateRecipient, new
                {
                    id, recipient.Number, state = StateAfter(recipient.Kind), uncertain = recipient.Kind == OutcomeKind.Uncertain,
                    recipient.Reply, recipient.Cause, recipient.Remedy, now,
                });
        }
        if (everyoneSent || await session.SingleAsync<long>(StillQueued, new { id }) == 0)
        {
            await session.ExecuteLaterAsync(Leave, new { id });
            await session.ExecuteLaterAsync(everyoneSent ? FinishSent : Finish, new { id, now, remote = outcome.RemoteId });
            if (Finishing is { } tell)
                await tell(session, id, everyoneSent);
        }
        else if (ours)
        {
            var hold = outcome.HoldReason ?? (claimed.HoldUncertain && outcome.Recipients.Any(recipient => recipient.Kind == OutcomeKind.Uncertain) ? MayHaveBeenSent : null);
            await session.ExecuteLaterAsync(Reschedule, new
            {
                id, claimed.Fence, owner, now, hold, due = hold is null ? outcome.NextAttemptAt.ToUnixTimeMilliseconds() : Never,
            });
        }
        if (report is not null && ours)
            await InsertAsync(session, report);
    }

    /// <summary>Takes messages whose time is over, so that their senders can be told.</summary>
    public Task<IReadOnlyList<ClaimedMessage>> ClaimExpiredAsync(int max, CancellationToken cancellation) =>
        ClaimAsync(async session =>
        {
            var now = Now();
            var taken = new List<ClaimedRow>();
            foreach (var row in await session.QueryAsync<ClaimedRow>(SelectExpired, new { now, max }))
                taken.AddRange(await session.QueryAsync<ClaimedRow>("""
                    update queue set lease_owner = @owner, claimed_at = @now, due_at = @until, fence = fence + 1 where message_id = @id
                    returning message_id, fence, attempts, rescues, dot_at
                    """, new { id = row.MessageId, owner, now, until = now + LeaseLength }));
            return await CompleteAsync(session, OfUnknownOutcome(taken), now);
        }, cancellation);

    /// <summary>Claimed rows with what belongs to them: what is not known is read by one statement for all of each kind.</summary>
    private async Task<IReadOnlyList<ClaimedMessage>> CompleteAsync(DbSession session, List<ClaimedRow> rows, long now)
    {
        var whole = new Dictionary<string, ClaimedMessage>(rows.Count);
        foreach (var row in rows)
            if (fresh.Take(row) is var (message, recipient))
                whole[row.MessageId] = Claimed(row, message, [new PendingRecipient { Number = 0, Address = recipient }]);
        var ids = rows.Select(row => row.MessageId).Where(id => !whole.ContainsKey(id)).ToArray();
        if (ids.Length > 0)
        {
            var messages = (await session.QueryAsync<MessageRow>(SelectClaimed, new { ids, largest = LargestToBringAlong })).ToDictionary(message => message.Id);
            foreach (var row in rows.Where(row => row.DotAt is not null).ToList())
            {
                await TellUncertainAsync(session, row, messages[row.MessageId], now);
                if (messages[row.MessageId].HoldUncertain)
                    rows.Remove(row);
            }
            var recipients = (await session.QueryAsync<PendingRow>(SelectPending, new { ids })).ToLookup(row => row.MessageId);
            foreach (var row in rows.Where(row => !whole.ContainsKey(row.MessageId)))
                whole[row.MessageId] = Claimed(row, messages[row.MessageId],
                    [.. recipients[row.MessageId].Select(one => new PendingRecipient { Number = one.Number, Address = one.Address })]);
        }
        return [.. rows.Select(row => whole[row.MessageId])];
    }

    private static ClaimedMessage Claimed(ClaimedRow row, MessageRow message, IReadOnlyList<PendingRecipient> recipients) => new()
    {
        Id = row.MessageId, ProviderId = message.ProviderId, ClientId = message.ClientId, Fence = row.Fence, Attempts = row.Attempts + (row.DotAt is null ? 0 : 1),
        Suppressed = message.Suppressed, Rescues = row.Rescues, MailFrom = message.MailFrom, Recipients = recipients,
        HeaderId = message.HeaderId, Subject = message.Subject, Size = message.Size, Body = message.EightBit, SmtpUtf8 = message.SmtpUtf8,
        ReportOf = message.ReportOf, HoldUncertain = message.HoldUncertain, Content = message.Content,
        AcceptedAt = DateTimeOffset.FromUnixTimeMilliseconds(message.AcceptedAt), ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(message.ExpiresAt),
    };

    // A mark without an outcome means that a worker died with the final dot on its way: that attempt is told as what it is.
    private static async Task TellUncertainAsync(DbSession session, ClaimedRow row, MessageRow message, long now)
    {
        var (id, provider, dot) = (row.MessageId, message.ProviderId, row.DotAt);
        await session.SingleAsync<int>(InsertNumbered, new
        {
            id, provider, started = dot, dot, now, outcome = "uncertain", Stage = "finalReply",
            Reply = "The gateway stopped before the provider's answer was recorded.",
            Cause = "The message may have been sent.", Remedy = message.HoldUncertain ? "Look whether it has arrived: release it to send it again, or cancel it."
                : "Nothing to do: it is sent again with the same Message-ID, so that a second copy can be recognised.",
        });
        await session.ExecuteLaterAsync(MarkUncertain, new { id, now });
        await session.ExecuteLaterAsync(CountUncertain, new { id, row.Fence });
        if (message.HoldUncertain)
            await session.ExecuteLaterAsync(HoldClaimed, new { id, row.Fence, now, Never, reason = MayHaveBeenSent });
    }

    private static string StateAfter(OutcomeKind kind) => kind switch
    {
        OutcomeKind.Sent => "sent",
        OutcomeKind.Failed => "failed",
        _ => "queued",
    };

    private static string Wire(OutcomeKind kind) => kind switch
    {
        OutcomeKind.Sent => "sent",
        OutcomeKind.Failed => "refused",
        OutcomeKind.Uncertain => "uncertain",
        _ => "deferred",
    };
}
