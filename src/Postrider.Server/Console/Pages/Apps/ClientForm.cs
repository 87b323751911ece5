using Postrider.Client;

namespace Postrider.Server.Console.Pages.Apps;

/// <summary>What was typed about a client, and what is wrong with it. The rules are those of the interface.</summary>
internal sealed class ClientForm
{
    public string? Name { get; init; }
    public string? UserName { get; init; }

    /// <summary>One a line; commas and blanks do as well.</summary>
    public string? Networks { get; init; }
    public string? Senders { get; init; }
    public string? Provider { get; init; }
    public int MessagesPerDay { get; init; }
    public string? Uncertain { get; init; }

    public ClientInput AsInput() => new()
    {
        Name = Name?.Trim() ?? "", UserName = UserName?.Trim(), Networks = ConsolePage.Several(Networks), Senders = ConsolePage.Several(Senders), Provider = Provider, MessagesPerDay = MessagesPerDay,
        Uncertain = Uncertain,
    };

    public ClientChange AsChange() => new() { Networks = ConsolePage.Several(Networks), Senders = ConsolePage.Several(Senders), Provider = Provider ?? "", MessagesPerDay = MessagesPerDay, Uncertain = Uncertain };
}

/// <summary>The fields as they are shown.</summary>
/// <param name="Error">What is wrong with a field; null where nothing is.</param>
internal sealed record ClientFields(ClientForm Form, Func<string, string?> Error, IReadOnlyList<(string Value, string Text)> Providers, bool IsNew);
