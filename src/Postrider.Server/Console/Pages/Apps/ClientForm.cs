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

    public ClientInput AsInput() => new()
    {
        Name = Name?.Trim() ?? "", UserName = UserName?.Trim(), Networks = Split(Networks), Senders = Split(Senders), Provider = Provider, MessagesPerDay = MessagesPerDay,
    };

    public ClientChange AsChange() => new() { Networks = Split(Networks), Senders = Split(Senders), Provider = Provider ?? "", MessagesPerDay = MessagesPerDay };

    private static string[] Split(string? text) => (text ?? "").Split([' ', ',', ';', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>The fields as they are shown.</summary>
internal sealed record ClientFields(ClientForm Form, IReadOnlyDictionary<string, string[]> Errors, IReadOnlyList<(string Value, string Text)> Providers, bool IsNew)
{
    public string? Error(string member) => Errors.TryGetValue(member, out var texts) ? string.Join(' ', texts) : null;
}
