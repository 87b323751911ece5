using System.Collections.Concurrent;
using System.Diagnostics;
using Postrider.Storage;

namespace Postrider.Mail.Queue;

/// <summary>Where a claim looks. On PostgreSQL a transaction that somebody leaves open keeps every row that was ever in the queue, and
/// a look from the queue's beginning walks over all of them. When that takes long, claims go on from what is known, and the next look
/// at everything is made beside them.</summary>
public sealed partial class MessageQueue
{
    private const string SelectOldest = "select coalesce(min(due_at), @now) from queue where provider_id = @provider and sharer = @sharer";

    private const int MostKnown = 64, RestAfterLook = 20;

    /// <summary>A row may become visible later than the moment that it is due: its commit takes a while. One that takes longer than this
    /// is found by the next look.</summary>
    private const long Late = 1_000;

    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Known> known = new();

    /// <summary>A look that took longer serves for a while.</summary>
    internal TimeSpan SlowLook { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Whose mail waits for a provider, in the order in which they are served, and from which due moment on.</summary>
    private async Task<IReadOnlyList<Place>> LookAsync(DbSession session, string provider, int max)
    {
        if (known.TryGetValue(provider, out var last))
        {
            if (last.IsOld && last.TakeTurn())
                _ = LookAgainAsync(provider, last);
            return last.Behind(lastServed.GetValueOrDefault(provider, ""), max);
        }
        var began = Stopwatch.GetTimestamp();
        var sharers = await SharersAsync(session, provider, max);
        if (database.IsShared && Stopwatch.GetElapsedTime(began) > SlowLook)
            await RememberAsync(session, provider);
        return [.. sharers.Select(sharer => new Place(sharer, 0))];
    }

    private async Task LookAgainAsync(string provider, Known last)
    {
        try
        {
            await database.ReadAsync(session => RememberAsync(session, provider));
        }
        catch (StorageException)
        {
            // The next claim tells of the database what there is to tell.
        }
        finally
        {
            known.TryRemove(KeyValuePair.Create(provider, last));
        }
    }

    /// <returns>False when a look is quick, finds nothing, or finds more than is worth remembering.</returns>
    private async Task<bool> RememberAsync(DbSession session, string provider)
    {
        var (began, now) = (Stopwatch.GetTimestamp(), Now());
        var all = await session.QueryAsync<string>(QueuePlaces.NextSharers, new { provider, after = "", max = MostKnown });
        if (all.Count is 0 or MostKnown || Stopwatch.GetElapsedTime(began) <= SlowLook)
            return false;
        var places = new List<Place>(all.Count);
        foreach (var sharer in all)
            places.Add(new Place(sharer, Math.Min(now, await session.SingleAsync<long>(SelectOldest, new { provider, sharer, now })) - Late));
        var rest = Stopwatch.GetElapsedTime(began) * RestAfterLook;
        known[provider] = new Known(places, rest < LongestRest ? rest : LongestRest);
        return true;
    }

    /// <summary>Mail has come that the last look cannot have seen.</summary>
    private void LookAnew(string provider, string sharer)
    {
        if (known.TryGetValue(provider, out var last) && last.Places.All(place => place.Sharer != sharer))
            known.TryRemove(KeyValuePair.Create(provider, last));
    }

    /// <summary>Mail came back that has been due since a moment before those that claims look at.</summary>
    private void LookFrom(string provider, long due)
    {
        if (known.TryGetValue(provider, out var last))
            foreach (var place in last.Places)
                place.LookFrom(due);
    }

    private sealed class Place(string sharer, long from)
    {
        private long from = from;

        public string Sharer => sharer;

        public long From => Volatile.Read(ref from);

        public void LookFrom(long due)
        {
            if (due < From)
                Volatile.Write(ref from, due);
        }

        /// <summary>Everything that was due then has been claimed.</summary>
        public void IsEmptyUntil(long seen, long now)
        {
            if (now - Late > seen)
                Interlocked.CompareExchange(ref from, now - Late, seen);
        }
    }

    private sealed class Known(IReadOnlyList<Place> places, TimeSpan rest)
    {
        private readonly long until = Stopwatch.GetTimestamp() + (long)(rest.TotalSeconds * Stopwatch.Frequency);
        private int taken;

        public IReadOnlyList<Place> Places => places;

        public bool IsOld => Stopwatch.GetTimestamp() >= until;

        /// <returns>True for the first who asks.</returns>
        public bool TakeTurn() => Interlocked.Exchange(ref taken, 1) == 0;

        public IReadOnlyList<Place> Behind(string served, int max)
        {
            var next = places.Where(place => string.CompareOrdinal(place.Sharer, served) > 0).ToList();
            return [.. next.Concat(places.Except(next)).Take(max)];
        }
    }
}
