using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Postrider.Client;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Postrider.Cli;

/// <summary>Answers to people (tables, colours where there is a terminal) and to scripts (JSON, one line when piped).</summary>
internal sealed class Output
{
    // Wide enough that nothing is cut or wrapped: whoever reads a pipe does it by line and column.
    private const int Unbounded = 20_000;

    private readonly Terminal terminal;
    private readonly bool json;
    private readonly IAnsiConsole console;
    private readonly JsonSerializerOptions style;

    public Output(Terminal terminal, bool json)
    {
        this.terminal = terminal;
        this.json = json;
        console = Console(terminal.Out);
        style = new JsonSerializerOptions
        {
            WriteIndented = terminal.OutIsTerminal,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = PostriderJson.Default,
        };
    }

    /// <summary>The answer as JSON where that is wanted; else what <paramref name="human"/> writes.</summary>
    public void Show<T>(T answer, JsonTypeInfo<T> type, Action<T> human)
    {
        if (json)
            Json(JsonSerializer.SerializeToNode(answer, type)!);
        else
            human(answer);
    }

    public void Show(JsonObject answer, Action<JsonObject> human) => Show(answer, PostriderJson.Default.JsonObject, human);

    /// <summary>That it was done, where the server has nothing to answer: <c>{"removed":"erp"}</c>.</summary>
    public void Did(string done, string what, string sentence) => Show(new JsonObject { [done] = what }, _ => Say(sentence));

    public void Json(JsonNode answer) => terminal.Out.WriteLine(answer.ToJsonString(style));

    /// <summary>A sentence for people; scripts are not told.</summary>
    public void Say(string sentence)
    {
        if (!json)
            terminal.Out.WriteLine(sentence);
    }

    public void Write(IRenderable content)
    {
        if (terminal.OutIsTerminal)
        {
            console.Write(content);
            return;
        }

        // Cells are padded to their column; at the end of a line that is noise.
        using var text = new StringWriter();
        Console(text).Write(content);
        foreach (var line in text.ToString().TrimEnd('\n').Split('\n'))
            terminal.Out.WriteLine(line.TrimEnd());
    }

    /// <summary>Content of one line, which does not end itself as a table does.</summary>
    public void Line(IRenderable content)
    {
        Write(content);
        if (terminal.OutIsTerminal)
            terminal.Out.WriteLine();
    }

    /// <summary>A list with a head; <paramref name="empty"/> says what to do when it has no rows.</summary>
    public void Table<T>(IReadOnlyList<T> rows, string empty, params IReadOnlyList<Column<T>> columns)
    {
        if (rows.Count == 0)
        {
            Say(empty);
            return;
        }

        var table = new Table().Border(TableBorder.None);
        foreach (var column in columns)
            table.AddColumn(new TableColumn(new Text(column.Head, new Style(decoration: Decoration.Bold))) { NoWrap = column.Whole, Padding = new Padding(0, 0, 2, 0) });
        foreach (var row in rows)
            table.AddRow(columns.Select(column => column.Cell(row)));
        Write(table);
    }

    private IAnsiConsole Console(TextWriter writer)
    {
        var plain = !terminal.OutIsTerminal || terminal.Variable("NO_COLOR") is not null;
        var created = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = InteractionSupport.No,
        });
        if (!terminal.OutIsTerminal)
            created.Profile.Width = Unbounded;
        return created;
    }
}

/// <summary>A column of a list. <paramref name="Whole"/> ones (ids, addresses) are never broken or cut.</summary>
internal sealed record Column<T>(string Head, Func<T, IRenderable> Cell, bool Whole = false)
{
    public Column(string head, Func<T, string?> text, bool whole = false) : this(head, row => new Text(Plain.Text(text(row))), whole)
    {
    }
}
