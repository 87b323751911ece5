using System.Text;
using Postrider.Mail.Queue;
using Postrider.Storage;

namespace Postrider.Server.Console.Auditing;

/// <summary>A row of the audit log.</summary>
internal sealed class AuditEntry
{
    public string Id { get; init; } = "";
    public long At { get; init; }
    public string Actor { get; init; } = "";
    public string Door { get; init; } = "";
    public string Action { get; init; } = "";
    public string Target { get; init; } = "";
    public string Detail { get; init; } = "";
    public string Address { get; init; } = "";

    /// <summary>Its place in the chain; null for rows from before there was one.</summary>
    public long? Seq { get; init; }
    public string? Hash { get; init; }
    public string? KeyId { get; init; }
}

/// <summary>Which acts a person asks for; a member left out does not narrow.</summary>
/// <param name="Action">Words of the act.</param>
/// <param name="Cursor">The last id of the page before.</param>
internal sealed record AuditFilter(string? Actor = null, string? Action = null, string? Target = null, string? Door = null, DateTimeOffset? Since = null, DateTimeOffset? Until = null, string? Cursor = null)
{
    public static readonly IReadOnlyList<string> Doors = ["console", "api"];
}

/// <summary>Who did what, from where. Rows are added and never changed; they name what was changed and hold no secret. Each is tied to the
/// one before (<see cref="AuditChain"/>).</summary>
internal sealed class AuditLog(Database database, AuditKeys keys, TimeProvider time)
{
    private const string Insert = """
        insert into audit_log (id, at, actor, door, action, target, detail, address, seq, hash, key_id)
        values (@Id, @At, @Actor, @Door, @Action, @Target, @Detail, @Address, @Seq, @hash, @KeyId)
        """;

    public async Task WriteAsync(string actor, string door, string action, string target, string detail, string address)
    {
        var key = await keys.CurrentAsync(CancellationToken.None);
        await database.WriteAsync(async session =>
        {
            // Nodes write one after another: the lock is held for two short statements and the commit.
            await session.LockAsync("audit");
            var last = await session.FirstOrDefaultAsync<AuditEntry>(AuditChain.SelectHead);
            var now = time.GetUtcNow();
            var entry = new AuditEntry
            {
                Id = Guid.CreateVersion7(now).ToString("N"), At = now.ToUnixTimeMilliseconds(), Actor = actor, Door = door, Action = action, Target = Short(target), Detail = Short(detail), Address = address,
                Seq = (last?.Seq ?? 0) + 1, KeyId = key.Id,
            };
            var hash = AuditChain.Hash(key.Secret, last?.Hash ?? "", entry);
            await session.ExecuteAsync(Insert, new { entry.Id, entry.At, entry.Actor, entry.Door, entry.Action, entry.Target, entry.Detail, entry.Address, entry.Seq, hash, entry.KeyId });
        });
    }

    /// <summary>The newest first.</summary>
    public Task<IReadOnlyList<AuditEntry>> ListAsync(AuditFilter filter, int limit, CancellationToken cancellation)
    {
        var where = new StringBuilder("where 1 = 1");
        if (filter.Actor is not null)
            where.Append(" and actor = @actor");
        if (filter.Action is not null)
            where.Append($" and {Dialect.Contains("action", "action")}");
        if (filter.Target is not null)
            where.Append(" and target = @target");
        if (filter.Door is not null)
            where.Append(" and door = @door");
        if (filter.Since is not null)
            where.Append(" and id >= @since");
        if (filter.Until is not null)
            where.Append(" and id < @until");
        if (filter.Cursor is not null)
            where.Append(" and id < @cursor");
        return database.ReadAsync(session => session.QueryAsync<AuditEntry>($"select * from audit_log {where} order by id desc limit @limit", new
        {
            actor = filter.Actor, target = filter.Target, door = filter.Door, cursor = filter.Cursor, limit,
            action = Dialect.Pattern(filter.Action),
            since = filter.Since is { } since ? MessageIds.FirstAt(since) : null, until = filter.Until is { } until ? MessageIds.FirstAt(until) : null,
        }), cancellation);
    }

    private static string Short(string text) => text.Length > 500 ? text[..500] : text;
}
