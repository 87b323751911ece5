using Postrider.Accounts.Providers;
using Postrider.Smtp;

namespace Postrider.Mail.Intake;

/// <summary>Says which provider a message goes to, and why: the one asked for, the client's own, the one that is named for the author
/// (by its mailbox, an address, a domain), the default, the only one. What happens when that one cannot send is delivery's business.</summary>
public sealed class Router(ProviderDirectory providers)
{
    public abstract record Choice
    {
        /// <param name="Why">A sentence for whoever asks.</param>
        public sealed record Found(Provider Provider, string Why) : Choice;

        public sealed record None(Refusal Why) : Choice;
    }

    public Choice Choose(IncomingMessage submission, string author) => Choose(submission.Provider, submission.Client, author);

    /// <param name="asked">The provider that the sender names.</param>
    /// <param name="client">Who hands it in; null for the machine's own programs and for API keys.</param>
    /// <param name="author">The address in From.</param>
    public Choice Choose(string? asked, Client? client, string author)
    {
        if (asked is not null)
            return providers.Find(asked) is { } named ? Usable(named, "The message asks for it.") : Refuse(550, "5.3.5", $"There is no provider \"{asked}\". {Known()}");
        if (client?.ProviderId is { } own)
            return providers.Find(own) is { } assigned
                ? Usable(assigned, $"It is the provider of {client.Name}.")
                : Refuse(451, "4.3.5", $"The provider of client {client.Name} no longer exists. Give the client another one.");
        if (Named(author) is { } found)
            return Usable(found.Provider, found.Why);
        if (providers.All.FirstOrDefault(provider => provider.Default) is { } standard)
            return Usable(standard, "It is the default.");
        return providers.All.Where(provider => provider.State != ProviderState.Disabled).ToList() switch
        {
            [var only] => Usable(only, "It is the only one that is switched on."),
            [] when providers.All.Count == 0 => Refuse(451, "4.3.5", "No provider is configured yet. Add one: postrider provider add --help"),
            [] => Refuse(451, "4.3.5", "Every provider is switched off. Switch one on: postrider provider enable NAME"),
            _ => Refuse(550, "5.3.5", $"Which provider should send it? Several could. Name one, give the client its own, name the author among a provider's senders, or make one the default. {Known()}"),
        };
    }

    private (Provider Provider, string Why)? Named(string author)
    {
        if (providers.All.FirstOrDefault(provider => Same(provider.UserName, author)) is { } mailbox)
            return (mailbox, $"{author} is its mailbox.");
        if (providers.All.FirstOrDefault(provider => provider.Senders.Any(sender => Same(sender, author))) is { } address)
            return (address, $"{author} is among its senders.");
        if (!SmtpAddress.TryParse(author, out var parsed))
            return null;
        bool Sends(string domain) => SmtpAddress.TryParse("x@" + domain, out var one) && one.AsciiDomain == parsed.AsciiDomain;
        if (providers.All.FirstOrDefault(provider => provider.Senders.Any(sender => sender.StartsWith('@') && Sends(sender[1..]))) is { } domain)
            return (domain, $"{parsed.AsciiDomain} is among its senders.");
        return providers.All.Where(provider => provider.Domain.Length > 0 && Sends(provider.Domain)).ToList() is [var only]
            ? (only, $"{parsed.AsciiDomain} is its domain.")
            : null;
    }

    private static bool Same(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    // A provider that waits for consent or repair still takes mail, which then waits for it. One that was switched off does not.
    private static Choice Usable(Provider provider, string why) => provider.State == ProviderState.Disabled
        ? Refuse(451, "4.3.5", $"The provider {provider.Name} is switched off. Switch it on: postrider provider enable {provider.Name}")
        : new Choice.Found(provider, why);

    private string Known() => $"There are: {string.Join(", ", providers.All.Select(provider => provider.Name))}.";

    private static Choice.None Refuse(int code, string enhanced, string text) => new(new Refusal(code, enhanced, text));
}
