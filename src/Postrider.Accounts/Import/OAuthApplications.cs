using Postrider.Accounts.Providers;

namespace Postrider.Accounts.Import;

/// <summary>What a program's addresses and scopes say about the kind of provider.</summary>
internal static class OAuthApplications
{
    /// <summary>A provider of the kind that the token address belongs to. The vendor's own addresses and scopes come from the catalog: what
    /// the file holds beyond them was for reading mail, which Postrider asks no permission for.</summary>
    public static ProviderDraft Draft(string name, string userName, string tokenUrl, string authorizeUrl, string scope, List<FieldNote> notes)
    {
        var draft = Blank(name, userName);
        if (!Uri.TryCreate(tokenUrl, UriKind.Absolute, out var token))
            return draft with { Type = ProviderType.OAuth2, TokenUrl = tokenUrl, AuthorizeUrl = authorizeUrl, Scope = scope };
        if (Cloud(token.Host) is { } cloud)
        {
            var tenant = token.Segments is [_, var first, ..] ? Uri.UnescapeDataString(first.Trim('/')) : "";
            var preset = tenant is "consumers" ? ProviderCatalog.Find("outlook.com")! : cloud;
            if (scope.Length > 0 && !SameScopes(scope, preset.Scope))
                notes.Add(new("scope", $"The file asks for \"{scope}\". Postrider sends and asks for \"{preset.Scope}\" alone."));
            return draft with { Type = ProviderType.Microsoft, Preset = preset.Name, Tenant = tenant };
        }
        if (token.Host is "oauth2.googleapis.com" or "accounts.google.com" or "www.googleapis.com")
            return draft with { Type = ProviderType.Google };
        var known = ProviderCatalog.All.FirstOrDefault(preset => preset.TokenUrl.Length > 0 && new Uri(preset.TokenUrl).Host == token.Host);
        return known is not null ? draft with { Type = known.Type, Preset = known.Name }
            : draft with { Type = ProviderType.OAuth2, TokenUrl = tokenUrl, AuthorizeUrl = authorizeUrl, Scope = scope };
    }

    public static ProviderDraft Blank(string name, string userName) => new() { Name = NameOf(name), DisplayName = userName, UserName = userName, Limits = ProviderCatalog.NoLimitsGiven };

    /// <summary>A name within the rules, made of an address or a label.</summary>
    public static string NameOf(string label)
    {
        var letters = label.Trim().ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' ? letter : '-');
        var name = string.Concat(letters).Trim('-', '.', '_');
        return name.Length > 64 ? name[..64].TrimEnd('-', '.', '_') : name;
    }

    /// <summary>Of the vendors whose password sign-in has ended or is ending.</summary>
    public static string? PasswordsEnd(string host) => host switch
    {
        "smtp.office365.com" or "outlook.office365.com" => "Exchange Online ends password SMTP (550 5.7.30). Add the mailbox as a provider of type microsoft before it stops; the import keeps the password meanwhile.",
        "smtp-mail.outlook.com" => "Outlook.com takes no passwords any more. Add the mailbox as a provider with the preset outlook.com instead.",
        "smtp.gmail.com" => "Gmail takes application passwords only, of accounts with 2-step verification. A provider of type google needs none.",
        _ => null,
    };

    private static ProviderPreset? Cloud(string host) => ProviderCatalog.All.FirstOrDefault(preset => preset.Type == ProviderType.Microsoft && new Uri(preset.Authority).Host == host);

    private static bool SameScopes(string one, string other) =>
        one.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).SequenceEqual(other.Split(' ').Order(StringComparer.Ordinal));
}
