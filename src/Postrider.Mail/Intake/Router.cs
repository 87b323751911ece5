using Postrider.Accounts.Providers;

namespace Postrider.Mail.Intake;

/// <summary>Says which provider a message goes to: the one asked for, the client's own, the one whose mailbox is the author, the only one.</summary>
public sealed class Router(ProviderDirectory providers)
{
    public abstract record Choice
    {
        public sealed record Found(Provider Provider) : Choice;

        public sealed record None(Refusal Why) : Choice;
    }

    public Choice Choose(Submission submission, string author)
    {
        if (submission.Provider is { } asked)
            return providers.Find(asked) is { } named ? Usable(named) : Refuse(550, "5.3.5", $"There is no provider \"{asked}\". {Known()}");
        if (submission.Client?.ProviderId is { } own)
            return providers.Find(own) is { } assigned
                ? Usable(assigned)
                : Refuse(451, "4.3.5", $"The provider of client {submission.Client.Name} no longer exists. Give the client another one.");
        if (providers.All.FirstOrDefault(provider => provider.UserName.Equals(author, StringComparison.OrdinalIgnoreCase)) is { } mailbox)
            return Usable(mailbox);
        return providers.All.Where(provider => provider.State != ProviderState.Disabled).ToList() switch
        {
            [var only] => Usable(only),
            [] when providers.All.Count == 0 => Refuse(451, "4.3.5", "No provider is configured yet. Add one: postrider provider add --help"),
            [] => Refuse(451, "4.3.5", "Every provider is switched off. Switch one on: postrider provider enable NAME"),
            _ => Refuse(550, "5.3.5", $"Which provider should send it? Several could. Name one, or give the client its own. {Known()}"),
        };
    }

    // A provider that waits for consent or repair still takes mail, which then waits for it. One that was switched off does not.
    private static Choice Usable(Provider provider) => provider.State == ProviderState.Disabled
        ? Refuse(451, "4.3.5", $"The provider {provider.Name} is switched off. Switch it on: postrider provider enable {provider.Name}")
        : new Choice.Found(provider);

    private string Known() => $"There are: {string.Join(", ", providers.All.Select(provider => provider.Name))}.";

    private static Choice.None Refuse(int code, string enhanced, string text) => new(new Refusal(code, enhanced, text));
}
