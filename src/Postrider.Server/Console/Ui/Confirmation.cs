namespace Postrider.Server.Console.Ui;

/// <summary>What a destructive act will do, asked on a page of its own before it is done.</summary>
/// <param name="Button">Says what it does, such as "Cancel 42 messages".</param>
/// <param name="Action">Where the form goes.</param>
/// <param name="Back">Where one who thinks better of it goes.</param>
internal sealed record Confirmation(string Title, IReadOnlyList<string> Consequences, string Button, string Action, string Back)
{
    public bool Destroys { get; init; } = true;
}
