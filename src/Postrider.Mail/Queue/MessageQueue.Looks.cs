using System.Collections.Concurrent;
using System.Diagnostics;
using Postrider.Storage;

namespace Postrider.Mail.Queue;

/// <summary>Where a claim looks. On PostgreSQL a transaction that somebody leaves open keeps every row that was ever in the queue, and
/// a look from the queue's beginning walks over all of them: when that takes long, what it found serves for a while.</summary>
public sealed partial class MessageQueue
{
    private const string SelectOldest = "select coalesce(min(due_at), @now) from queue where provider_id = @provider and sharer = @sharer";

    private const int MostKnown = 64, RestAfterLook = 20;

    /// <summary>A row may become visible later than the moment that it is due: its commit takes a while.</summary>
    private const long Late = 10_000;

    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Known> known = new();

    /// <summary>A look that took longer serves for a while.</summary>
    internal TimeSpan SlowLook { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Whose mail waits for a provider, in the order in which they are served, and from which due moment on.</summary>
    private async Task<IReadOnlyList<Place>> LookAsync(DbSession session, string provider, int max, long now)
    {
        var began = Stopwatch.GetTimestamp();
        // Whoever comes when the time is over looks; the others go on with what is known.
        if (known.TryGetValue(provider, out var last) && (began < last.Until || !known.TryUpdate(provider, last with { Until = After(began, LongestRest) }, last)))
            return last.Behind(lastServed.GetValueOrDefault(provider, ""), max);
        var sharers = await SharersAsync(session, provider, max);
        if (database.IsShared && sharers.Count > 0 && Stopwatch.GetElapsedTime(began) > SlowLook)
            await RememberAsync(session, provider, began, now);
        else if (last is not null)
            known.TryRemove(provider, out _);
        return [.. sharers.Select(sharer => new Place(sharer, 0))];
    }

    private async Task RememberAsync(DbSession session, string provider, long began, long now)
    {
        var all = await session.QueryAsync<string>(NextSharers, new { provider, after = "", max = MostKnown });
        if (all.Count == MostKnown)
        {
            known.TryRemove(provider, out _);
            return;
        }
        var places = new List<Place>(all.Count);
        foreach (var sharer in all)
            places.Add(new Place(sharer, Math.Min(now, await session.SingleAsync<long>(SelectOldest, new { provider, sharer, now })) - Late));
        var rest = Stopwatch.GetElapsedTime(began) * RestAfterLook;
        known[provider] = new Known(places, After(Stopwatch.GetTimestamp(), rest < LongestRest ? rest : LongestRest));
    }

    private static long After(long timestamp, TimeSpan time) => timestamp + (long)(time.TotalSeconds * Stopwatch.Frequency);

    /// <summary>Mail has come, or came back, that the last look cannot have seen.</summary>
    private void LookAnew(string provider, string? sharer = null)
    {
        if (known.TryGetValue(provider, out var last) && (sharer is null || last.Places.All(place => place.Sharer != sharer)))
            known.TryRemove(KeyValuePair.Create(provider, last));
    }

    private sealed record Place(string Sharer, long From);

    /// <param name="Until">As <see cref="Stopwatch.GetTimestamp"/>.</param>
    private sealed record Known(IReadOnlyList<Place> Places, long Until)
    {
        public IReadOnlyList<Place> Behind(string served, int max)
        {
            var next = Places.Where(place => string.CompareOrdinal(place.Sharer, served) > 0).ToList();
            return [.. next.Concat(Places.Except(next)).Take(max)];
        }
    }
}
