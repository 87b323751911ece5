using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Html;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Ui;

/// <summary>The small parts that pages are made of. What they are given is encoded here; a page writes no HTML of foreign text.</summary>
internal static class Part
{
    /// <summary>A value with its copy button.</summary>
    public static IHtmlContent Copy(string id, string value, bool block = false)
    {
        var tag = block ? "pre" : "code";
        var focus = block ? " tabindex=\"0\"" : "";
        return new HtmlString($"""<div class="copy"><{tag} id="{Text(id)}"{focus}>{Text(value)}</{tag}><button type="button" class="needs-script" data-copy="{Text(id)}" aria-describedby="{Text(id)}">{Text(T["Copy"])}</button></div>""");
    }

    /// <summary>What stands in the middle of a sentence that is said whole.</summary>
    public static IHtmlContent Link(string address, string text) => new HtmlString($"""<a href="{Text(address)}">{Text(text)}</a>""");

    public static IHtmlContent Code(string text) => new HtmlString($"<code>{Text(text)}</code>");

    public static IHtmlContent Strong(string text) => new HtmlString($"<strong>{Text(text)}</strong>");

    /// <summary>A text field: what it is, what it looks like, and what is wrong with what was written.</summary>
    public static IHtmlContent Field(string name, string label, string? value, string help = "", string? error = null, string type = "text", string more = "")
    {
        var described = (help.Length > 0 ? $"{name}-help " : "") + (error is null ? "" : $"{name}-error");
        return new HtmlString($"""
            <div class="field"><label for="{name}">{Text(label)}</label>
            <input id="{name}" name="{name}" type="{type}" value="{Text(type == "password" ? "" : value ?? "")}"{(described.Length > 0 ? $" aria-describedby=\"{described.Trim()}\"" : "")}{(error is null ? "" : " aria-invalid=\"true\"")} {more}>
            {(help.Length > 0 ? $"<p class=\"help\" id=\"{name}-help\">{Text(help)}</p>" : "")}{(error is null ? "" : $"<p class=\"error\" id=\"{name}-error\">{Text(error)}</p>")}</div>
            """);
    }

    /// <summary>A text of several lines.</summary>
    public static IHtmlContent Area(string name, string label, string? value, string help = "", string? error = null, string more = "")
    {
        var described = (help.Length > 0 ? $"{name}-help " : "") + (error is null ? "" : $"{name}-error");
        return new HtmlString($"""
            <div class="field"><label for="{name}">{Text(label)}</label>
            <textarea id="{name}" name="{name}" rows="3" spellcheck="false"{(described.Length > 0 ? $" aria-describedby=\"{described.Trim()}\"" : "")}{(error is null ? "" : " aria-invalid=\"true\"")} {more}>
            {Text(value ?? "")}</textarea>
            {(help.Length > 0 ? $"<p class=\"help\" id=\"{name}-help\">{Text(help)}</p>" : "")}{(error is null ? "" : $"<p class=\"error\" id=\"{name}-error\">{Text(error)}</p>")}</div>
            """);
    }

    public static IHtmlContent Select(string name, string label, string? value, IEnumerable<(string Value, string Text)> choices, string help = "", string? error = null)
    {
        var options = string.Concat(choices.Select(choice => $"<option value=\"{Text(choice.Value)}\"{(choice.Value == value ? " selected" : "")}>{Text(choice.Text)}</option>"));
        return new HtmlString($"""
            <div class="field"><label for="{name}">{Text(label)}</label><select id="{name}" name="{name}"{(help.Length > 0 ? $" aria-describedby=\"{name}-help\"" : "")}>{options}</select>{(help.Length > 0 ? $"<p class=\"help\" id=\"{name}-help\">{Text(help)}</p>" : "")}{(error is null ? "" : $"<p class=\"error\">{Text(error)}</p>")}</div>
            """);
    }

    /// <summary>One of many by name: a list while it is short, and a field to type in beyond that.</summary>
    public static IHtmlContent Choice(string name, string label, string? value, IReadOnlyList<(string Value, string Text)> choices, string help = "", string? error = null) => choices.Count <= MostChoices
        ? Select(name, label, value, choices, help, error)
        : Field(name, label, value, $"{help} {T["Its name; empty: {0}.", choices[0].Text]}".TrimStart(), error, more: "autocomplete=\"off\" spellcheck=\"false\"");

    /// <summary>More than these nobody reads through.</summary>
    public const int MostChoices = 100;

    public static IHtmlContent Check(string name, string label, bool on, string value = "true") =>
        new HtmlString($"""<div class="field"><label class="check"><input type="checkbox" name="{name}" value="{Text(value)}"{(on ? " checked" : "")}><span>{Text(label)}</span></label></div>""");

    /// <summary>Nothing to show, and what to do about it.</summary>
    public static IHtmlContent Empty(string icon, string title, string text) => new HtmlContentBuilder()
        .AppendHtml("<div class=\"empty\">").AppendHtml(Icon.Of(icon)).AppendHtml($"<h2>{Text(title)}</h2><p>{Text(text)}</p></div>");

    public static IHtmlContent Banner(string kind, string text) =>
        new HtmlString($"""<div class="banner is-{kind}" role="status"><div>{Text(text)}</div></div>""");

    /// <summary>How old is what a part shows that refreshes itself.</summary>
    /// <param name="clock">When it was looked up.</param>
    public static IHtmlContent AsOf(string clock) =>
        new HtmlString($"""<span class="live-note"><span class="moves">{Text(T["As of {0}", clock])}</span><span class="waits">{Text(T["Updates wait while something is selected. As of {0}", clock])}</span></span>""");

    /// <summary>A remedy: lines that begin with four blanks are commands to copy.</summary>
    public static IHtmlContent Remedy(string id, string text)
    {
        var html = new HtmlContentBuilder();
        var (number, commands) = (0, new List<string>());
        void Flush()
        {
            if (commands.Count > 0)
                html.AppendHtml(Copy($"{id}-{number++}", string.Join('\n', commands), block: true));
            commands.Clear();
        }
        foreach (var line in T.Told(text).Split('\n'))
            if (line.StartsWith("    ", StringComparison.Ordinal))
                commands.Add(line[4..]);
            else if (line.Trim().Length > 0)
            {
                Flush();
                html.AppendHtml($"<p>{Text(Words.OnScreen(line.Trim()))}</p>");
            }
        Flush();
        return html;
    }

    public static string Text(string text) => Encoder.Encode(text);

    /// <summary>The letters of our languages stand in a page as they are; what could turn the direction of writing does not.</summary>
    public static readonly HtmlEncoder Encoder = HtmlEncoder.Create(Letters());

    public static TextEncoderSettings Letters()
    {
        var letters = new TextEncoderSettings(UnicodeRanges.BasicLatin, UnicodeRanges.Latin1Supplement);
        letters.AllowCharacters('–', '…', '„', '“', '”', '‚', '‘', '’', '›', '→');
        return letters;
    }
}
