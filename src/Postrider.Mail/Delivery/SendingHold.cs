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

    private const string Select = "select name, value from installation where name in (@Held, @MadeAt, @ComparedAt, @WaitingThere)";
    private const string Put = "insert into installation (name, value) values (@Held, @at) on conflict (name) do nothing";
    private const string End = "delete from installation where name in (@Held, @MadeAt, @ComparedAt, @WaitingThere)";
    private const string ForgetDifferences = "delete from differences";
    private const string Count = """
        select provider_id, count(*) as waiting, sum(case when held_at is not null then 1 else 0 end) as one_by_one,
               sum(case when message_id < @first then 1 else 0 end) as from_backup,
               min(case when message_id < @first then message_id end) as oldest, max(case when message_id < @first then message_id end) as newest
        from queue group by provider_id
        """;
    private const string CountDifferences = "select provider_id, kind, count(*) as messages from differences group by provider_id, kind";
    private const string SelectDifferences = """
        select d.message_id, d.provider_id, d.kind, d.reached, d.at, m.mail_from, m.subject,
               (select count(*) from recipients r where r.message_id = d.message_id and r.state = 'queued') as pending
        from differences d join messages m on m.id = d.message_id
        where d.message_id > @after order by d.message_id limit @max
        """;

    // The time that it was held does not count against the lifetime of a message. What somebody gave up meanwhile stays given up.
    private const string Prolong = "update queue set expires_at = expires_at + @span where held_at is not null or due_at <> @never";

    private volatile HeldSending? held;

    /// <summary>Null when mail is sent as always.</summary>
    public HeldSending? Now => held;

    public async Task LoadAsync(CancellationToken cancellation)
    {
        var rows = (await database.ReadAsync(session => session.QueryAsync<Row>(Select, Names), cancellation)).ToDictionary(row => row.Name, row => row.Value);
        DateTimeOffset? MomentOf(string name) => rows.TryGetValue(name, out var text) ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind) : null;
        held = MomentOf(DatabaseCopies.Held) is { } since
            ? new HeldSending(since, MomentOf(DatabaseCopies.MadeAt), MomentOf(DatabaseCopies.ComparedAt), rows.TryGetValue(DatabaseCopies.WaitingThere, out var there) ? long.Parse(there, CultureInfo.InvariantCulture) : null)
            : null;
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
            if (await session.ExecuteAsync(End, Names) == 0)
                return;
            await session.ExecuteAsync(Prolong, new { span = Math.Max(0, span), never = MessageQueue.Never });
            await session.ExecuteAsync(ForgetDifferences);
        }, cancellation);
        await ChangedAsync(cancellation);
    }

    /// <summary>What a release would let go, as it is now, and what has become of mail since the backup.</summary>
    public Task<HeldMail> CountAsync(CancellationToken cancellation) => database.ReadAsync(async session =>
    {
        var waiting = (await session.QueryAsync<HeldOfProvider>(Count, new { first = held?.BackupMadeAt is { } made ? MessageIds.FirstAt(made) : "" })).ToDictionary(one => one.ProviderId);
        foreach (var group in (await session.QueryAsync<CountedDifference>(CountDifferences)).GroupBy(one => one.ProviderId))
        {
            waiting.TryAdd(group.Key, new HeldOfProvider { ProviderId = group.Key });
            foreach (var one in group)
                waiting[group.Key].Differences[one.Kind] = one.Messages;
        }
        return new HeldMail([.. waiting.Values.OrderByDescending(one => one.Waiting)]);
    }, cancellation);

    /// <summary>Messages that the installation that was backed up has dealt with since, in the order of their acceptance.</summary>
    /// <param name="after">The last one of the page before; none begins with the oldest.</param>
    public Task<IReadOnlyList<Difference>> DifferencesAsync(string? after, int max, CancellationToken cancellation) =>
        database.ReadAsync(session => session.QueryAsync<Difference>(SelectDifferences, new { after = after ?? "", max }), cancellation);

    private Task ChangedAsync(CancellationToken cancellation)
    {
        database.Tell(Changes);
        return LoadAsync(cancellation);
    }

    private static object Names { get; } = new { DatabaseCopies.Held, DatabaseCopies.MadeAt, DatabaseCopies.ComparedAt, DatabaseCopies.WaitingThere };

    private sealed class Row
    {
        public string Name { get; init; } = "";
        public string Value { get; init; } = "";
    }

    private sealed class CountedDifference
    {
        public string ProviderId { get; init; } = "";
        public string Kind { get; init; } = "";
        public long Messages { get; init; }
    }
}

public sealed record HeldMail(IReadOnlyList<HeldOfProvider> Providers)
{
    public long Waiting => Providers.Sum(one => one.Waiting);

    /// <summary>Of what waits, what was accepted before the backup was made.</summary>
    public long FromBackup => Providers.Sum(one => one.FromBackup);

    /// <summary>Held by themselves: a release of everything leaves them.</summary>
    public long OneByOne => Providers.Sum(one => one.OneByOne);

    /// <summary>How many messages fared so in the installation that was backed up: <see cref="DifferenceKind"/>.</summary>
    public long Of(string kind) => Providers.Sum(one => one.Differences.GetValueOrDefault(kind));
}

/// <summary>What of one provider's mail is kept back.</summary>
public sealed class HeldOfProvider
{
    public string ProviderId { get; init; } = "";
    public long Waiting { get; init; }
    public long FromBackup { get; init; }
    public long OneByOne { get; init; }

    /// <summary>The ids of the first and the last of those from the backup.</summary>
    public string? Oldest { get; init; }

    /// <inheritdoc cref="Oldest"/>
    public string? Newest { get; init; }

    /// <summary>How many messages fared how since: <see cref="DifferenceKind"/>.</summary>
    public Dictionary<string, long> Differences { get; } = [];
}

/// <summary>A message that waited in the backup, and what the installation that was backed up has done with it since.</summary>
public sealed class Difference
{
    public string MessageId { get; init; } = "";
    public string ProviderId { get; init; } = "";

    /// <inheritdoc cref="DifferenceKind"/>
    public string Kind { get; init; } = "";

    /// <summary>How many recipients were sent it there.</summary>
    public long Reached { get; init; }

    /// <summary>How many wait here.</summary>
    public long Pending { get; init; }
    public long? At { get; init; }
    public string MailFrom { get; init; } = "";
    public string Subject { get; init; } = "";
}

/// <param name="BackupMadeAt">When the backup was made that this installation comes from; null when it does not.</param>
/// <param name="ComparedAt">When it was compared with the installation that was backed up; null when it was not.</param>
/// <param name="WaitingThere">Messages that waited there then and do not here: most were accepted after the backup.</param>
public sealed record HeldSending(DateTimeOffset Since, DateTimeOffset? BackupMadeAt, DateTimeOffset? ComparedAt = null, long? WaitingThere = null);
