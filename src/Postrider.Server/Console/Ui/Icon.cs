using Microsoft.AspNetCore.Html;

namespace Postrider.Server.Console.Ui;

/// <summary>The console's icons, 24 by 24, drawn in the colour of the text around them.</summary>
internal static class Icon
{
    private static readonly Dictionary<string, string> Paths = new()
    {
        ["overview"] = "M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-3H4zM14 7h6V4h-6z",
        ["messages"] = "M3 6h18v12H3zM3 7l9 7 9-7",
        ["queue"] = "M4 6h16M4 12h16M4 18h10",
        ["trends"] = "M4 4v16h16M8 15l3-4 3 2 5-7",
        ["bounces"] = "M9 14l-5-5 5-5M4 9h10a6 6 0 0 1 0 12h-4",
        ["providers"] = "M12 3v6M8 3v6M16 3v6M6 9h12v3a6 6 0 0 1-12 0zM12 18v3",
        ["apps"] = "M7 8V4h10v4M7 17H4V9h16v8h-3M7 14h10v6H7z",
        ["doctor"] = "M3 12h4l3-7 4 14 3-7h4",
        ["alerts"] = "M6 17V11a6 6 0 0 1 12 0v6l2 2H4zM10 21h4",
        ["settings"] = "M4 7h9M17 7h3M4 17h3M11 17h9M13 5v4M7 15v4",
        ["audit"] = "M6 3h9l4 4v14H6zM15 3v4h4M9 12h7M9 16h7",
        ["brand"] = "M3 12l18-8-6 17-4-7zM11 14l4-4",
        ["key"] = "M7.5 20.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM11 13l9-9M16 8l3 3",
        ["globe"] = "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c-5 6-5 12 0 18 5-6 5-12 0-18",
        ["plus"] = "M12 5v14M5 12h14",
    };

    public static IHtmlContent Of(string name) => new HtmlString($"""<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="{Paths[name]}"/></svg>""");
}
