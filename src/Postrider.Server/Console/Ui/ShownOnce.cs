namespace Postrider.Server.Console.Ui;

/// <summary>A secret on the only page that ever shows it.</summary>
internal sealed record ShownOnce(string Title, string Text, IReadOnlyList<(string Name, string Value)> Values);
