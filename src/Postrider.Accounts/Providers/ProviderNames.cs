using Postrider.Accounts.Import;

namespace Postrider.Accounts.Providers;

/// <summary>Names for a provider that nobody has named yet.</summary>
public static class ProviderNames
{
    /// <summary>Made of the mailbox's domain, else of the kind of provider; one that is not taken.</summary>
    public static string Suggest(string mailbox, string preset, Func<string, bool> isTaken)
    {
        var domain = mailbox.Contains('@') ? mailbox[(mailbox.LastIndexOf('@') + 1)..].Split('.')[0] : "";
        var name = OAuthApplications.NameOf(domain) is { Length: > 0 and <= 60 } made ? made : OAuthApplications.NameOf(preset);
        return Enumerable.Range(1, int.MaxValue).Select(number => number == 1 ? name : $"{name}-{number}").First(candidate => !isTaken(candidate));
    }
}
