using System.Globalization;
using Postrider.Mail.Queue;
using Postrider.Storage;
using Postrider.Storage.Copies;

namespace Postrider.Mail.Delivery;

/// <summary>Whether the whole installation keeps its mail back: after a restore, until an administrator has seen what may have been sent
/// since the backup, and whenever somebody asks for it. Mail is taken as always.</summary>
public sealed class SendingHold(Database database, TimeProvider time)
{
    /// <summary>What is told to other nodes.</summary>
    public const string Changes = "hold";

    private const string Select = "select name, value from installation where name in (@Held, @MadeAt)";
    private const string Put = "insert into installation (name, value) values (@Held, @at) on conflict (name) do nothing";
    private const string End = "delete from installation where name in (@Held, @MadeAt)";

    // The time that it was held does not count against the lifetime of a message. What somebody gave up meanwhile stays given up.
    private const string Prolong = "update queue set expires_at = expires_at + @span where held_at is not null or due_at <> @never";

    private volatile HeldSending? held;

    /// <summary>Null when mail is sent as always.</summary>
    public HeldSending? Now => held;

    public async Task LoadAsync(CancellationToken cancellation)
    {
        var rows = (await database.ReadAsync(session => session.QueryAsync<Row>(Select, Names), cancellation)).ToDictionary(row => row.Name, row => Moment(row.Value));
        held = rows.TryGetValue(DatabaseCopies.Held, out var since) ? new HeldSending(since, rows.TryGetValue(DatabaseCopies.MadeAt, out var made) ? made : null) : null;
    }

    public async Task HoldAsync(CancellationToken cancellation)
    {
        await database.WriteAsync(session => session.ExecuteAsync(Put, new { DatabaseCopies.Held, at = time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture) }), cancellation);
        await ChangedAsync(cancellation);
    }

    public async Task ReleaseAsync(CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        if (held is not { } before)
            return;
        var span = (long)(time.GetUtcNow() - (before.BackupMadeAt ?? before.Since)).TotalMilliseconds;
        await database.WriteAsync(async session =>
        {
            if (await session.ExecuteAsync(End, Names) > 0)
                await session.ExecuteAsync(Prolong, new { span = Math.Max(0, span), never = MessageQueue.Never });
        }, cancellation);
        await ChangedAsync(cancellation);
    }

    /// <summary>What a release would let go, as it is now.</summary>
    public Task<HeldMail> CountAsync(CancellationToken cancellation) => database.ReadAsync(async session => new HeldMail(
        await session.SingleAsync<long>("select count(*) from queue"),
        await session.SingleAsync<long>("select count(*) from queue where message_id < @first", new { first = held?.BackupMadeAt is { } made ? MessageIds.FirstAt(made) : "" }),
        await session.SingleAsync<long>("select count(*) from queue where held_at is not null")), cancellation);

    private Task ChangedAsync(CancellationToken cancellation)
    {
        database.Tell(Changes);
        return LoadAsync(cancellation);
    }

    private static object Names { get; } = new { DatabaseCopies.Held, DatabaseCopies.MadeAt };

    private static DateTimeOffset Moment(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);

    private sealed class Row
    {
        public string Name { get; init; } = "";
        public string Value { get; init; } = "";
    }
}

/// <param name="FromBackup">Of what waits, what was accepted before the backup was made.</param>
/// <param name="OneByOne">Held by themselves: a release of everything leaves them.</param>
public sealed record HeldMail(long Waiting, long FromBackup, long OneByOne);

/// <param name="BackupMadeAt">When the backup was made that this installation comes from; null when it does not.</param>
public sealed record HeldSending(DateTimeOffset Since, DateTimeOffset? BackupMadeAt);
