using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Postrider.Storage;

namespace Postrider.Mail.Queue;

/// <summary>Keeps accepted messages until each recipient has a final outcome. A claim is a lease: a worker that dies loses it,
/// and another may send again. What an attempt came to is recorded in <c>MessageQueue.Outcomes.cs</c>.</summary>
public sealed partial class MessageQueue(Database database, SuppressionList suppressions, TimeProvider time, IOptions<MailOptions> options)
{
    private const string InsertMessage = """
        insert into messages (id, provider_id, client_id, submitter, source, mail_from, header_from, subject, header_id, size, eight_bit,
                              smtp_utf8, report_of, hold_uncertain, state, accepted_at, expires_at)
        values (@Id, @ProviderId, @ClientId, @Submitter, @Source, @MailFrom, @HeaderFrom, @Subject, @HeaderId, @size, @EightBit,
                @SmtpUtf8, @ReportOf, @HoldUncertain, 'queued', @now, @expires)
        """;
    private const string InsertContent = "insert into contents (message_id, number, bytes) values (@Id, @number, @bytes)";
    private const string InsertRecipient =
        "insert into recipients (message_id, number, address, state, updated_at) values (@Id, @number, @address, 'queued', @now)";
    private const string InsertQueue = """
        insert into queue (message_id, provider_id, sharer, due_at, expires_at, fence, lease_owner, claimed_at, dot_at)
        values (@Id, @ProviderId, @sharer, @due, @expires, @fence, @holder, @claimed, @claimed)
        """;
    private const string InsertSmall = $"{InsertMessage}; {InsertContent}; {InsertRecipient}; {InsertQueue}";

    // due_at is also the end of the lease: a claimed message is due again when its worker has not renewed the claim.
    private const string ClaimDue = """
        with ready as /*postgres: materialized*/ (
            select message_id from queue where provider_id = @provider and sharer = @sharer and due_at >= @from and due_at <= @now
            order by due_at limit @max /*postgres: for update skip locked*/)
        update queue set lease_owner = @owner, claimed_at = @now, due_at = @until, fence = fence + 1,
                         rescues = rescues + case when lease_owner is null then 0 else 1 end
        where message_id in (select message_id from ready)
        returning message_id, fence, attempts, rescues, dot_at, provider_id, expires_at
        """;

    // The lease is checked and the attempt marked in one statement, just before the final dot. Of a sum there is no index: a server that
    // believes its queue to be all but empty would rather walk the whole index of what is due than look for a key in one that is long.
    internal const string MarkFinalDot =
        "update queue set dot_at = @now, due_at = @until where message_id = @id and fence = @fence and lease_owner = @owner and due_at + 0 > @now";

    // The same without a longer lease, which would cost an entry in an index: half of it must be left.
    internal const string MarkAhead =
        "update queue set dot_at = @now where message_id = @id and fence = @fence and lease_owner = @owner and due_at + 0 >= @soon";
    internal const string Renew =
        "update queue set due_at = @until where message_id in @some and lease_owner = @owner and due_at + 0 > @now returning message_id";
    private const string Release =
        "update queue set lease_owner = null, claimed_at = null, dot_at = @dot, due_at = @due where message_id = @id and fence = @fence and lease_owner = @owner";
    private const string ForgetKeys = "delete from idempotency_keys where created_at <= @old";
    private const string FreeAll = $"update queue set due_at = @now where message_id in (select message_id from {QueuePlaces.InHand})";
    private const string FreeOf = $"update queue set due_at = @now where message_id in (select message_id from {QueuePlaces.InHand} where lease_owner = @gone)";
    private const string FreeLanesOf = "delete from lanes where owner = @gone";

    /// <summary>A message of this size leaves in one write; a larger one is read when it is sent.</summary>
    private const int LargestToBringAlong = 64 * 1024;

    private const int RenewedAtOnce = 1000;

    private static readonly TimeSpan PauseWhenFull = TimeSpan.FromSeconds(1);

    /// <summary>By provider, who was served last: the next claim begins behind.</summary>
    private readonly ConcurrentDictionary<string, string> lastServed = new();

    /// <summary>What this process knows that it has claimed, with the fence of the claim.</summary>
    private readonly ConcurrentDictionary<string, long> claims = new();

    /// <summary>Messages whose outcome this process knows and could not store yet: when their leases end meanwhile, nobody here may send them
    /// again.</summary>
    private readonly ConcurrentDictionary<string, bool> unsaid = new();

    private readonly FreshMessages fresh = new();

    /// <inheritdoc cref="Queue.Hands"/>
    internal Hands Hands { get; } = new();

    /// <summary>Names this process in its leases.</summary>
    private readonly string owner = Guid.CreateVersion7(time.GetUtcNow()).ToString("N");

    /// <inheritdoc cref="owner"/>
    public string Owner => owner;

    /// <summary>Tells that a provider has something to send. A hint: whoever misses it finds the message by looking.</summary>
    public event Action<string>? Due;

    /// <summary>Tells of attempts whose outcomes are on disk.</summary>
    internal event Action<IReadOnlyList<Concluded>>? Recorded;

    /// <summary>Called within the transaction that gives a message its last outcome, with its id and whether everyone was sent it.</summary>
    internal Func<DbSession, string, bool, Task>? Finishing { get; set; }

    /// <summary>Stores a message. When this returns it is on disk: safe to answer 250.</summary>
    /// <exception cref="StorageException">Nothing was stored.</exception>
    public async Task<AddResult> AddAsync(NewMessage message, CancellationToken cancellation)
    {
        if (!database.HasRoomFor(message.Content.Length))
            throw new StorageFullException();
        using var promise = MayLeaveAtOnce(message) ? Hands.Promise(message.ProviderId) : null;
        var result = await database.WriteAsync(session => InsertAsync(session, message, promise), cancellation);
        if (result is not AddResult.Added)
            return result;
        LookAnew(message.ProviderId, SharerOf(message.ClientId, message.Submitter, message.Source));
        if (promise?.Message is { } claimed)
        {
            claims[claimed.Id] = claimed.Fence;
            if (!promise.Keep())
                _ = GiveBackAsync(claimed);
        }
        else
            Due?.Invoke(message.ProviderId);
        return result;
    }

    // What a person must decide on, should the process die now, is not marked before it must be.
    private static bool MayLeaveAtOnce(NewMessage message) =>
        message is { SendAt: null, HoldUncertain: false, SmtpUtf8: false, Body: <= Hands.Most, Recipients.Count: 1 } && message.Content.Length <= LargestToBringAlong;

    // It is stored, and whoever handed it in is told so without waiting for this.
    private async Task GiveBackAsync(ClaimedMessage claimed)
    {
        claimed.ForgetFinalDot();
        try
        {
            await ReleaseAsync([claimed]);
        }
        catch (Exception wrong) when (wrong is StorageException or System.Data.Common.DbException)
        {
            // It is due when its lease ends.
        }
        Due?.Invoke(claimed.ProviderId);
    }

    /// <param name="promise">A place in the hand of a lane, if there is one.</param>
    private async Task<AddResult> InsertAsync(DbSession session, NewMessage message, Promise? promise = null)
    {
        promise?.Message = null;
        var now = Now();
        if (message.Idempotency is { } key && await RememberAsync(session, key, message.Id, now) is { } known)
            return known;
        var due = message.SendAt?.ToUnixTimeMilliseconds() ?? now;
        var suppressed = await SuppressedAsync(session, message);
        var place = suppressed.Count == 0 ? promise : null;
        var inHand = place is not null;
        using var pieces = message.Content.Pieces().GetEnumerator();
        var row = new
        {
            message.Id, message.ProviderId, message.ClientId, message.Submitter, message.Source, message.MailFrom, message.HeaderFrom, message.Subject,
            message.HeaderId, EightBit = (int)message.Body, message.SmtpUtf8, message.ReportOf, message.HoldUncertain, size = message.Content.Length, now,
            due = inHand ? now + LeaseLength : due, expires = due + (long)options.Value.Lifetime.TotalMilliseconds,
            sharer = SharerOf(message.ClientId, message.Submitter, message.Source),
            fence = inHand ? 1L : 0L, holder = inHand ? owner : null, claimed = inHand ? now : (long?)null,
            number = 0, bytes = pieces.MoveNext() ? pieces.Current : [], address = message.Recipients[0],
        };
        // The usual message goes to the database at once.
        await session.ExecuteLaterAsync(InsertSmall, row, apart: true);
        for (var number = 1; pieces.MoveNext(); number++)
            await session.ExecuteAsync(InsertContent, new { message.Id, number, bytes = pieces.Current });
        for (var number = 1; number < message.Recipients.Count; number++)
            await session.ExecuteLaterAsync(InsertRecipient, new { message.Id, number, address = message.Recipients[number], now }, apart: true);
        if (suppressed.Count > 0)
            await RefuseAsync(session, message, suppressed, now);
        else if (message.Recipients.Count == 1 && row.size <= LargestToBringAlong)
        {
            var stored = new MessageRow
            {
                Id = message.Id, ProviderId = message.ProviderId, ClientId = message.ClientId, MailFrom = message.MailFrom, Subject = message.Subject,
                HeaderId = message.HeaderId, Size = row.size, EightBit = message.Body, SmtpUtf8 = message.SmtpUtf8, ReportOf = message.ReportOf,
                HoldUncertain = message.HoldUncertain, AcceptedAt = now, ExpiresAt = row.expires, Content = row.bytes,
            };
            if (place is not null)
            {
                place.Message = Claimed(new ClaimedRow { MessageId = message.Id, Fence = row.fence }, stored, [new PendingRecipient { Number = 0, Address = row.address }]);
                place.Message.FinalDotAt = DateTimeOffset.FromUnixTimeMilliseconds(now);
            }
            else
                fresh.Keep(stored, row.address);
        }
        return new AddResult.Added(message.Id);
    }

    private async Task<AddResult?> RememberAsync(DbSession session, IdempotencyKey key, string id, long now)
    {
        await session.ExecuteLaterAsync(ForgetKeys, new { old = now - (long)options.Value.IdempotencyWindow.TotalMilliseconds });
        var before = await session.FirstOrDefaultAsync<KnownKey>(
            "select fingerprint, message_id from idempotency_keys where owner = @Owner and key = @Key", key);
        if (before is not null)
            return before.Fingerprint == key.Fingerprint ? new AddResult.AlreadyAdded(before.MessageId) : new AddResult.KeyReused();
        await session.ExecuteLaterAsync(
            "insert into idempotency_keys (owner, key, fingerprint, message_id, created_at) values (@Owner, @Key, @Fingerprint, @id, @now)",
            new { key.Owner, key.Key, key.Fingerprint, id, now });
        return null;
    }

    /// <summary>Takes up to <paramref name="max"/> due messages of a provider; they are ours until their lease ends.</summary>
    /// <param name="leaving">Which of them leave at once: their final dots are marked in the same commit.</param>
    public async Task<IReadOnlyList<ClaimedMessage>> ClaimAsync(string providerId, int max, CancellationToken cancellation,
        Func<IReadOnlyList<ClaimedMessage>, IReadOnlyList<ClaimedMessage>>? leaving = null)
    {
        var emptied = new List<(Place Place, long From, long Until)>();
        var marks = Marks.None;
        var ours = await ClaimAsync(async session =>
        {
            var now = Now();
            var claimed = new List<ClaimedRow>(max);
            var places = await LookAsync(session, providerId, max);
            emptied.Clear();
            while (claimed.Count < max && places.Count > 0)
            {
                var each = Math.Max(1, (max - claimed.Count) / places.Count);
                var withMore = new List<Place>();
                foreach (var place in places.TakeWhile(_ => claimed.Count < max))
                {
                    var (most, from) = (Math.Min(each, max - claimed.Count), place.From);
                    var taken = await session.QueryAsync<ClaimedRow>(ClaimDue,
                        new { owner, now, until = now + LeaseLength, provider = providerId, sharer = place.Sharer, from, max = most });
                    claimed.AddRange(taken);
                    if (taken.Count == most)
                        withMore.Add(place);
                    else
                        emptied.Add((place, from, now));
                    if (taken.Count > 0)
                        lastServed[providerId] = place.Sharer;
                }
                places = withMore;
            }
            var whole = await SetApartAsync(session, await CompleteAsync(session, OfUnknownOutcome(claimed), now), now);
            marks = await MarkAheadAsync(session, leaving?.Invoke(whole) ?? []);
            return whole;
        }, cancellation);
        marks.Set();
        foreach (var (place, from, until) in emptied)
            place.IsEmptyUntil(from, until);
        return ours;
    }

    private List<ClaimedRow> OfUnknownOutcome(List<ClaimedRow> claimed)
    {
        if (!unsaid.IsEmpty)
            claimed.RemoveAll(row => unsaid.ContainsKey(row.MessageId));
        return claimed;
    }

    private async Task<IReadOnlyList<ClaimedMessage>> ClaimAsync(Func<DbSession, Task<IReadOnlyList<ClaimedMessage>>> claim, CancellationToken cancellation)
    {
        var claimed = await database.WriteAsync(claim, cancellation);
        foreach (var message in claimed)
            claims[message.Id] = message.Fence;
        return claimed;
    }

    /// <summary>Keeps claims no longer, and does not give them back before their leases end.</summary>
    internal void LetLeasesEnd(IEnumerable<ClaimedMessage> claimed)
    {
        foreach (var message in claimed)
            Forget(message);
    }

    private void Forget(ClaimedMessage done) => claims.TryRemove(KeyValuePair.Create(done.Id, done.Fence));

    /// <summary>Those whose mail waits for a provider, beginning behind the one that was served last, as many as can be served now.</summary>
    private Task<IReadOnlyList<string>> SharersAsync(DbSession session, string provider, int max) =>
        session.QueryAsync<string>(QueuePlaces.NextSharers, new { provider, after = lastServed.GetValueOrDefault(provider, ""), max });

    // Never empty, so that "behind nobody" can be said.
    private static string SharerOf(string? client, string? submitter, string source) => client ?? submitter ?? source;

    /// <summary>Marks that the final dot is about to be sent. After this, an attempt without an outcome may have been sent.</summary>
    /// <returns>False when the lease has been lost: the dot must not be sent.</returns>
    public Task<bool> MarkFinalDotAsync(ClaimedMessage claimed, CancellationToken cancellation) => MarkFinalDotsAsync([claimed], cancellation);

    /// <summary>The same for messages that leave together.</summary>
    /// <returns>False when the lease of one of them, which then has no mark, has been lost: none of their dots must be sent.</returns>
    public async Task<bool> MarkFinalDotsAsync(IReadOnlyList<ClaimedMessage> claimed, CancellationToken cancellation)
    {
        // Marked already, with their claim or with the outcome of those before them; after so short a time the lease still holds.
        var unmarked = claimed.Where(message => message.FinalDotAt is not { } marked || time.GetUtcNow() - marked >= options.Value.Lease / 2).ToList();
        if (unmarked.Count == 0)
            return true;
        var marks = await database.WriteAsync(session => MarkAsync(session, MarkFinalDot, unmarked), cancellation);
        return marks.Set();
    }

    private Task<Marks> MarkAheadAsync(DbSession session, IReadOnlyList<ClaimedMessage> next) => MarkAsync(session, MarkAhead, next);

    private async Task<Marks> MarkAsync(DbSession session, string statement, IReadOnlyList<ClaimedMessage> claimed)
    {
        var now = Now();
        var marks = new Marks(claimed, DateTimeOffset.FromUnixTimeMilliseconds(now));
        foreach (var (at, message) in claimed.Index())
            await session.ExecuteLaterAsync(statement,
                new { id = message.Id, fence = message.Fence, owner, now, until = now + LeaseLength, soon = now + LeaseLength / 2 }, met => marks.Made[at] = met == 1, apart: true);
        return marks;
    }

    /// <summary>Which final dots were marked; they count once they are on disk.</summary>
    private sealed class Marks(IReadOnlyList<ClaimedMessage> claimed, DateTimeOffset moment)
    {
        public static Marks None { get; } = new([], default);

        public bool[] Made { get; } = new bool[claimed.Count];

        /// <returns>False when the lease of one of them has been lost.</returns>
        public bool Set()
        {
            for (var at = 0; at < Made.Length; at++)
                claimed[at].FinalDotAt = Made[at] ? moment : null;
            return Made.All(made => made);
        }
    }

    /// <summary>Keeps what this process knows that it has claimed for another length of the lease. A claim whose commit was not answered
    /// may be ours without our knowing: it must end.</summary>
    public async Task RenewAsync(CancellationToken cancellation)
    {
        foreach (var some in claims.ToArray().Chunk(RenewedAtOnce))
        {
            var renewed = await database.WriteAsync(session => session.QueryAsync<string>(Renew,
                new { some = some.Select(claim => claim.Key).ToArray(), owner, now = Now(), until = Now() + LeaseLength }), cancellation);
            foreach (var lost in some.ExceptBy(renewed, claim => claim.Key))
                claims.TryRemove(lost);
        }
    }

    /// <summary>Gives messages back untouched: no attempt is counted. A final dot whose outcome is not known stays marked, one that
    /// is known not to have counted must have been forgotten: <see cref="ClaimedMessage.ForgetFinalDot"/>.</summary>
    public async Task ReleaseAsync(IReadOnlyCollection<ClaimedMessage> claimed)
    {
        try
        {
            await WithRoomAsync(claimed, async session =>
            {
                foreach (var message in claimed)
                    await session.ExecuteLaterAsync(Release, new
                    {
                        id = message.Id, fence = message.Fence, owner, due = message.AcceptedAt.ToUnixTimeMilliseconds(),
                        dot = message.FinalDotAt?.ToUnixTimeMilliseconds(),
                    });
            });
        }
        finally
        {
            // Where it could not be said, the lease is not renewed any more and ends by itself.
            foreach (var message in claimed)
            {
                Forget(message);
                LookFrom(message.ProviderId, message.AcceptedAt.ToUnixTimeMilliseconds());
            }
        }
    }

    // What is known must not be dropped, and a message that could not be given back would be ours for as long as we live: both wait
    // for room on a full disk, and for a database that does not answer.
    private async Task WithRoomAsync(IEnumerable<ClaimedMessage> about, Func<DbSession, Task> work, Func<DbSession, Task<bool>>? done = null)
    {
        var lost = false;
        try
        {
            while (true)
            {
                try
                {
                    await database.WriteAsync(async session =>
                    {
                        // The answer to a commit may get lost although it was made.
                        if (!lost || done is null || !await done(session))
                            await work(session);
                    });
                    return;
                }
                catch (StorageFullException)
                {
                }
                catch (StorageUnavailableException)
                {
                    lost = true;
                }
                foreach (var message in about)
                    unsaid[message.Id] = true;
                await Task.Delay(PauseWhenFull, time);
            }
        }
        finally
        {
            if (!unsaid.IsEmpty)
                foreach (var message in about)
                    unsaid.TryRemove(message.Id, out _);
        }
    }

    /// <summary>Ends the leases of a process that is gone. Only for the start of the one process that may use an embedded database.</summary>
    public Task<int> FreeAbandonedAsync(CancellationToken cancellation) =>
        database.WriteAsync(session => session.ExecuteAsync(FreeAll, new { now = Now(), latest = QueuePlaces.Latest(Now()) }), cancellation);

    /// <summary>Ends the leases of one process that is known to be gone, on messages and lanes.</summary>
    /// <returns>How many messages it had in hand.</returns>
    public Task<int> FreeAbandonedAsync(string gone, CancellationToken cancellation) => database.WriteAsync(async session =>
    {
        await session.ExecuteAsync(FreeLanesOf, new { gone });
        return await session.ExecuteAsync(FreeOf, new { gone, now = Now(), latest = QueuePlaces.Latest(Now()) });
    }, cancellation);

    /// <summary>The providers that have messages waiting, with the moment that the first of them is due.</summary>
    public Task<IReadOnlyList<DueProvider>> WaitingAsync(CancellationToken cancellation) =>
        database.ReadAsync(session => session.QueryAsync<DueProvider>(QueuePlaces.Waiting), cancellation);

    private long LeaseLength => (long)options.Value.Lease.TotalMilliseconds;

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed class KnownKey
    {
        public string Fingerprint { get; init; } = "";
        public string MessageId { get; init; } = "";
    }
}

public sealed class DueProvider
{
    public string ProviderId { get; init; } = "";
    public long DueAt { get; init; }
}
