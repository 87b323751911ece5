using Postrider.Server.Console.Languages;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Figures;

/// <summary>How far back a picture looks.</summary>
/// <param name="Name">In the address.</param>
/// <param name="Minutes">Of the stretches that are read.</param>
/// <param name="Together">As many of them are one bar.</param>
/// <param name="Label">How a bar's moment is written below it.</param>
/// <param name="Every">Each so manieth bar has its label.</param>
internal sealed record TrendRange(string Name, Phrase Words, int Minutes, int Together, int Bars, string Label, int Every)
{
    public static readonly TrendRange Hour = new("1h", T["60 minutes"], Mail.Trends.TrendHistory.FiveMinutes, 1, 12, "HH:mm", 2);
    public static readonly TrendRange Day = new("24h", T["24 hours"], Mail.Trends.TrendHistory.Hour, 1, 24, "HH:mm", 4);
    public static readonly TrendRange Week = new("7d", T["7 days"], Mail.Trends.TrendHistory.Hour, 6, 28, "ddd HH:mm", 4);
    public static readonly IReadOnlyList<TrendRange> All = [Hour, Day, Week];

    public static TrendRange Find(string? name) => All.FirstOrDefault(range => range.Name == name) ?? Day;

    public TimeSpan BarLength => TimeSpan.FromMinutes(Minutes * Together);

    /// <summary>How a bar is called, such as "by hour".</summary>
    public Phrase By => this == Hour ? T["by 5 minutes"] : this == Day ? T["by hour"] : T["by 6 hours"];

    /// <summary>When each bar begins; the last one is under way.</summary>
    public IReadOnlyList<DateTimeOffset> Begins(DateTimeOffset now)
    {
        var (length, last) = (BarLength.Ticks, now.UtcTicks - now.UtcTicks % BarLength.Ticks);
        return [.. Enumerable.Range(0, Bars).Select(at => new DateTimeOffset(last - (Bars - 1 - at) * length, TimeSpan.Zero))];
    }
}
