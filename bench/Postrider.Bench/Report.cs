using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Postrider.Bench;

/// <summary>The measured part of docs/performance.md; the words around it are written by hand.</summary>
internal static class Report
{
    private const string Begin = "<!-- measured: begin (make bench writes what follows) -->", End = "<!-- measured: end -->";

    /// <summary>What was asked of each figure, as a ratio to another one or as a bound.</summary>
    private static readonly (string What, double Asked, bool AtMost, string Unit, Func<Figures, double> Measured)[] Asked =
    [
        ("SMTP in to the provider's 250, durable, 20 sessions kept open, of Postfix", 8, false, "×", figures => Ratio(figures, "end-to-end", "Postfix")),
        ("the same, one connection a message, of Postfix", 5, false, "×", figures => Ratio(figures, "per-connection", "Postfix")),
        ("the first on PostgreSQL, one node, of SQLite", 0.6, false, "×", figures => InTurn(figures, "engines", "Postrider on PostgreSQL", "Postrider on SQLite")),
        ("accepting alone, durable, of Postfix", 6, false, "×", figures => Ratio(figures, "accept", "Postfix")),
        ("draining a filled queue over 20 lanes, of a MailKit loop", 2, false, "×", figures => Ratio(figures, "drain", "MailKit loop")),
        ("the same over 3 lanes, 50 ms round trip, of a MailKit loop", 2.5, false, "×", figures => Ratio(figures, "slow-network", "MailKit loop")),
        ("throughput with all waiting elsewhere, of that with an empty queue", 0.9, false, "×", figures => Of(figures, "backlog", "all waiting elsewhere") / Of(figures, "backlog", "queue empty")),
        ("list of messages, every filter, p99 over all requests", 50, true, "ms", figures => Of(figures, "sent-page", "all filters, p99")),
        ("list of messages, p99 of the slowest filter", 50, true, "ms", figures => figures.All.Where(figure => figure.Unit == "ms p99").Select(figure => figure.Median).DefaultIfEmpty(double.NaN).Max()),
        ("resident memory, idle", 120, true, "MB", figures => Of(figures, "memory", "idle")),
        ("resident memory, idle after 500 messages", 120, true, "MB", figures => Of(figures, "memory", "idle after 500 messages")),
        ("resident memory, all waiting", 250, true, "MB", figures => Of(figures, "memory", "all waiting")),
        ("resident memory at most, 20 clients sending 25 MB each at once", 400, true, "MB", figures => Of(figures, "memory", "20 clients with 25 MB each")),
        ("one mail, idle system, above the provider's own time, p50", 10, true, "ms", figures => Of(figures, "latency", "Postrider above it, p50")),
        ("one mail, idle system, above the provider's own time, p99", 30, true, "ms", figures => Of(figures, "latency", "Postrider above it, p99")),
        ("start to ready, all waiting", 2, true, "s", figures => Of(figures, "start", "to ready, all waiting")),
        ("start to ready, 10,000 providers", 3, true, "s", figures => Of(figures, "providers", "start to ready")),
        ("resident memory at most, all their tokens renewed", 300, true, "MB", figures => Of(figures, "providers", "all due at once, most memory")),
        ("renewals in a second at most, all due at once", 60, true, "", figures => Of(figures, "providers", "all due at once, most")),
        ("tokens in use that ended before they were renewed", 0, true, "", figures => Of(figures, "providers", "in use, renewed too late")),
    ];

    public static string Write(Figures figures, Settings settings, TimeSpan took)
    {
        var text = new StringBuilder();
        Line($"{TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm} UTC, {Environment.ProcessorCount} cores ({Processor()}), {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}; "
            + $"{(settings.Quick ? "short form, " : "")}medians of {settings.Runs} run(s), least and most in brackets; all that waits is {settings.Backlog:N0} messages; {took.TotalMinutes:N1} minutes.");
        Line("");
        Line("| what | asked | measured | met |");
        Line("|---|---|---|---|");
        foreach (var (what, asked, atMost, unit, measured) in Asked)
        {
            var value = measured(figures);
            Line($"| {what} | {(atMost ? "≤" : "≥")} {asked:0.##} {unit} | {(double.IsNaN(value) ? "not measured" : $"{value:0.##} {unit}")} | {(double.IsNaN(value) ? "–" : (atMost ? value <= asked : value >= asked) ? "yes" : "**no**")} |");
        }
        Line("");
        Line("| scenario | who | figure | CPU, µs a message | memory, MB |");
        Line("|---|---|---|---|---|");
        foreach (var figure in figures.All)
        {
            Line($"| {figure.Scenario} | {figure.Who} | {Number(figure.Median)}{(figure.Values.Count > 1 ? $" ({Number(figure.Values.Min())}–{Number(figure.Values.Max())})" : "")} {figure.Unit} "
                + $"| {Median(figure.CpuMicroseconds)} | {Median(figure.Megabytes)} |");
        }
        if (figures.Missing.Count > 0)
        {
            Line("");
            Line("Not measured:");
            Line("");
            figures.Missing.ForEach(missing => Line("- " + missing));
        }
        return text.ToString();

        void Line(string line) => text.Append(line).Append('\n');
    }

    public static void PutInto(string file, string report)
    {
        var text = File.ReadAllText(file);
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        if (begin < 0 || end < begin)
            throw new InvalidOperationException($"{file} has no place for the figures: the lines \"{Begin}\" and \"{End}\".");
        File.WriteAllText(file, $"{text[..(begin + Begin.Length)]}\n\n{report}\n{text[end..]}");
        Console.WriteLine("Written to " + file);
    }

    private static double Of(Figures figures, string scenario, string who) => figures.Find(scenario, who)?.Median ?? double.NaN;

    private static double Ratio(Figures figures, string scenario, string peer) => Of(figures, scenario, Bench.Ours) / Of(figures, scenario, peer);

    // What took turns is compared turn by turn: what the machine did to one, it did to the other.
    private static double InTurn(Figures figures, string scenario, string who, string other) =>
        figures.Find(scenario, who) is { } mine && figures.Find(scenario, other) is { } theirs ? Figure.MedianOf(mine.Values.Zip(theirs.Values, (a, b) => a / b)) : double.NaN;

    private static string Median(List<double> values) => values.Count == 0 ? "–" : Number(Figure.MedianOf(values));

    private static string Number(double value) => value.ToString(value < 100 ? "0.0#" : "N0", CultureInfo.InvariantCulture);

    private static string Processor() => File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown";
}
