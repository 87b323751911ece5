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
}

/// <summary>Who did what, from where. Rows are added and never changed; they name what was changed and hold no secret.</summary>
internal sealed class AuditLog(Database database, TimeProvider time)
{
    private const string Insert = """
        insert into audit_log (id, at, actor, door, action, target, detail, address) values (@Id, @At, @Actor, @Door, @Action, @Target, @Detail, @Address)
        """;
    private const string SelectPage = """
        select * from audit_log where (@before is null or id < @before) and (@actor is null or actor = @actor) and (@action is null or action = @action) order by id desc limit @limit
        """;

    public Task WriteAsync(string actor, string door, string action, string target, string detail, string address) =>
        database.WriteAsync(session => session.ExecuteAsync(Insert, new AuditEntry
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()).ToString("N"), At = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Actor = actor, Door = door, Action = action, Target = Short(target), Detail = Short(detail), Address = address,
        }));

    /// <param name="before">The id of the last one of the page before; null begins with the newest.</param>
    public Task<IReadOnlyList<AuditEntry>> ListAsync(string? actor, string? action, string? before, int limit, CancellationToken cancellation) =>
        database.ReadAsync(session => session.QueryAsync<AuditEntry>(SelectPage, new { actor, action, before, limit }), cancellation);

    private static string Short(string text) => text.Length > 500 ? text[..500] : text;
}
