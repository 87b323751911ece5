using Postrider.Accounts.Providers;
using Postrider.Storage;

namespace Postrider.Accounts.Watch;

/// <summary>Grants that are about to die, and patterns in how they died: of idleness, which upkeep prevents as long as it can renew
/// them; and after seven days, as the grants of a Google application do whose publishing status is Testing.</summary>
internal sealed class GrantFindings(Database database, ProviderDirectory providers, TimeProvider time) : IFindingSource
{
    // Microsoft: 90 days without use; Google: six months (oauth-smtp reference 1.8, 5.1).
    private static readonly TimeSpan MicrosoftIdle = TimeSpan.FromDays(90), GoogleIdle = TimeSpan.FromDays(180);
    private static readonly TimeSpan TestLife = TimeSpan.FromDays(7), Tolerance = TimeSpan.FromHours(12);

    private const int AtOnce = 500;

    private const string Grants = """
        select provider_id, issued_at, broken_reason, broken_probe_at from tokens where refresh_token is not null
        """;
    private const string Lives = "select provider_id, begun_at, ended_at from grant_lives order by provider_id, begun_at desc";
    private const string Begin = "insert into grant_lives (provider_id, begun_at) values (@id, @now)";
    private const string End = "update grant_lives set ended_at = @now where provider_id = @id and ended_at is null";
    private const string Forget = "delete from grant_lives where begun_at < @old and ended_at is not null";

    private sealed class GrantRow
    {
        public string ProviderId { get; init; } = "";
        public long? IssuedAt { get; init; }
        public string? BrokenReason { get; init; }
        public long? BrokenProbeAt { get; init; }

        /// <summary>The identity platform said that it is dead: only somebody who signs in helps, so it is not probed.</summary>
        public bool Dead => BrokenReason is not null && BrokenProbeAt is null;
    }

    private sealed class LifeRow
    {
        public string ProviderId { get; init; } = "";
        public long BegunAt { get; init; }
        public long? EndedAt { get; init; }
    }

    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellation)
    {
        var (grants, lives) = await database.ReadAsync(async session =>
            ((await session.QueryAsync<GrantRow>(Grants)).ToDictionary(row => row.ProviderId), (await session.QueryAsync<LifeRow>(Lives)).ToLookup(row => row.ProviderId)), cancellation);
        var found = new List<Finding>();
        var turns = new List<(string Sql, string Id)>();
        foreach (var provider in providers.All.Where(provider => grants.ContainsKey(provider.Id)))
        {
            var (grant, known) = (grants[provider.Id], lives[provider.Id].ToList());
            if (Turn(grant, known.FirstOrDefault()) is { } turn)
                turns.Add((turn, provider.Id));
            if (provider.Type == ProviderType.Google && Pattern(provider, known) is { } pattern)
                found.Add(pattern);
            if (!grant.Dead && provider.State != ProviderState.Disabled && Idle(provider, grant) is { } idle)
                found.Add(idle);
        }
        foreach (var batch in turns.Chunk(AtOnce))
            await KeepAsync(batch, cancellation);
        return found;
    }

    /// <summary>After how long without use the grant dies; null where that is not known.</summary>
    public static TimeSpan? IdleLimit(Provider provider) => provider.Type switch { ProviderType.Microsoft => MicrosoftIdle, ProviderType.Google => GoogleIdle, _ => null };

    private Finding? Idle(Provider provider, GrantRow grant)
    {
        if (IdleLimit(provider) is not { } limit || grant.IssuedAt is not { } used)
            return null;
        var (end, now) = (DateTimeOffset.FromUnixTimeMilliseconds(used) + limit, time.GetUtcNow());
        return ExpirySteps.Reached(end, now) is not { } step ? null
            : new Finding($"idle:{provider.Id}", FindingKind.GrantIdle, step is 0 ? FindingSeverity.Error : FindingSeverity.Warning,
                $"The grant of {provider.DisplayName} dies of idleness {ExpirySteps.When(end, now)}.",
                $"A refresh token that is not used for {limit.TotalDays:0} days ends. Postrider uses each one weekly, and could not for this one.",
                $"Find out why, and mend it:\n    postrider doctor {provider.Name}\nAfter that day somebody has to sign in again:\n    postrider provider connect {provider.Name}")
            { ProviderId = provider.Id, Step = step };
    }

    /// <summary>Two lives of about seven days in a row are no chance.</summary>
    private Finding? Pattern(Provider provider, List<LifeRow> lives)
    {
        var ended = lives.Where(life => life.EndedAt is not null).Take(2).ToList();
        if (ended.Count < 2 || !ended.All(life => (TimeSpan.FromMilliseconds(life.EndedAt!.Value - life.BegunAt) - TestLife).Duration() <= Tolerance))
            return null;
        var next = lives.Find(life => life.EndedAt is null) is { } open
            ? $" The present one will end {ExpirySteps.When(DateTimeOffset.FromUnixTimeMilliseconds(open.BegunAt) + TestLife, time.GetUtcNow())}." : "";
        return new Finding($"pattern:{provider.Id}", FindingKind.GrantPattern, FindingSeverity.Warning,
            $"The grants of {provider.DisplayName} die seven days after each sign-in.",
            $"The last two did. Google ends the refresh tokens of an application whose consent screen is External and whose publishing status is Testing after seven days.{next}",
            $"In the Google Cloud console open APIs & Services > OAuth consent screen (https://console.cloud.google.com/auth/audience) and choose Publish app, or make the user type Internal (Workspace only). Then sign in once more:\n    postrider provider connect {provider.Name}")
        { ProviderId = provider.Id };
    }

    private static string? Turn(GrantRow grant, LifeRow? last) => (grant.Dead, last) switch
    {
        (true, { EndedAt: null }) => End,
        (false, null or { EndedAt: not null }) => Begin,
        _ => null,
    };

    private Task KeepAsync(IReadOnlyList<(string Sql, string Id)> turns, CancellationToken cancellation) => database.WriteAsync(async session =>
    {
        var now = time.GetUtcNow();
        foreach (var (sql, id) in turns)
            await session.ExecuteAsync(sql, new { id, now = now.ToUnixTimeMilliseconds() });
        await session.ExecuteAsync(Forget, new { old = now.AddDays(-60).ToUnixTimeMilliseconds() });
    }, cancellation);
}
