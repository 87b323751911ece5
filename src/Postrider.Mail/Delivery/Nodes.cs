using System.Globalization;
using Microsoft.Extensions.Options;
using Postrider.Mail.Queue;
using Postrider.Storage;

namespace Postrider.Mail.Delivery;

/// <summary>Who works on this database. Each process has one row and says again and again that it is there; one that says nothing for
/// the length of a lease is missing. The database's clock judges.</summary>
public sealed class Nodes(Database database, MessageQueue queue, TimeProvider time, IOptions<MailOptions> options)
{
    /// <summary>So long is a missing one shown, unless somebody forgets it before.</summary>
    public static readonly TimeSpan ShowMissing = TimeSpan.FromDays(1);

    /// <summary>A clock that is further off misjudges tokens and certificates.</summary>
    public static readonly TimeSpan ClockWorthTelling = TimeSpan.FromSeconds(5);

    // A process that opens the door of another on the same machine has come in its place.
    private const string Replace = "delete from nodes where id <> @id and (seen_at < @old or @alone = 1 or (name = @name and address = @address))";
    private const string Put = """
        insert into nodes (id, name, address, version, started_at, seen_at, clock_ahead) values (@id, @name, @address, @version, @started, @now, @ahead)
        on conflict (id) do update set seen_at = @now, clock_ahead = @ahead, address = @address
        """;
    private const string Select = "select id, name, address, version, started_at, seen_at, clock_ahead from nodes order by name, started_at";
    private const string SelectWithLeases = $"""
        select n.id, n.name, n.address, n.version, n.started_at, n.seen_at, n.clock_ahead, coalesce(l.held, 0) as lanes, coalesce(q.held, 0) as leases
        from nodes n
        left join (select owner, count(*) as held from lanes where until > @now group by owner) l on l.owner = n.id
        left join (select lease_owner, count(*) as held from {QueuePlaces.InHand} group by lease_owner) q on q.lease_owner = n.id
        order by n.name, n.started_at
        """;
    private const string Forget = "delete from nodes where id = @id and seen_at < @live";

    private readonly DateTimeOffset started = time.GetUtcNow();

    /// <summary>Where this node's HTTP door is, once it is open.</summary>
    public string Address { get; set; } = "";

    public static string Version { get; } = typeof(Nodes).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <summary>This node is there.</summary>
    public Task BeatAsync(CancellationToken cancellation) => database.WriteAsync(async session =>
    {
        var row = new
        {
            id = queue.Owner, name = Environment.MachineName, address = Address, version = Version, started = started.ToUnixTimeMilliseconds(), now = Now(),
            ahead = (long)database.MachineAhead.TotalMilliseconds, old = Now() - (long)ShowMissing.TotalMilliseconds, alone = database.IsShared ? 0 : 1,
        };
        await session.ExecuteAsync(Replace, row);
        await session.ExecuteAsync(Put, row);
    }, cancellation);

    /// <summary>This node has stopped, and is not missed.</summary>
    public Task LeaveAsync() => database.WriteAsync(session => session.ExecuteAsync("delete from nodes where id = @Owner", new { queue.Owner }));

    /// <returns>False when there is none of this id that is missing.</returns>
    public Task<bool> ForgetAsync(string id, CancellationToken cancellation) =>
        database.WriteAsync(async session => await session.ExecuteAsync(Forget, new { id, live = LiveSince }) > 0, cancellation);

    /// <summary>By name, with what each has in hand.</summary>
    public Task<IReadOnlyList<Node>> ListAsync(CancellationToken cancellation) => ReadAsync(SelectWithLeases, cancellation);

    /// <summary>By name, without counting what they have in hand.</summary>
    public Task<IReadOnlyList<Node>> NamesAsync(CancellationToken cancellation) => ReadAsync(Select, cancellation);

    private async Task<IReadOnlyList<Node>> ReadAsync(string sql, CancellationToken cancellation) =>
        [.. (await database.ReadAsync(session => session.QueryAsync<Row>(sql, new { now = Now(), latest = QueuePlaces.Latest(Now()) }), cancellation)).Select(row => new Node(row.Id, row.Name, row.Address, row.Version,
            DateTimeOffset.FromUnixTimeMilliseconds(row.StartedAt), DateTimeOffset.FromUnixTimeMilliseconds(row.SeenAt), row.SeenAt >= LiveSince,
            TimeSpan.FromMilliseconds(row.ClockAhead), database.IsShared ? row.Lanes : null, row.Leases))];

    private long LiveSince => Now() - (long)options.Value.Lease.TotalMilliseconds;

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed class Row
    {
        public string Id { get; init; } = "";
        public string Name { get; init; } = "";
        public string Address { get; init; } = "";
        public string Version { get; init; } = "";
        public long StartedAt { get; init; }
        public long SeenAt { get; init; }
        public long ClockAhead { get; init; }
        public long Lanes { get; init; }
        public long Leases { get; init; }
    }
}

/// <param name="Address">Of its HTTP door, such as <c>127.0.0.1:8080</c>; empty while that opens.</param>
/// <param name="ClockAhead">Of its machine, against the database's.</param>
/// <param name="Lanes">Rights to a connection that it holds at providers that limit them; null where nothing is shared.</param>
/// <param name="Leases">Messages that it has claimed.</param>
public sealed record Node(string Id, string Name, string Address, string Version, DateTimeOffset StartedAt, DateTimeOffset SeenAt, bool IsLive, TimeSpan ClockAhead, long? Lanes, long Leases)
{
    /// <summary>What is wrong with it; null when nothing is.</summary>
    public string? Warning => !IsLive ? "It has said nothing for longer than a lease lasts. The other nodes send what it had in hand."
        : ClockAhead > Nodes.ClockWorthTelling ? string.Create(CultureInfo.InvariantCulture, $"Its clock is {ClockAhead.TotalSeconds:0} s ahead of the database's. Leases and limits go by the database's clock and hold; tokens and certificates go by the machine's.")
        : -ClockAhead > Nodes.ClockWorthTelling ? string.Create(CultureInfo.InvariantCulture, $"Its clock is {-ClockAhead.TotalSeconds:0} s behind the database's. Leases and limits go by the database's clock and hold; tokens and certificates go by the machine's.")
        : null;
}
