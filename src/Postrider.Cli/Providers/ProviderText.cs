using System.Text.Json.Nodes;
using Spectre.Console;

namespace Postrider.Cli;

/// <summary>Providers for people. Members are read leniently: what a newer server adds is shown as it is.</summary>
internal static class ProviderText
{
    public static void List(Output output, IReadOnlyList<JsonObject> providers)
    {
        List<Column<JsonObject>> columns =
        [
            new("STATE", provider => StateMark.OfProvider(Text(provider, "state")).Text),
            new("NAME", provider => Text(provider, "name"), whole: true),
            new("TYPE", provider => Text(provider, "type")),
            new("SENDS AS", provider => Text(provider, "userName"), whole: true),
            new("SERVER", provider => $"{Text(provider, "address")}:{Text(provider, "port")}"),
        ];
        if (providers.Any(provider => Text(provider, "stateReason") is not null))
            columns.Add(new("REASON", provider => Text(provider, "stateReason")));
        output.Table(providers, "No providers yet. Add one with: postrider provider add NAME --preset PRESET (see 'provider presets')", columns);
    }

    public static void Presets(Output output, IReadOnlyList<JsonObject> presets) => output.Table(
        presets, "This server knows no presets.",
        new("PRESET", preset => Text(preset, "name"), whole: true),
        new("FOR", preset => Text(preset, "displayName")),
        new("TYPE", preset => Text(preset, "type")),
        new("SERVER", preset => $"{Text(preset, "address")}:{Text(preset, "port")}"));

    public static void Show(Output output, JsonObject provider)
    {
        output.Line(StateMark.OfProvider(Text(provider, "state")).Text);
        SayReason(output, provider);

        var grid = new Grid().AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0, 0, 2, 0) }).AddColumn();
        foreach (var (name, value) in Flat(provider).Where(member => member.Name is not ("state" or "stateReason" or "remedy")))
            grid.AddRow(new Text(name, new Style(decoration: Decoration.Dim)), new Text(Plain.Text(value)));
        output.Write(grid);
    }

    /// <summary>"● microsoft365: Ready", and why when it is not.</summary>
    public static void SayState(Output output, string name, JsonObject provider)
    {
        var mark = StateMark.OfProvider(Text(provider, "state"));
        output.Line(new Text($"{mark.Shape} {name}: {mark.Word}", mark.Style));
        SayReason(output, provider);
    }

    /// <summary>The state and the command that comes next.</summary>
    public static void SayNext(Output output, string name, JsonObject provider)
    {
        SayState(output, name, provider);
        var next = Text(provider, "state") switch
        {
            "needsConsent" => $"Connect it: postrider provider connect {name}",
            "disabled" => $"Let mail leave through it: postrider provider enable {name}",
            "ready" => $"See whether it works: postrider provider test {name}",
            _ => null,
        };
        if (next is not null)
            output.Say(next);
    }

    public static string? Text(JsonObject thing, string member) => thing[member] switch
    {
        null => null,
        JsonValue value => value.ToString(),
        var node => node.ToJsonString(),
    };

    private static void SayReason(Output output, JsonObject provider)
    {
        if (Text(provider, "stateReason") is { Length: > 0 } reason)
            output.Say($"  {Plain.Text(reason)}");
        if (Text(provider, "remedy") is { Length: > 0 } remedy)
            output.Say($"  {Plain.Text(remedy)}");
    }

    private static IEnumerable<(string Name, string Value)> Flat(JsonObject thing, string prefix = "") =>
        thing.SelectMany(member => member.Value switch
        {
            null => [],
            JsonObject inner => Flat(inner, $"{prefix}{member.Key}."),
            _ => new[] { (prefix + member.Key, Text(thing, member.Key) ?? "") },
        });
}
