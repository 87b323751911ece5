using System.Net;
using Postrider.Accounts.Providers;
using Postrider.Client;
using Postrider.Mail.Intake;
using Postrider.Mail.Queue;
using Postrider.Smtp;
using MailClient = Postrider.Mail.Intake.Client;

namespace Postrider.Server.Api;

/// <summary>What may be written into a client or a key, whichever door it comes through. Errors are by the member's name.</summary>
internal sealed class ClientRules(ClientDirectory clients, ProviderDirectory providers, TimeProvider time)
{
    public const int MostMessagesPerDay = 1_000_000, LongestOverlapHours = 720;

    /// <summary>A client that may be added.</summary>
    /// <returns>The client, or what is wrong.</returns>
    public (MailClient? Client, Dictionary<string, string[]> Errors) New(ClientInput input)
    {
        var userName = input.UserName is { Length: > 0 } given ? given : input.Name;
        var errors = new Dictionary<string, string[]>();
        if (!Naming.IsGood(input.Name))
            errors["name"] = ["Give it a name of letters, digits, '.', '-' and '_', such as printer-3rd-floor."];
        if (userName.Length > 128 || userName.Any(letter => char.IsControl(letter) || char.IsWhiteSpace(letter)))
            errors["userName"] = ["A user name has no spaces or control characters, and at most 128 characters."];
        var client = Filled(new MailClient { Id = MessageIds.New(time), Name = input.Name, UserName = userName, CreatedAt = time.GetUtcNow() },
            input.Networks, input.Senders, input.Provider ?? "", input.MessagesPerDay, input.Uncertain, errors);
        return errors.Count > 0 ? (null, errors) : (client, errors);
    }

    /// <summary>A client with some members changed.</summary>
    public (MailClient? Client, Dictionary<string, string[]> Errors) Changed(MailClient before, ClientChange change)
    {
        var errors = new Dictionary<string, string[]>();
        var client = Filled(before, change.Networks, change.Senders, change.Provider, change.MessagesPerDay, change.Uncertain, errors);
        return errors.Count > 0 ? (null, errors) : (client, errors);
    }

    /// <summary>Another client has the name or the user name.</summary>
    public bool IsTaken(MailClient client) =>
        clients.All.Any(other => other.Name == client.Name || other.UserName.Equals(client.UserName, StringComparison.OrdinalIgnoreCase));

    public Dictionary<string, string[]> WrongIn(KeyInput input)
    {
        var errors = new Dictionary<string, string[]>();
        if (!Naming.IsGood(input.Name))
            errors["name"] = ["Give it a name of letters, digits, '.', '-' and '_' that says who uses it."];
        if (input.Scopes.Count == 0 || input.Scopes.Any(scope => !ApiKeys.Scopes.Contains(scope)))
            errors["scopes"] = [$"Name what the key may do: {string.Join(", ", ApiKeys.Scopes)}."];
        if (input.ExpiresAt <= time.GetUtcNow())
            errors["expiresAt"] = ["The key would have expired already."];
        return errors;
    }

    private MailClient Filled(MailClient client, IReadOnlyList<string>? networks, IReadOnlyList<string>? senders, string? provider, int? messagesPerDay, string? uncertain, Dictionary<string, string[]> errors)
    {
        if (networks is not null)
            client = client with { Networks = Networks(networks, errors) };
        foreach (var sender in senders ?? [])
            if (!SmtpAddress.TryParse(sender.StartsWith('@') ? "x" + sender : sender, out _))
                errors["senders"] = [$"\"{sender}\" is neither an address nor a domain. Write alerts@example.org or @example.org."];
        if (senders is not null)
            client = client with { Senders = [.. senders] };
        if (provider is not null)
            client = client with { ProviderId = provider.Length > 0 ? providers.Find(provider)?.Id : null };
        if (provider is { Length: > 0 } && client.ProviderId is null)
            errors["provider"] = [$"There is no provider \"{provider}\"."];
        if (messagesPerDay is < 0 or > MostMessagesPerDay)
            errors["messagesPerDay"] = [$"Write a number from 1 to {MostMessagesPerDay}, or 0 for any number."];
        if (uncertain is not (null or UncertainMail.Retry or UncertainMail.Hold))
            errors["uncertain"] = [$"Write \"{UncertainMail.Retry}\" to send again what may have been sent, or \"{UncertainMail.Hold}\" to have a person decide."];
        return client with { MessagesPerDay = messagesPerDay ?? client.MessagesPerDay, HoldUncertain = uncertain is null ? client.HoldUncertain : uncertain == UncertainMail.Hold };
    }

    private static List<IPNetwork> Networks(IReadOnlyList<string> texts, Dictionary<string, string[]> errors)
    {
        var networks = new List<IPNetwork>();
        foreach (var text in texts)
            if (IPNetwork.TryParse(text, out var network))
                networks.Add(network);
            else if (IPAddress.TryParse(text, out var single))
                networks.Add(new IPNetwork(single, single.GetAddressBytes().Length * 8));
            else
                errors["networks"] = [$"\"{text}\" is not a network. Write it like 192.168.1.0/24 or 192.168.1.17."];
        if (networks.Any(network => network.PrefixLength == 0))
            errors["networks"] = ["That is every address there is: anybody could send. Name the network that the device is in."];
        return networks;
    }
}
