using Postrider.Storage;

namespace Postrider.Mail.Queue;

public sealed partial class MessageQueue
{
    // The first final word counts, and what nobody sent has none to be said of.
    private const string ApplyReport = """
        update recipients set state = @state, uncertain = 0, reply = coalesce(@Reply, reply), cause = @Cause, remedy = @Remedy, updated_at = @now
        where message_id = @id and number = @Number and (state = 'sent' or state = 'delayed' and @state <> 'delayed')
        """;
    private const string FollowRecipients = $"update messages set state = {StateOfWorst} where id = @id and finished_at is not null";

    /// <summary>Records what a report says became of a recipient that was sent to: delivered, delayed or bounced.</summary>
    /// <returns>False when its state does not follow from the report: it is final, or was never sent.</returns>
    internal async Task<bool> ReportAsync(DbSession session, string id, RecipientOutcome outcome, string state)
    {
        if (await session.ExecuteAsync(ApplyReport, new { id, outcome.Number, state, Reply = outcome.Reply.Length > 0 ? outcome.Reply : null, outcome.Cause, outcome.Remedy, now = Now() }) == 0)
            return false;
        await session.ExecuteAsync(FollowRecipients, new { id });
        return true;
    }
}
