using System.Globalization;

namespace Postrider.Soak;

/// <summary>The measured table of docs/reliability.md: a row a scenario, the newest in place of the one before. The words around it are written by hand.</summary>
internal static class Report
{
    private const string Begin = "<!-- measured: begin (make soak writes what follows) -->", End = "<!-- measured: end -->";

    public static void Put(string file, Result result, Soak soak)
    {
        var text = File.ReadAllText(file);
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        if (begin < 0 || end < begin)
            throw new InvalidOperationException($"{file} has no place for the figures: the lines \"{Begin}\" and \"{End}\".");
        var rows = text[(begin + Begin.Length)..end].Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1)
            .Where(row => !row.StartsWith($"| {result.Number} |", StringComparison.Ordinal))
            .Append(string.Create(CultureInfo.InvariantCulture, $"| {result.Number} | {result.What} | {result.Asked} | {result.Measured} | {(result.Met ? "yes" : "**no**")} | {soak.Began:yyyy-MM-dd}, seed {soak.Seed}, {soak.Took.TotalMinutes:0.0} min{soak.ByWhichClock} |"))
            .Order(StringComparer.Ordinal);
        File.WriteAllText(file, $"{text[..(begin + Begin.Length)]}\n\n| # | what happens | must show | shown | met | when |\n|---|---|---|---|---|---|\n{string.Join('\n', rows)}\n\n{text[end..]}");
    }
}
