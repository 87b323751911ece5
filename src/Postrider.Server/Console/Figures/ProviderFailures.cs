using Postrider.Mail.Queue;
using Postrider.Storage;

namespace Postrider.Server.Console.Figures;

/// <summary>Why recipients of the mail of a provider, or of all of them, were given up.</summary>
internal sealed class ProviderFailures(Database database)
{
    /// <summary>So many of the newest messages are looked at.</summary>
    public const int Most = 1000;

    private const int Shown = 8;

    /// <summary>The most frequent first.</summary>
    /// <param name="providerId">Empty: of all providers.</param>
    /// <param name="since">Accepted since then.</param>
    public async Task<IReadOnlyList<FailureCause>> OfAsync(string providerId, DateTimeOffset since, CancellationToken cancellation)
    {
        var causes = await database.ReadAsync(session => session.QueryAsync<FailureCause>($"""
            select coalesce(r.cause, r.reply, 'No reason was given') as reason, min(r.remedy) as remedy, min(r.reply) as reply, count(*) as count, max(r.updated_at) as last_at
            from (select message_id from other_ends where {Of(providerId)} and state in ('failed', 'bounced') and message_id >= @since order by message_id desc limit @most) m
            join recipients r on r.message_id = m.message_id and r.state in ('failed', 'bounced')
            group by coalesce(r.cause, r.reply, 'No reason was given') order by count(*) desc limit 1000
            """, new { provider = providerId, since = MessageIds.FirstAt(since), most = Most }), cancellation);
        return [.. causes.GroupBy(cause => Reasons.WithoutAddresses(cause.Reason)).Select(Together).OrderByDescending(cause => cause.Count).Take(Shown)];
    }

    /// <summary>How many messages bounced later of those that were accepted between each of these moments and the next.</summary>
    /// <inheritdoc cref="OfAsync"/>
    public Task<IReadOnlyList<long>> BouncedAsync(string providerId, IReadOnlyList<DateTimeOffset> moments, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<long>>(async session =>
        {
            var counts = new List<long>(moments.Count);
            for (var at = 0; at + 1 < moments.Count; at++)
                counts.Add(await session.SingleAsync<long>($"""
                    select count(*) from other_ends where {Of(providerId)} and state = 'bounced' and message_id >= @since and message_id < @until
                    """, new { provider = providerId, since = MessageIds.FirstAt(moments[at]), until = MessageIds.FirstAt(moments[at + 1]) }));
            return counts;
        }, cancellation);

    private static string Of(string providerId) => providerId.Length == 0 ? "1 = 1" : "provider_id = @provider";

    private static FailureCause Together(IGrouping<string, FailureCause> alike)
    {
        var last = alike.MaxBy(cause => cause.LastAt)!;
        return alike.Count() == 1 ? last : new FailureCause
        {
            Reason = alike.Key, Remedy = last.Remedy is { } remedy ? Reasons.WithoutAddresses(remedy) : null, Reply = last.Reply, Count = alike.Sum(cause => cause.Count), LastAt = last.LastAt,
        };
    }
}

internal sealed class FailureCause
{
    public string Reason { get; init; } = "";
    public string? Remedy { get; init; }
    public string? Reply { get; init; }
    public long Count { get; init; }
    public long LastAt { get; init; }
}
