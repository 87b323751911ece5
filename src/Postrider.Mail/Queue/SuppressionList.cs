using System.Globalization;
using Postrider.Accounts.Failures;
using Postrider.Smtp;
using Postrider.Storage;
using SmtpStage = Postrider.Accounts.Failures.SmtpStage;

namespace Postrider.Mail.Queue;

/// <summary>An address that nothing is sent to.</summary>
public sealed class Suppression
{
    public string Id { get; init; } = "";
    public string Address { get; init; } = "";

    /// <summary>bounce or person.</summary>
    public string Reason { get; init; } = "";

    /// <summary>What the bounce said, or why a person put it there.</summary>
    public string Detail { get; init; } = "";

    public string Actor { get; init; } = "";
    public string? MessageId { get; init; }
    public long AddedAt { get; init; }
}

/// <summary>Whom nothing is sent to, because their address does not exist or a person said so. It is asked in the transaction that stores a
/// message, and while it is empty not at all: that a list begins is told to other nodes, and what is added to one counts for the next message
/// on every node.</summary>
public sealed class SuppressionList(Database database, TimeProvider time)
{
    public const string Bounce = "bounce", Person = "person";

    /// <summary>What is told to other nodes.</summary>
    public const string Changes = "suppressions";

    /// <summary>As much is kept of a reason.</summary>
    public const int LongestDetail = 500;

    private const int AddedAtOnce = 200;

    private const string Insert = """
        insert into suppressions (id, address, reason, detail, actor, message_id, added_at)
        values (@Id, @Address, @Reason, @Detail, @Actor, @MessageId, @AddedAt) on conflict (address) do nothing
        """;
    private static readonly string Select = $"""
        select * from suppressions where (@cursor is null or id < @cursor) and (@text is null or {Dialect.Contains("address", "text")})
        order by id desc limit @limit
        """;

    private volatile bool isEmpty;

    /// <summary>Nobody is on it, as far as this process knows.</summary>
    internal bool IsEmpty => isEmpty;

    /// <summary>Looks whether anybody is on it.</summary>
    public async Task LoadAsync(CancellationToken cancellation) =>
        isEmpty = await database.ReadAsync(session => session.FirstOrDefaultAsync<string>("select id from suppressions limit 1"), cancellation) is null;

    /// <summary>How an address stands in the list.</summary>
    /// <returns>Null when it is none; <paramref name="why"/> says why.</returns>
    public static string? Key(string? typed, out string? why) =>
        SmtpAddress.TryParse(typed, out var address, out why) ? Lower(address.WireText) : null;

    // The databases fold ASCII letters alike, and no others.
    private static string Lower(string text) => string.Create(text.Length, text, static (small, given) =>
    {
        for (var at = 0; at < given.Length; at++)
            small[at] = char.IsAsciiLetterUpper(given[at]) ? (char)(given[at] | 0x20) : given[at];
    });

    /// <param name="text">Part of the address.</param>
    /// <param name="cursor">The id of the last one seen; the newest come first.</param>
    public Task<IReadOnlyList<Suppression>> ListAsync(string? text, string? cursor, int limit, CancellationToken cancellation) =>
        database.ReadAsync(session => session.QueryAsync<Suppression>(Select, new { text = Dialect.Pattern(text), cursor, limit }), cancellation);

    public Task<Suppression?> FindAsync(string key, CancellationToken cancellation) =>
        database.ReadAsync(session => session.FirstOrDefaultAsync<Suppression>("select * from suppressions where address = @key", new { key }), cancellation);

    /// <summary>Puts addresses on the list. Those that are on it stay as they are.</summary>
    /// <returns>How many are new.</returns>
    public async Task<int> AddAsync(IReadOnlyCollection<(string Key, string Detail)> addresses, string actor, CancellationToken cancellation)
    {
        var added = 0;
        foreach (var some in addresses.Chunk(AddedAtOnce))
            added += await database.WriteAsync(async session =>
            {
                var here = 0;
                foreach (var (key, detail) in some)
                    here += await AddAsync(session, key, Person, detail, actor, null);
                return here;
            }, cancellation);
        database.Tell(Changes);
        return added;
    }

    /// <summary>Adds one in a transaction, after whose commit the <see cref="Changes"/> are told.</summary>
    internal Task<int> AddAsync(DbSession session, string key, string reason, string detail, string actor, string? messageId)
    {
        isEmpty = false;
        return session.ExecuteAsync(Insert, new Suppression
        {
            Id = MessageIds.New(time), Address = key, Reason = reason, Detail = detail.Length > LongestDetail ? detail[..LongestDetail] : detail, Actor = actor, MessageId = messageId,
            AddedAt = time.GetUtcNow().ToUnixTimeMilliseconds(),
        });
    }

    /// <summary>Those of some addresses that are on the list.</summary>
    internal static async Task<IReadOnlyDictionary<string, Suppression>> AmongAsync(DbSession session, IReadOnlyCollection<string> keys) =>
        (await session.QueryAsync<Suppression>("select * from suppressions where address in @keys", new { keys = keys.ToArray() })).ToDictionary(entry => entry.Address);

    /// <returns>What was taken off the list; null when it was not on it.</returns>
    public Task<Suppression?> RemoveAsync(string key, CancellationToken cancellation) =>
        database.WriteAsync(session => session.FirstOrDefaultAsync<Suppression>("delete from suppressions where address = @key returning *", new { key }), cancellation);

    /// <summary>What a recipient on the list is told instead of being sent to.</summary>
    internal static RecipientOutcome Refuse(int number, string address, Suppression entry)
    {
        var reply = $"550 5.7.1 {address} is on the suppression list of this gateway";
        var known = FailureCatalog.Default.ForReply("", SmtpStage.Rcpt, 550, "5.7.1", reply["550 5.7.1 ".Length..]).Fill(new Dictionary<string, string> { [Placeholders.Recipient] = address });
        var (since, why) = (DateTimeOffset.FromUnixTimeMilliseconds(entry.AddedAt).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), entry.Detail.Length > 0 ? $": {entry.Detail}" : ".");
        return new RecipientOutcome(number, OutcomeKind.Failed, reply, $"{known.Cause} {(entry.Reason == Bounce ? $"It bounced on {since}{why}" : $"{entry.Actor} put it there on {since}{why}")}", known.Remedy);
    }
}
