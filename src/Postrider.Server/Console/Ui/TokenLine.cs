using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Html;

namespace Postrider.Server.Console.Ui;

/// <summary>A moment on a line of time.</summary>
/// <param name="Colour">Of the states: ok, warn, bad, accent, muted.</param>
/// <param name="Meaning">What it means, for the table twin.</param>
internal sealed record TimeMark(string Label, DateTimeOffset At, string Colour, string Meaning);

/// <summary>Moments around now, from minutes to years: the further away, the closer together.</summary>
internal static class TokenLine
{
    private const int Width = 720, Side = 40, Row = 20;
    private static readonly (TimeSpan Length, string Text)[] Ticks =
        [(TimeSpan.FromMinutes(10), "10 min"), (TimeSpan.FromHours(1), "1 h"), (TimeSpan.FromHours(6), "6 h"), (TimeSpan.FromDays(1), "1 day"), (TimeSpan.FromDays(7), "7 days"), (TimeSpan.FromDays(30), "30 days"), (TimeSpan.FromDays(90), "90 days"), (TimeSpan.FromDays(365), "1 year")];

    public static IHtmlContent Draw(IReadOnlyList<TimeMark> marks, DateTimeOffset now, string title)
    {
        var (back, ahead) = (Math.Max(Far(TimeSpan.FromHours(1)), marks.Select(mark => Far(now - mark.At)).DefaultIfEmpty(0).Max()), Math.Max(Far(TimeSpan.FromHours(1)), marks.Select(mark => Far(mark.At - now)).DefaultIfEmpty(0).Max()));
        double Place(double far) => Side + (far + back) / (back + ahead) * (Width - 2 * Side);
        double X(DateTimeOffset at) => Place(at < now ? -Far(now - at) : Far(at - now));
        var rows = Rows(marks, X);
        var axis = 14 + (rows.Values.DefaultIfEmpty(0).Max() + 1) * Row;
        var svg = new StringBuilder(F($"""<svg class="chart token-line" viewBox="0 0 {Width} {axis + 30}" role="img"><title>{Part.Text(title)}</title><line class="axis" x1="{Side / 2}" y1="{axis}" x2="{Width - Side / 2}" y2="{axis}"/>"""));
        var last = double.NegativeInfinity;
        foreach (var (x, text) in Ticks.SelectMany(tick => new[] { (X: -Far(tick.Length), tick.Text), (X: Far(tick.Length), tick.Text) }).Where(tick => tick.X >= -back && tick.X <= ahead).Append((X: 0, Text: "now")).OrderBy(tick => tick.X).Select(tick => (Place(tick.X), tick.Text)))
        {
            svg.Append(F($"""<line class="axis" x1="{x:0.#}" y1="{axis - 3}" x2="{x:0.#}" y2="{axis + 3}"/>"""));
            if (text == "now" || (x - last > 52 && Math.Abs(x - Place(0)) > 52))
                svg.Append(F($"""<text x="{x:0.#}" y="{axis + 20}" text-anchor="middle">{text}</text>"""));
            last = text == "now" || x - last > 52 ? x : last;
        }
        svg.Append(F($"""<line class="s-now" x1="{Place(0):0.#}" y1="6" x2="{Place(0):0.#}" y2="{axis + 6}"/>"""));
        foreach (var mark in marks)
            svg.Append(F($"""<line class="axis" x1="{X(mark.At):0.#}" y1="{17 + rows[mark] * Row}" x2="{X(mark.At):0.#}" y2="{axis}"/>"""));
        foreach (var mark in marks)
        {
            var (x, y) = (X(mark.At), 12 + rows[mark] * Row);
            var anchor = x < 140 ? "start" : x > Width - 140 ? "end" : "middle";
            svg.Append(F($"""<circle class="f-{mark.Colour}" cx="{x:0.#}" cy="{axis}" r="5"/><text x="{x:0.#}" y="{y}" text-anchor="{anchor}">{Part.Text(mark.Label)}</text>"""));
        }
        return new HtmlString(svg.Append("</svg>").ToString());
    }

    /// <summary>Each label on the lowest row where it meets no other.</summary>
    private static Dictionary<TimeMark, int> Rows(IReadOnlyList<TimeMark> marks, Func<DateTimeOffset, double> place)
    {
        var (rows, taken) = (new Dictionary<TimeMark, int>(), new List<(int Row, double From, double To)>());
        foreach (var mark in marks.OrderBy(mark => mark.At))
        {
            var (x, wide) = (place(mark.At), mark.Label.Length * 6.2 + 12);
            var from = x < 140 ? x : x > Width - 140 ? x - wide : x - wide / 2;
            var row = Enumerable.Range(0, marks.Count).First(candidate => !taken.Exists(other => other.Row == candidate && other.From < from + wide && from < other.To));
            taken.Add((row, from, from + wide));
            rows[mark] = row;
        }
        return rows;
    }

    private static double Far(TimeSpan length) => length <= TimeSpan.Zero ? 0 : Math.Log(1 + length.TotalMinutes / 5);

    private static string F(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
