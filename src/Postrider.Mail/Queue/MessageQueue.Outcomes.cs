using Postrider.Storage;

namespace Postrider.Mail.Queue;

public sealed partial class MessageQueue
{
    private const string SelectMessage = "select * from messages where id = @id";
    private const string SelectContent = "select bytes from contents where message_id = @id and number = 0";
    private const string SelectPending =
        "select number, address from recipients where message_id = @id and state = 'queued' order by number";
    private const string InsertAttempt = """
        insert into attempts (message_id, number, provider_id, started_at, dot_at, finished_at, outcome, stage, reply, cause, remedy)
        select @id, coalesce(max(number), 0) + 1, @provider, @started, @dot, @now, @outcome, @Stage, @Reply, @Cause, @Remedy
        from attempts where message_id = @id
        returning number
        """;
    private const string InsertAttemptReply = """
        insert into attempt_replies (message_id, attempt, recipient, outcome, reply) values (@id, @attempt, @Number, @outcome, @Reply)
        """;

    // Once sent stays sent: whatever a later attempt says cannot take it back.
    private const string UpdateRecipient = """
        update recipients set state = @state, uncertain = case when @uncertain = 1 then 1 else uncertain end,
                              reply = @Reply, cause = @Cause, remedy = @Remedy, updated_at = @now
        where message_id = @id and number = @Number and state <> 'sent'
        """;
    private const string MarkUncertain =
        "update recipients set uncertain = 1, updated_at = @now where message_id = @id and state = 'queued'";
    private const string Reschedule = """
        update queue set lease_owner = null, claimed_at = null, dot_at = null, rescues = 0, attempts = attempts + 1, due_at = @due,
                         held_at = case when @hold is null then null else @now end, held_reason = @hold
        where message_id = @id and fence = @Fence
        """;
    private const string CountUncertain =
        "update queue set dot_at = null, attempts = attempts + 1 where message_id = @id and fence = @Fence";
    private const string Leave = "delete from queue where message_id = @id";

    // The state of a message is that of its worst recipient.
    private const string Finish = """
        update messages set finished_at = @now, remote_id = coalesce(@remote, remote_id), state = coalesce(@state, (
            select case when sum(case when state = 'failed' then 1 else 0 end) > 0 then 'failed'
                        when sum(case when state = 'bounced' then 1 else 0 end) > 0 then 'bounced'
                        when sum(case when state = 'cancelled' then 1 else 0 end) > 0 then 'cancelled'
                        else 'sent' end
            from recipients where message_id = @id))
        where id = @id
        """;
    private const string StillQueued = "select count(*) from recipients where message_id = @id and state = 'queued'";
    private const string SelectFence = "select fence from queue where message_id = @id /*postgres: for update*/";
    private const string SelectExpired = """
        select message_id, fence, attempts, rescues, dot_at from queue
        where expires_at <= @now and held_at is null and (lease_owner is null or due_at <= @now) order by expires_at limit @max
        /*postgres: for update skip locked*/
        """;

    /// <summary>Records what an attempt came to, and the notice of failure that it caused, in one transaction. There is no way to
    /// cancel it: a known outcome is never dropped. When the lease was lost meanwhile, only what was sent counts: a late 250 wins.</summary>
    /// <param name="next">The message that leaves at once behind this one: its final dot is marked in the same commit.</param>
    public async Task RecordAsync(ClaimedMessage claimed, AttemptOutcome outcome, NewMessage? report = null, ClaimedMessage? next = null)
    {
        long? marked = null;
        await WithRoomAsync(async session =>
        {
            await RecordAsync(session, claimed, outcome, report);
            marked = next is null ? null : await MarkAsync(session, next);
        }, session => IsRecordedAsync(session, claimed, outcome));
        if (marked is not null)
            next!.FinalDotAt = DateTimeOffset.FromUnixTimeMilliseconds(marked.Value);
        if (report is not null)
            Due?.Invoke(report.ProviderId);
    }

    private static async Task<bool> IsRecordedAsync(DbSession session, ClaimedMessage claimed, AttemptOutcome outcome) =>
        await session.SingleAsync<long>("select count(*) from attempts where message_id = @Id and started_at = @started and reply = @Reply",
            new { claimed.Id, started = outcome.StartedAt.ToUnixTimeMilliseconds(), outcome.Reply }) > 0;

    private async Task RecordAsync(DbSession session, ClaimedMessage claimed, AttemptOutcome outcome, NewMessage? report)
    {
        var (id, now) = (claimed.Id, Now());
        var ours = await session.FirstOrDefaultAsync<long?>(SelectFence, new { id }) == claimed.Fence;
        var attempt = await session.SingleAsync<int>(InsertAttempt, new
        {
            id, provider = claimed.ProviderId, started = outcome.StartedAt.ToUnixTimeMilliseconds(),
            dot = claimed.FinalDotAt?.ToUnixTimeMilliseconds(), now, outcome = outcome.Summary,
            outcome.Stage, outcome.Reply, outcome.Cause, outcome.Remedy,
        });
        foreach (var recipient in outcome.Recipients)
        {
            if (recipient.Reply != outcome.Reply)
                await session.ExecuteAsync(InsertAttemptReply,
                    new { id, attempt, recipient.Number, outcome = Wire(recipient.Kind), recipient.Reply });
            if (ours || recipient.Kind == OutcomeKind.Sent)
                await session.ExecuteAsync(UpdateRecipient, new
                {
                    id, recipient.Number, state = StateAfter(recipient.Kind), uncertain = recipient.Kind == OutcomeKind.Uncertain,
                    recipient.Reply, recipient.Cause, recipient.Remedy, now,
                });
        }
        var everyoneSent = outcome.Recipients.Count == claimed.Recipients.Count && claimed.Attempts == 0
                           && outcome.Recipients.All(recipient => recipient.Kind == OutcomeKind.Sent);
        if (everyoneSent || await session.SingleAsync<long>(StillQueued, new { id }) == 0)
        {
            await session.ExecuteAsync(Leave, new { id });
            await session.ExecuteAsync(Finish, new { id, now, remote = outcome.RemoteId, state = everyoneSent ? "sent" : null });
            if (Finishing is { } tell)
                await tell(session, id, everyoneSent);
        }
        else if (ours)
        {
            await session.ExecuteAsync(Reschedule, new
            {
                id, claimed.Fence, now, hold = outcome.HoldReason, due = outcome.HoldReason is null ? outcome.NextAttemptAt.ToUnixTimeMilliseconds() : Never,
            });
        }
        if (report is not null && ours)
            await InsertAsync(session, report);
    }

    /// <summary>Takes messages whose time is over, so that their senders can be told.</summary>
    public Task<IReadOnlyList<ClaimedMessage>> ClaimExpiredAsync(int max, CancellationToken cancellation) =>
        database.WriteAsync(async session =>
        {
            var now = Now();
            var rows = await session.QueryAsync<ClaimedRow>(SelectExpired, new { now, max });
            var messages = new List<ClaimedMessage>(rows.Count);
            foreach (var row in rows)
            {
                var taken = await session.QueryAsync<ClaimedRow>("""
                    update queue set lease_owner = @owner, claimed_at = @now, due_at = @until, fence = fence + 1 where message_id = @id
                    returning message_id, fence, attempts, rescues, dot_at
                    """, new { id = row.MessageId, owner, now, until = now + LeaseLength });
                messages.Add(await CompleteAsync(session, taken[0], now));
            }
            return (IReadOnlyList<ClaimedMessage>)messages;
        }, cancellation);

    // A mark without an outcome means that a worker died with the final dot on its way: that attempt is told as what it is.
    private static async Task<ClaimedMessage> CompleteAsync(DbSession session, ClaimedRow row, long now)
    {
        var id = row.MessageId;
        var attempts = row.Attempts;
        var message = await session.SingleAsync<MessageRow>(SelectMessage, new { id });
        if (row.DotAt is { } dot)
        {
            attempts++;
            await session.SingleAsync<int>(InsertAttempt, new
            {
                id, provider = message.ProviderId, started = dot, dot, now, outcome = "uncertain", Stage = "finalReply",
                Reply = "The gateway stopped before the provider's answer was recorded.",
                Cause = "The message may have been sent.", Remedy = "Nothing to do: it is sent again with the same Message-ID, so that a second copy can be recognised.",
            });
            await session.ExecuteAsync(MarkUncertain, new { id, now });
            await session.ExecuteAsync(CountUncertain, new { id, row.Fence });
        }
        return new ClaimedMessage
        {
            Id = id, ProviderId = message.ProviderId, ClientId = message.ClientId, Fence = row.Fence, Attempts = attempts, Rescues = row.Rescues,
            MailFrom = message.MailFrom, Recipients = await session.QueryAsync<PendingRecipient>(SelectPending, new { id }),
            HeaderId = message.HeaderId, Subject = message.Subject, Size = message.Size, EightBit = message.EightBit, SmtpUtf8 = message.SmtpUtf8,
            ReportOf = message.ReportOf,
            Content = message.Size <= LargestToBringAlong ? await session.FirstOrDefaultAsync<byte[]>(SelectContent, new { id }) : null,
            AcceptedAt = DateTimeOffset.FromUnixTimeMilliseconds(message.AcceptedAt),
            ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(message.ExpiresAt),
        };
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
