using Postrider.EndToEnd.Crashes;
using Postrider.EndToEnd.Running;

namespace Postrider.Browser;

/// <summary>A week of mail that an installation has behind it, for the pictures: quiet nights, a morning with a fault, and two hours in
/// which the gateway did not run.</summary>
internal static class PastDays
{
    private const string Stretches = """
        with recursive stretch(at) as (select (unixepoch() * 1000 / @length - @count) * @length union all select at + @length from stretch where at < (unixepoch() * 1000 / @length - 1) * @length),
             whose(id, share) as (select id, 2 from providers union all select '', 3),
             mail as (select id, at, (unixepoch() * 1000 - at) / 3600000 as ago, (1 + max(0, 9 - abs(at / 3600000 % 24 - 12))) * share * (3 + at / @length * 7919 % 5) * @minutes / 60 as sent from stretch, whose)
        """;
    private const string Insert = Stretches + """
        insert or ignore into trends (provider_id, minutes, at, sent, failed, delayed, waiting, oldest, health)
        select id, @minutes, at, case when ago = 9 then sent / 8 else sent end, case when at / @length % 6 = 0 then sent / 25 else 0 end, case when ago = 9 then sent / 4 else 0 end,
               case when ago in (8, 9) then sent * (10 - ago) else sent % 4 end, case when ago in (8, 9) then 1500000 * (11 - ago) else sent % 4 * 9000 end, case when ago = 9 then 2 else 0 end
        from mail where ago not in (15, 16)
        """;
    private const string InsertTimes = Stretches + """
        , step(step, part) as (values (15, 60), (17, 25), (20, 9), (24, 4), (30, 2))
        insert or ignore into trend_times (provider_id, minutes, at, step, messages)
        select id, @minutes, at, step + case when ago = 9 then 12 else at / @length % 3 end, max(1, sent * part / 100) from mail, step where ago not in (15, 16)
        """;

    public static void Write(Installation installation)
    {
        foreach (var (minutes, count) in new[] { (5, 285), (60, 167) })
            foreach (var statement in new[] { Insert, InsertTimes })
                DatabaseFile.Query(installation.Gateway.DataDirectory, statement.Replace("@minutes", $"{minutes}", StringComparison.Ordinal).Replace("@length", $"{minutes * 60_000}", StringComparison.Ordinal).Replace("@count", $"{count}", StringComparison.Ordinal));
    }
}
