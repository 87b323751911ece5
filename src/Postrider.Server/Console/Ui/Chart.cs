using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Html;

namespace Postrider.Server.Console.Ui;

/// <summary>Charts drawn by the server. Each says in its title what it shows; pages put a table twin beside the large ones.</summary>
internal static class Chart
{
    /// <summary>96 by 24.</summary>
    public static IHtmlContent Spark(IReadOnlyList<long> values, string title)
    {
        var most = Math.Max(1, values.Count > 0 ? values.Max() : 1);
        var points = string.Join(' ', values.Select((value, at) => F($"{at * 94.0 / Math.Max(1, values.Count - 1) + 1:0.#},{22 - value * 20.0 / most:0.#}")));
        return new HtmlString($"""<svg class="spark" width="96" height="24" viewBox="0 0 96 24" role="img"><title>{Part.Text(title)}</title><polyline class="s-accent" points="{points}"/></svg>""");
    }

    /// <summary>Bars in time, stacked by outcome, the first series at the bottom.</summary>
    public static IHtmlContent Bars(IReadOnlyList<(string Label, IReadOnlyList<(string Colour, long Count)> Parts)> bars, string title)
    {
        const int Width = 720, Height = 120, Left = 44, Bottom = 18;
        var most = Math.Max(1, bars.Count > 0 ? bars.Max(bar => bar.Parts.Sum(part => part.Count)) : 1);
        var step = (double)(Width - Left) / Math.Max(1, bars.Count);
        var svg = new StringBuilder($"""<svg class="chart" viewBox="0 0 {Width} {Height + Bottom}" role="img"><title>{Part.Text(title)}</title>""");
        svg.Append(F($"""<line class="axis" x1="{Left}" y1="{Height}" x2="{Width}" y2="{Height}"/><line class="axis" x1="{Left}" y1="10" x2="{Width}" y2="10"/><text x="{Left - 6}" y="14" text-anchor="end">{Moment.Number(most)}</text><text x="{Left - 6}" y="{Height}" text-anchor="end">0</text>"""));
        for (var at = 0; at < bars.Count; at++)
        {
            double floor = Height;
            foreach (var (colour, count) in bars[at].Parts.Where(part => part.Count > 0))
            {
                var tall = Math.Max(1.5, count * (Height - 10.0) / most);
                floor -= tall;
                svg.Append(F($"""<rect class="f-{colour}" x="{Left + at * step + step * .14:0.#}" y="{floor:0.#}" width="{step * .72:0.#}" height="{tall:0.#}" rx="1"/>"""));
            }
            if (at % 4 == 0)
                svg.Append(F($"""<text x="{Left + at * step + step / 2:0.#}" y="{Height + 14}" text-anchor="middle">{Part.Text(bars[at].Label)}</text>"""));
        }
        return new HtmlString(svg.Append("</svg>").ToString());
    }

    /// <summary>One named share of a whole.</summary>
    public static IHtmlContent Share(string label, long count, long most, string colour) => new HtmlString(F($"""
        <div class="bar"><span>{Part.Text(label)}</span><span class="num">{Moment.Number(count)}</span><svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="f-{colour}" width="{count * 100.0 / Math.Max(1, most):0.#}" height="6"/></svg></div>
        """));

    /// <summary>Moments on a line from <paramref name="from"/> to <paramref name="to"/>, with today as a line across.</summary>
    public static IHtmlContent TimeLine(DateTimeOffset from, DateTimeOffset to, DateTimeOffset now, IEnumerable<(string Label, DateTimeOffset At, string Colour)> marks, string title)
    {
        double X(DateTimeOffset at) => 20 + Math.Clamp((at - from) / (to - from), 0, 1) * 680;
        var svg = new StringBuilder(F($"""<svg class="chart" viewBox="0 0 720 80" role="img"><title>{Part.Text(title)}</title><line class="axis" x1="20" y1="40" x2="700" y2="40"/><line class="s-bad" x1="{X(now):0.#}" y1="22" x2="{X(now):0.#}" y2="58"/><text x="{X(now):0.#}" y="74" text-anchor="middle">now</text>"""));
        foreach (var (index, (label, at, colour)) in marks.OrderBy(mark => mark.At).Index())
            svg.Append(F($"""<circle class="f-{colour}" cx="{X(at):0.#}" cy="40" r="5"/><text x="{X(at):0.#}" y="{(index % 2 == 0 ? 18 : 30)}" text-anchor="{(X(at) < 90 ? "start" : X(at) > 630 ? "end" : "middle")}">{Part.Text(label)}</text>"""));
        return new HtmlString(svg.Append("</svg>").ToString());
    }

    private static string F(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
