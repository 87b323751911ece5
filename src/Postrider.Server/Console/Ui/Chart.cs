using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Html;

namespace Postrider.Server.Console.Ui;

/// <summary>Charts drawn by the server. Each says in its title what it shows; pages put a table twin beside the large ones.</summary>
internal static class Chart
{
    /// <summary>96 by 24: a line of what went well, and a bar from the ground where something did not.</summary>
    public static IHtmlContent Spark(IReadOnlyList<long> values, IReadOnlyList<long> failures, string title)
    {
        var most = Math.Max(1, values.Concat(failures).DefaultIfEmpty(1).Max());
        var bars = string.Concat(failures.Index().Where(failed => failed.Item > 0).Select(failed =>
            F($"""<rect class="f-bad" x="{failed.Index * 94.0 / Math.Max(1, failures.Count - 1) - 0.5:0.#}" y="{24 - Math.Max(4, failed.Item * 20.0 / most):0.#}" width="3" height="{Math.Max(4, failed.Item * 20.0 / most):0.#}"/>""")));
        var points = string.Join(' ', values.Select((value, at) => F($"{at * 94.0 / Math.Max(1, values.Count - 1) + 1:0.#},{22 - value * 20.0 / most:0.#}")));
        return new HtmlString($"""<svg class="spark" width="96" height="24" viewBox="0 0 96 24" role="img"><title>{Part.Text(title)}</title>{bars}<polyline class="s-accent" points="{points}"/></svg>""");
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
    /// <param name="figure">What is said of it; null: the count.</param>
    public static IHtmlContent Share(string label, long count, long most, string colour, string? figure = null) => new HtmlString(F($"""
        <div class="bar"><span>{Part.Text(label)}</span><span class="num">{Part.Text(figure ?? Moment.Number(count))}</span><svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="f-{colour}" width="{Math.Min(100, count * 100.0 / Math.Max(1, most)):0.#}" height="6"/></svg></div>
        """));

    private static string F(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
