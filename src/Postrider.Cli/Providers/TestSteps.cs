using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Postrider.Cli;

/// <summary>The steps of a provider's test, one line each, with cause and remedy under the one that failed.</summary>
internal static class TestSteps
{
    public static bool Passed(JsonObject result) => result["ok"] is JsonValue ok && ok.TryGetValue<bool>(out var passed) && passed;

    // The times stand in a column; a longer detail pushes its own aside.
    private const int NameWidth = 9, DetailWidth = 52;

    public static void Write(Output output, JsonObject result)
    {
        var steps = (result["steps"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        var width = steps.Select(step => Name(step).Length).Append(NameWidth).Max();
        foreach (var step in steps)
            Write(output, step, width);
    }

    private static void Write(Output output, JsonObject step, int width)
    {
        var mark = StateMark.OfStep(Ok(step), ProviderText.Text(step, "status") == "warning");
        var detail = Plain.Text(ProviderText.Text(step, "detail"));
        var line = new Paragraph($"{mark.Shape} ", mark.Style)
            .Append($"{Name(step).PadRight(width)}  {(Took(step).Length > 0 ? detail.PadRight(DetailWidth) : detail)}")
            .Append(Took(step), new Style(decoration: Decoration.Dim));
        output.Line(line);
        Under(output, "Cause", ProviderText.Text(step, "cause"), width);
        Under(output, "Remedy", ProviderText.Text(step, "remedy"), width);
    }

    private static void Under(Output output, string label, string? text, int width)
    {
        if (!string.IsNullOrEmpty(text))
            Remedies.Write(output, label, text, width);
    }

    /// <summary>Abbreviations as people write them; other names with a capital.</summary>
    private static string Name(JsonObject step) => Plain.Text(ProviderText.Text(step, "name")) switch
    {
        "" => "",
        ("dns" or "tcp" or "tls" or "ehlo" or "auth" or "http" or "smtp") and var abbreviation => abbreviation.ToUpperInvariant(),
        var word => $"{char.ToUpperInvariant(word[0])}{word[1..]}",
    };

    private static bool? Ok(JsonObject step) =>
        step["ok"] is JsonValue value && value.TryGetValue<bool>(out var ok)
            && !(step["skipped"] is JsonValue left && left.TryGetValue<bool>(out var skipped) && skipped)
            ? ok
            : null;

    private static string Took(JsonObject step) =>
        step["milliseconds"] is JsonValue value && value.TryGetValue<double>(out var milliseconds)
            ? string.Create(CultureInfo.InvariantCulture, $"{milliseconds,7:0} ms")
            : "";
}
