using Postrider.Mail.Queue;
using Postrider.Storage;

namespace Postrider.Server.Console.Figures;

/// <summary>Why recipients of a provider's mail were given up.</summary>
internal sealed class ProviderFailures(Database database, TimeProvider time)
{
    public static readonly TimeSpan Back = TimeSpan.FromDays(7);

    /// <summary>So many of the newest messages are looked at.</summary>
    public const int Most = 1000;

    // The index of what was not sent is short, and the one of the provider long: the empty text keeps the planner from the latter.
    private const string Causes = """
        select coalesce(r.cause, r.reply, 'No reason was given') as reason, min(r.remedy) as remedy, min(r.reply) as reply, count(*) as count, max(r.updated_at) as last_at
        from (select id from messages where state in ('failed', 'bounced') and state <> 'sent' and provider_id || '' = @provider and id >= @since order by id desc limit @most) m
        join recipients r on r.message_id = m.id and r.state in ('failed', 'bounced')
        group by coalesce(r.cause, r.reply, 'No reason was given') order by count(*) desc limit 1000
        """;

    private const int Shown = 8;

    /// <summary>The most frequent first.</summary>
    public async Task<IReadOnlyList<FailureCause>> OfAsync(string providerId, CancellationToken cancellation)
    {
        var causes = await database.ReadAsync(session =>
            session.QueryAsync<FailureCause>(Causes, new { provider = providerId, since = MessageIds.FirstAt(time.GetUtcNow() - Back), most = Most }), cancellation);
        return [.. causes.GroupBy(cause => Reasons.WithoutAddresses(cause.Reason)).Select(Together).OrderByDescending(cause => cause.Count).Take(Shown)];
    }

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
