using Microsoft.Extensions.Options;
using Postrider.Mail.Queue;
using Postrider.Storage;

namespace Postrider.Mail.Tracking;

/// <summary>How far a mailbox has been read, and what came of the last look.</summary>
public sealed class ReportMailbox
{
    public string ProviderId { get; init; } = "";
    public long? UidValidity { get; init; }
    public long? LastUid { get; init; }
    public long? LookedAt { get; init; }
    public long Found { get; init; }

    /// <summary>Why the last look failed; null when it did not.</summary>
    public string? Trouble { get; init; }
    public string? Remedy { get; init; }
}

/// <summary>Lets one node at a time read a mailbox, from where the one before it ended.</summary>
public sealed class ReportMailboxes(Database database, MessageQueue queue, TimeProvider time, IOptions<MailOptions> options)
{
    /// <summary>A look that takes longer than this may be made by another node as well; what both find is kept once.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    private const string Begin = "insert into report_mailboxes (provider_id) values (@id) on conflict (provider_id) do nothing";
    private const string Take = """
        update report_mailboxes set lease_owner = @owner, lease_until = @until
        where provider_id = @id and (lease_until is null or lease_until <= @now) and (looked_at is null or looked_at <= @due)
        returning *
        """;
    private const string Reach = "update report_mailboxes set uid_validity = @validity, last_uid = @uid, found = found + @found where provider_id = @id and lease_owner = @owner";
    private const string Give = "update report_mailboxes set lease_owner = null, lease_until = null, looked_at = @now, trouble = @trouble, remedy = @remedy where provider_id = @id and lease_owner = @owner";

    /// <returns>Null when it is not due, or another node has it.</returns>
    internal Task<ReportMailbox?> TakeAsync(string id, CancellationToken cancellation) => database.WriteAsync(async session =>
    {
        var now = time.GetUtcNow();
        await session.ExecuteAsync(Begin, new { id });
        return await session.FirstOrDefaultAsync<ReportMailbox>(Take, new
        {
            id, owner = queue.Owner, now = now.ToUnixTimeMilliseconds(), until = (now + Lease).ToUnixTimeMilliseconds(), due = (now - options.Value.ReadReportsEvery).ToUnixTimeMilliseconds(),
        });
    }, cancellation);

    internal Task ReachedAsync(string id, uint validity, uint uid, int found) =>
        database.WriteAsync(session => session.ExecuteAsync(Reach, new { id, validity = (long)validity, uid = (long)uid, found, owner = queue.Owner }));

    internal Task LookedAsync(string id, MailboxTrouble? trouble) => database.WriteAsync(session => session.ExecuteAsync(Give,
        new { id, owner = queue.Owner, now = time.GetUtcNow().ToUnixTimeMilliseconds(), trouble = trouble?.Cause, remedy = trouble?.Remedy }));

    public Task<ReportMailbox?> FindAsync(string providerId, CancellationToken cancellation) =>
        database.ReadAsync(session => session.FirstOrDefaultAsync<ReportMailbox>("select * from report_mailboxes where provider_id = @providerId", new { providerId }), cancellation);
}
