using System.Globalization;
using Postrider.Mail.Trends;
using Postrider.Server.Console.Languages;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Figures;

/// <summary>Draws what was added up, of one provider or of all of them.</summary>
/// <param name="of">Whose, for the titles; empty: of all.</param>
internal sealed class TrendPictures(TrendRange range, IReadOnlyList<Trend> trends, Zone zone, DateTimeOffset now, string of)
{
    private static readonly Phrase Unknown = T["Nothing is known of this time yet: it begins with the first half minute of the gateway."];

    private static IReadOnlyList<(double Seconds, string Text)> Lengths => [.. new[] { .01, .1, 1, 10, 60, 600, 3600, 36_000, 864_000 }
        .Select(seconds => (seconds, seconds < 1 ? string.Create(Language.Current.Culture, $"{seconds} s") : Moment.Length(TimeSpan.FromSeconds(seconds))))];

    private readonly IReadOnlyList<DateTimeOffset> begins = range.Begins(now);
    private readonly ILookup<int, Trend> bars = trends.ToLookup(trend => BarOf(trend.At, range, now));

    private string Title(Phrase what) => of.Length > 0 ? T["{0} through {1}, last {2}", what, of, range.Words] : T["{0}, last {1}", what, range.Words];

    private IReadOnlyList<string> Labels => [.. begins.Select(at => zone.Local(at).ToString(range.Label, Language.Current.Culture))];

    private string Head => T[$"From ({zone.Name})"];

    private bool AnyKnown => begins.Index().Any(bar => bars.Contains(bar.Index));

    public Picture Throughput() => new("throughput", Title(T[$"Messages {range.By}"]), Unknown, AnyKnown ? Chart.Bars(
        [.. Labels.Index().Select(bar => new Bar(bar.Item, Known(bar.Index, its => (IReadOnlyList<(string, long)>)[("ok", its.Sum(trend => trend.Sent)), ("bad", its.Sum(trend => trend.Failed)), ("warn", its.Sum(trend => trend.Delayed))])))],
        T["{0}; gaps are times of which nothing is known", Title(T[$"Messages {range.By} and outcome"])], range.Every) : null,
        [("ok", "■", T["Sent"]), ("bad", "✕", T["Failed"]), ("warn", "▮", T["Attempts put off"]), ("", "┄", T["No data"]), ("", "", T[$"Messages; times in {zone.Name}"])],
        [Head, T["Sent"], T["Failed"], T["Put off"]], Table(its => [Moment.Number(its.Sum(trend => trend.Sent)), Moment.Number(its.Sum(trend => trend.Failed)), Moment.Number(its.Sum(trend => trend.Delayed))], 3));

    public Picture Waiting()
    {
        var oldest = new Line(T["the oldest"], "accent", "dash", [.. begins.Index().Select(bar => Known(bar.Index, its => (double?)its.Max(trend => trend.Oldest)))]);
        var most = Math.Max(60_000, oldest.Values.Max() ?? 0);
        return new("waiting", Title(T["What waited, and for how long"]), Unknown, AnyKnown ? Chart.Bars(
            [.. Labels.Index().Select(bar => new Bar(bar.Item, Known(bar.Index, its => (IReadOnlyList<(string, long)>)[("muted", its.Max(trend => trend.Waiting))])))],
            Title(T["The most that waited, and how long the oldest of it had waited"]), range.Every, oldest, most, value => Moment.Length(TimeSpan.FromMilliseconds(value))) : null,
            [("", "□", T["Messages that waited, left"]), ("accent", "┅", T["How long the oldest had waited, right"]), ("", "", T[$"Times in {zone.Name}"])],
            [Head, T["Waited"], T["The oldest for"]], Table(its => [Moment.Number(its.Max(trend => trend.Waiting)), Moment.Length(TimeSpan.FromMilliseconds(its.Max(trend => trend.Oldest)))], 2));
    }

    public Picture Latency(IReadOnlyList<TrendTime> times)
    {
        var its = times.ToLookup(time => BarOf(time.At, range, now));
        IReadOnlyList<Line> lines = [Percentile(its, 50, T["Half"], "ok", ""), Percentile(its, 95, "95 %", "accent", "dash"), Percentile(its, 99, "99 %", "warn", "dots")];
        return new("latency", Title(T["From accepted to sent"]), T["No message was sent in this time."], lines[0].Values.Any(value => value is not null)
                ? Chart.Lines(Labels, lines, Lengths, Title(T["How long half of the messages, 95 and 99 of 100 took from acceptance to the provider's 250 at the most"]), range.Every) : null,
            [("ok", "━", T["Half of the messages took at most"]), ("accent", "┅", "95 %"), ("warn", "┈", "99 %"), ("", "", T[$"to a fifth; a gap: none was sent. Times in {zone.Name}"])],
            [Head, T["Half"], "95 %", "99 %"], [.. begins.Index().Select(bar => (IReadOnlyList<string>)[zone.Minute(bar.Item), .. lines.Select(line => line.Values[bar.Index] is { } value ? Took(value) : "")])]);
    }

    /// <summary>Where the last seven days begin in the viewer's zone, and where the last of them ends.</summary>
    public static IReadOnlyList<DateTimeOffset> Midnights(Zone zone, DateTimeOffset now) =>
        [.. Enumerable.Range(-6, 8).Select(day => zone.Local(now).Date.AddDays(day)).Select(day => new DateTimeOffset(day, zone.Info.GetUtcOffset(day)))];

    /// <param name="bounced">By day of acceptance.</param>
    public static Picture Days(IReadOnlyList<Trend> trends, IReadOnlyList<long> bounced, Zone zone, DateTimeOffset now, string of)
    {
        string title = of.Length > 0 ? T[$"Delivered and bounced by day through {of}, last 7 days"] : T["Delivered and bounced by day, last 7 days"];
        var its = trends.ToLookup(trend => zone.Local(DateTimeOffset.FromUnixTimeMilliseconds(trend.At)).Date);
        var rows = Midnights(zone, now).Select(midnight => midnight.Date).Zip(bounced, (day, count) => (Day: day, Known: its.Contains(day), Sent: its[day].Sum(trend => trend.Sent), Failed: its[day].Sum(trend => trend.Failed), Bounced: count)).ToList();
        var ratio = new Line(T["delivered"], "ok", "dash", [.. rows.Select(row => row.Sent + row.Failed == 0 ? (double?)null : 100.0 * row.Sent / (row.Sent + row.Failed))]);
        return new("days", title, Unknown, rows.Any(row => row.Known)
                ? Chart.Bars([.. rows.Select(row => new Bar(row.Day.ToString("ddd d", Language.Current.Culture), row.Known ? [("warn", row.Bounced), ("bad", row.Failed)] : null))],
                    T[$"{title}: bars are messages that failed or bounced, the line is the share that the providers took"], 1, ratio, 100, value => string.Create(CultureInfo.InvariantCulture, $"{value:0} %")) : null,
            [("ok", "┅", T["Taken by the provider, in % of what had its outcome, right"]), ("bad", "✕", T["Failed"]), ("warn", "▮", T["Bounced later, by the day of acceptance"]), ("", "", T[$"Days in {zone.Name}"])],
            [T["Day"], T["Sent"], T["Failed"], T["Bounced"], T["Taken"]],
            [.. rows.Index().Select(row => (IReadOnlyList<string>)[row.Item.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), .. row.Item.Known
                ? new[] { Moment.Number(row.Item.Sent), Moment.Number(row.Item.Failed), Moment.Number(row.Item.Bounced), ratio.Values[row.Index] is { } share ? string.Create(Language.Current.Culture, $"{share:0.0} %") : "" } : ["", "", "", ""]])]);
    }

    private Line Percentile(ILookup<int, TrendTime> times, int percent, string label, string colour, string dash) =>
        new(label, colour, dash, [.. begins.Index().Select(bar => TrendTime.Percentile(times[bar.Index], percent)?.TotalSeconds)]);

    private TValue? Known<TValue>(int bar, Func<IEnumerable<Trend>, TValue> tell) => bars.Contains(bar) ? tell(bars[bar]) : default;

    private IReadOnlyList<IReadOnlyList<string>> Table(Func<IEnumerable<Trend>, string[]> tell, int columns) =>
        [.. begins.Index().Select(bar => (IReadOnlyList<string>)[zone.Minute(bar.Item), .. bars.Contains(bar.Index) ? tell(bars[bar.Index]) : Enumerable.Repeat("", columns)])];

    private static int BarOf(long at, TrendRange range, DateTimeOffset now) =>
        range.Bars - 1 + (int)(at / (long)range.BarLength.TotalMilliseconds - now.ToUnixTimeMilliseconds() / (long)range.BarLength.TotalMilliseconds);

    private static string Took(double seconds) => seconds < 1 ? string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0} ms") : seconds < 10 ? string.Create(Language.Current.Culture, $"{seconds:0.0} s") : Moment.Length(TimeSpan.FromSeconds(seconds));
}
