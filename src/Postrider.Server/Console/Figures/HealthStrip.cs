using Microsoft.AspNetCore.Html;
using Postrider.Mail.Trends;
using Postrider.Server.Console.Languages;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Figures;

/// <summary>How a provider was in the last 24 hours, a quarter of an hour a bar.</summary>
internal sealed class HealthStrip
{
    private const int Quarters = 96;

    private static readonly TimeSpan Quarter = TimeSpan.FromMinutes(15);
    private static readonly (string Colour, string Shape, Phrase Word)[] Levels = [("ok", "●", T["mail flowed"]), ("held", "❚❚", T["paused or off"]), ("warn", "◷", T["took no mail, tried again by itself"]), ("bad", "▲", T["needed somebody"])];

    private readonly IReadOnlyList<int?> levels;
    private readonly DateTimeOffset begins;
    private readonly string name;

    /// <param name="trends">Short ones of the last day.</param>
    public HealthStrip(string name, IReadOnlyList<Trend> trends, DateTimeOffset now)
    {
        this.name = name;
        begins = new DateTimeOffset(now.UtcTicks - now.UtcTicks % Quarter.Ticks, TimeSpan.Zero) - Quarter * (Quarters - 1);
        var worst = trends.GroupBy(trend => (trend.At - begins.ToUnixTimeMilliseconds()) / (long)Quarter.TotalMilliseconds).ToDictionary(its => its.Key, its => (int?)its.Max(trend => trend.Health));
        levels = [.. Enumerable.Range(0, Quarters).Select(at => worst.GetValueOrDefault(at))];
    }

    /// <summary>Since when a provider has to be looked at for it.</summary>
    public static DateTimeOffset Since(DateTimeOffset now) => now - Quarter * Quarters;

    public bool IsKnown => levels.Any(level => level is not null);

    public IHtmlContent Draw() => Chart.Strip(levels, [.. Levels.Select(level => level.Colour)], T[$"{name}, last 24 hours: {Words}"]);

    /// <summary>How long it was what, such as "23 h mail flowed, 45 min needed somebody".</summary>
    public string Words => string.Join(", ", Levels.Index().Select(level => ((string)level.Item.Word, Count: levels.Count(cell => cell == level.Index)))
        .Append((T["no data"], Count: levels.Count(cell => cell is null))).Where(part => part.Count > 0).Select(part => $"{Moment.Length(Quarter * part.Count)} {part.Item1}"));

    /// <summary>What it was from when until when, the newest first.</summary>
    public IEnumerable<(DateTimeOffset From, DateTimeOffset Until, string Colour, string Shape, Phrase Word)> Stretches()
    {
        for (var end = Quarters; end > 0;)
        {
            var start = end - 1;
            while (start > 0 && levels[start - 1] == levels[end - 1])
                start--;
            var (colour, shape, word) = levels[end - 1] is { } level ? Levels[level] : ("muted", "", T["no data"]);
            yield return (begins + Quarter * start, begins + Quarter * end, colour, shape, word);
            end = start;
        }
    }
}
