using Postrider.Accounts.Providers;

namespace Postrider.Accounts.Import;

/// <summary>A file as it was given.</summary>
/// <param name="Name">Its name without its folder; token files are named for their mailbox. Empty for standard input and a paste.</param>
public sealed record ImportFile(string Name, string Content)
{
    public override string ToString() => Name;
}

/// <summary>One account that was found in somebody else's configuration.</summary>
/// <param name="Label">What it is called there.</param>
/// <param name="Notes">What was changed on the way, and what is still to be done.</param>
/// <param name="Problem">Why it cannot be taken over as it is; null when it can.</param>
public sealed record ImportedProvider(string Label, ProviderDraft Draft, IReadOnlyList<FieldNote> Notes, string? Problem = null);

/// <summary>What files were found to hold.</summary>
/// <param name="Format">One of <see cref="ImportFormat"/>; empty when nothing was recognised.</param>
/// <param name="Notes">About the files as a whole.</param>
public sealed record ImportReading(string Format, IReadOnlyList<ImportedProvider> Providers, IReadOnlyList<string> Notes);

public static class ImportFormat
{
    public const string OAuthProxy = "email-oauth2-proxy", SaslXOAuth2 = "sasl-xoauth2", Msmtp = "msmtp", Postfix = "postfix", Paste = "paste";

    public static readonly IReadOnlyList<string> All = [OAuthProxy, SaslXOAuth2, Msmtp, Postfix, Paste];
}
