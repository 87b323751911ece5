using Microsoft.AspNetCore.Html;

namespace Postrider.Server.Console.Ui;

/// <summary>A chart with what belongs to it: what its marks mean, and the same figures as a table.</summary>
/// <param name="Drawn">Null: there is nothing to draw, and <paramref name="Nothing"/> says so.</param>
/// <param name="Rows">What is not known is an empty text.</param>
internal sealed record Picture(string Id, string Title, string Nothing, IHtmlContent? Drawn, IReadOnlyList<(string Colour, string Shape, string Text)> Key, IReadOnlyList<string> Heads, IReadOnlyList<IReadOnlyList<string>> Rows);
