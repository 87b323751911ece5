using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Html;

namespace Postrider.Server.Console.Ui;

/// <summary>A stretch of time, or a group, of a picture with bars.</summary>
/// <param name="Parts">Stacked, the first at the bottom; null: nothing is known, which leaves a gap.</param>
internal sealed record Bar(string Label, IReadOnlyList<(string Colour, long Count)>? Parts);

/// <summary>A line over time; null leaves a gap.</summary>
/// <param name="Dash">What tells it from others besides its colour: empty, dash or dots.</param>
internal sealed record Line(string Label, string Colour, string Dash, IReadOnlyList<double?> Values);

/// <summary>Charts drawn by the server. Each says in its title what it shows; a <see cref="Picture"/> puts a table twin beside the large ones.
/// What failed has a cross above it, what was put off is slim, and what waits is hollow, so that colour says nothing alone.</summary>
internal static class Chart
{
    private const int Width = 720, Height = 120, Left = 44, Right = 52, Bottom = 18, Top = 10;

    /// <summary>96 by 24: a line of what went well, and a bar from the ground where something did not.</summary>
    public static IHtmlContent Spark(IReadOnlyList<long> values, IReadOnlyList<long> failures, string title)
    {
        var most = Math.Max(1, values.Concat(failures).DefaultIfEmpty(1).Max());
        var bars = string.Concat(failures.Index().Where(failed => failed.Item > 0).Select(failed =>
            F($"""<rect class="f-bad" x="{failed.Index * 94.0 / Math.Max(1, failures.Count - 1) - 0.5:0.#}" y="{24 - Math.Max(4, failed.Item * 20.0 / most):0.#}" width="3" height="{Math.Max(4, failed.Item * 20.0 / most):0.#}"/>""")));
        var points = string.Join(' ', values.Select((value, at) => F($"{at * 94.0 / Math.Max(1, values.Count - 1) + 1:0.#},{22 - value * 20.0 / most:0.#}")));
        return new HtmlString($"""<svg class="spark" width="96" height="24" viewBox="0 0 96 24" role="img"><title>{Part.Text(title)}</title>{bars}<polyline class="s-accent" points="{points}"/></svg>""");
    }

    /// <summary>Bars in time, with a line over them that has its own scale on the right.</summary>
    /// <param name="every">Each so manieth bar has its label below.</param>
    /// <param name="most">The top of the line's scale.</param>
    /// <param name="say">A value of the line, in words.</param>
    public static IHtmlContent Bars(IReadOnlyList<Bar> bars, string title, int every = 4, Line? over = null, double most = 0, Func<double, string>? say = null)
    {
        var tallest = Math.Max(1, bars.Select(bar => bar.Parts?.Sum(part => part.Count) ?? 0).DefaultIfEmpty(0).Max());
        var (right, step) = (over is null ? Width : Width - Right, (double)(Width - Left - (over is null ? 0 : Right)) / Math.Max(1, bars.Count));
        var svg = Begin(title, right, (Moment.Number(tallest), Top), ("0", Height));
        foreach (var (at, bar) in bars.Index())
        {
            var x = Left + at * step;
            svg.Append(F($"""<line class="{(bar.Parts is null ? "unknown" : "axis")}" x1="{x:0.#}" y1="{Height}" x2="{x + step:0.#}" y2="{Height}"/>"""));
            double floor = Height;
            foreach (var (colour, count) in bar.Parts?.Where(part => part.Count > 0) ?? [])
            {
                var tall = Math.Max(1.5, count * (double)(Height - Top) / tallest);
                floor -= tall;
                var side = step * (colour == "warn" ? .34 : .14);
                svg.Append(F($"""<rect class="{(colour == "muted" ? "hollow" : "f-" + colour)}" x="{x + side:0.#}" y="{floor:0.#}" width="{step - 2 * side:0.#}" height="{tall:0.#}" rx="1"/>"""));
                if (colour == "bad")
                    svg.Append(F($"""<path class="s-bad" d="M{x + step / 2 - 3:0.#} {floor - 8:0.#}l6 6m0-6l-6 6"/>"""));
            }
        }
        if (over is not null)
        {
            svg.Append(F($"""<text x="{right + 6}" y="{Top + 4}">{Part.Text(say!(most))}</text><text x="{right + 6}" y="{Height}">{Part.Text(say(0))}</text>"""));
            Draw(svg, over, at => Left + at * step + step / 2, value => Height - value / Math.Max(most, double.Epsilon) * (Height - Top));
        }
        return End(svg, bars.Select(bar => bar.Label).ToList(), step, every);
    }

    /// <summary>Lines in time on a scale on which each step is ten times the one below; each is named where it ends.</summary>
    /// <param name="ticks">Values with a line of their own, and their words.</param>
    public static IHtmlContent Lines(IReadOnlyList<string> labels, IReadOnlyList<Line> lines, IReadOnlyList<(double Value, string Text)> ticks, string title, int every = 4)
    {
        var known = lines.SelectMany(line => line.Values).OfType<double>().DefaultIfEmpty(1).ToList();
        var low = ticks.Select(tick => tick.Value).Where(tick => tick <= known.Min()).DefaultIfEmpty(ticks[0].Value).Max();
        var high = ticks.Select(tick => tick.Value).Where(tick => tick >= known.Max() && tick > low).DefaultIfEmpty(ticks[^1].Value).Min();
        double Y(double value) => Height - Math.Clamp(Math.Log(value / low) / Math.Log(high / low), 0, 1) * (Height - Top);
        var step = (double)(Width - Left - Right) / Math.Max(1, labels.Count);
        var svg = Begin(title, Width - Right, [.. ticks.Where(tick => tick.Value >= low && tick.Value <= high).Select(tick => (tick.Text, Y(tick.Value)))]);
        var named = double.PositiveInfinity;
        foreach (var line in lines)
        {
            Draw(svg, line, at => Left + at * step + step / 2, Y);
            if (line.Values.LastOrDefault(value => value is not null) is { } last)
                svg.Append(F($"""<text x="{Width - Right + 6}" y="{named = Math.Min(named - 12, Y(last) + 4):0.#}">{Part.Text(line.Label)}</text>"""));
        }
        return End(svg, labels, step, every);
    }

    /// <summary>Stretches of time in a row: the worse, the shorter the bar; nothing where nothing is known.</summary>
    /// <param name="colours">Of each level, the best first.</param>
    public static IHtmlContent Strip(IReadOnlyList<int?> levels, IReadOnlyList<string> colours, string title)
    {
        const int Wide = 7, Tall = 24;
        var paths = colours.Index().Select(level => (level.Item, Path: string.Concat(levels.Index().Where(cell => cell.Item == level.Index).Select(cell =>
            F($"M{cell.Index * Wide} {level.Index * 5}h{Wide - 1}V{Tall}h-{Wide - 1}z"))))).Where(level => level.Path.Length > 0);
        return new HtmlString($"""<svg class="strip" viewBox="0 0 {levels.Count * Wide} {Tall}" preserveAspectRatio="none" role="img"><title>{Part.Text(title)}</title>{string.Concat(paths.Select(level => $"<path class=\"f-{level.Item}\" d=\"{level.Path}\"/>"))}</svg>""");
    }

    /// <summary>One named share of a whole.</summary>
    public static IHtmlContent Share(string label, long count, long most, string colour) => Row(label, Moment.Number(count),
        F($"""<rect class="f-{colour}" width="{Math.Min(100, count * 100.0 / Math.Max(1, most)):0.#}" height="6"/>"""));

    /// <summary>What is used, against its limit: a mark, beyond which there is a little room.</summary>
    /// <param name="limit">Zero: there is none.</param>
    /// <param name="figure">What is said of it.</param>
    public static IHtmlContent Bullet(string label, long used, long limit, string colour, string figure) => Row(label, figure, limit == 0 ? ""
        : F($"""<rect class="f-{colour}" y="1" width="{Math.Min(100, used * 90.0 / limit):0.#}" height="4"/><rect class="limit" x="90" width="1" height="6"/>"""));

    private static HtmlString Row(string label, string figure, string drawn) => new($"""
        <div class="bar"><span>{Part.Text(label)}</span><span class="num">{Part.Text(figure)}</span><svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">{drawn}</svg></div>
        """);

    private static StringBuilder Begin(string title, int right, params IEnumerable<(string Text, double Y)> ticks)
    {
        var svg = new StringBuilder($"""<svg class="chart" viewBox="0 0 {Width} {Height + Bottom}" role="img"><title>{Part.Text(title)}</title>""");
        foreach (var (text, y) in ticks)
            svg.Append(F($"""{(y < Height ? F($"""<line class="axis" x1="{Left}" y1="{y:0.#}" x2="{right}" y2="{y:0.#}"/>""") : "")}<text x="{Left - 6}" y="{(y < Height ? y + 4 : y):0.#}" text-anchor="end">{Part.Text(text)}</text>"""));
        return svg;
    }

    private static void Draw(StringBuilder svg, Line line, Func<int, double> x, Func<double, double> y)
    {
        var path = new StringBuilder();
        for (var at = 0; at < line.Values.Count; at++)
            if (line.Values[at] is { } value)
            {
                var (begins, ends) = (at == 0 || line.Values[at - 1] is null, at == line.Values.Count - 1 || line.Values[at + 1] is null);
                path.Append(F($"{(begins ? 'M' : 'L')}{x(at):0.#} {y(value):0.#}"));
                // One that stands alone is a dot.
                if (begins && ends)
                    path.Append("h.1");
            }
        svg.Append($"""<path class="s-{line.Colour} {line.Dash}" d="{path}"/>""");
    }

    private static HtmlString End(StringBuilder svg, IReadOnlyList<string> labels, double step, int every)
    {
        for (var at = 0; at < labels.Count; at += every)
            svg.Append(F($"""<text x="{Left + at * step + step / 2:0.#}" y="{Height + 14}" text-anchor="middle">{Part.Text(labels[at])}</text>"""));
        return new HtmlString(svg.Append("</svg>").ToString());
    }

    private static string F(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
