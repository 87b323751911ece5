using Postrider.Storage;

namespace Postrider.Server.Console.People;

/// <summary>Who is signed in. A session ends after half an hour without a request, after twelve hours in any case, and when it is revoked.</summary>
internal sealed class Sessions(Database database, TimeProvider time)
{
    public static readonly TimeSpan Idle = TimeSpan.FromMinutes(30), Longest = TimeSpan.FromHours(12);

    private const string Select = """
        select s.id, s.person_id, s.address, s.agent, s.created_at, s.seen_at, s.proved_at, s.way, p.name, p.role
        from console_sessions s join people p on p.id = s.person_id
        """;

    internal sealed class Session
    {
        public string Id { get; init; } = "";
        public string PersonId { get; init; } = "";
        public string Address { get; init; } = "";
        public string Agent { get; init; } = "";
        public long CreatedAt { get; init; }
        public long SeenAt { get; init; }

        /// <summary>When the person last proved to be there.</summary>
        public long ProvedAt { get; init; }

        /// <summary>What with, such as <c>password</c>.</summary>
        public string Way { get; init; } = "";
        public string Name { get; init; } = "";
        public string Role { get; init; } = "";
    }

    /// <returns>The token for the browser; a new one for each sign-in, so that one that was planted before is worth nothing.</returns>
    public async Task<string> BeginAsync(Person person, string way, string address, string agent, CancellationToken cancellation)
    {
        var token = Token.New();
        var now = Now();
        await database.WriteAsync(async session =>
        {
            await session.ExecuteAsync("delete from console_sessions where seen_at < @idle or created_at < @old", Ends(now));
            await session.ExecuteAsync("""
                insert into console_sessions (token_hash, id, person_id, address, agent, created_at, seen_at, proved_at, way) values (@hash, @id, @person, @address, @agent, @now, @now, @now, @way)
                """, new { hash = Token.Hash(token), id = Guid.CreateVersion7(time.GetUtcNow()).ToString("N"), person = person.Id, address, agent = agent.Length > 200 ? agent[..200] : agent, now, way });
            await session.ExecuteAsync("update people set last_seen_at = @now where id = @Id", new { person.Id, now });
        }, cancellation);
        return token;
    }

    public Task<Session?> FindAsync(string token, CancellationToken cancellation) => FindAsync(token, isSeen: true, cancellation);

    /// <param name="isSeen">A person is there. A page that refreshes itself does not keep a session alive.</param>
    public async Task<Session?> FindAsync(string token, bool isSeen, CancellationToken cancellation)
    {
        var now = Now();
        var ends = Ends(now);
        var found = await database.ReadAsync(session => session.FirstOrDefaultAsync<Session>(Select + " where s.token_hash = @hash and s.seen_at >= @idle and s.created_at >= @old",
            new { hash = Token.Hash(token), ends.idle, ends.old }), cancellation);
        // Written at most once a minute: a page that refreshes itself must not become a writer.
        if (isSeen && found is not null && now - found.SeenAt > 60_000)
            await database.WriteAsync(session => session.ExecuteAsync("update console_sessions set seen_at = @now where id = @Id", new { found.Id, now }), cancellation);
        return found;
    }

    /// <summary>A person's, the last seen first.</summary>
    public Task<IReadOnlyList<Session>> OfAsync(string personId, CancellationToken cancellation)
    {
        var ends = Ends(Now());
        return database.ReadAsync(session => session.QueryAsync<Session>(Select + " where s.person_id = @personId and s.seen_at >= @idle and s.created_at >= @old order by s.seen_at desc",
            new { personId, ends.idle, ends.old }), cancellation);
    }

    public Task EndAsync(string id, CancellationToken cancellation) =>
        database.WriteAsync(session => session.ExecuteAsync("delete from console_sessions where id = @id", new { id }), cancellation);

    /// <summary>The person has proved again to be there.</summary>
    public Task ProveAsync(string id, CancellationToken cancellation) =>
        database.WriteAsync(session => session.ExecuteAsync("update console_sessions set proved_at = @now where id = @id", new { id, now = Now() }), cancellation);

    /// <summary>Ends all of a person's sessions but one.</summary>
    public Task<int> EndOthersAsync(string personId, string keep, CancellationToken cancellation) =>
        database.WriteAsync(session => session.ExecuteAsync("delete from console_sessions where person_id = @personId and id <> @keep", new { personId, keep }), cancellation);

    private static Bounds Ends(long now) => new(now - (long)Idle.TotalMilliseconds, now - (long)Longest.TotalMilliseconds);

    // Named as the statements name them.
    private sealed record Bounds(long idle, long old);

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
