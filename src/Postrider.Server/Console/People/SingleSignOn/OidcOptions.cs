namespace Postrider.Server.Console.People.SingleSignOn;

/// <summary>Sign-in at an OpenID Connect provider, section <c>Console:Oidc</c> of the configuration. Without an authority there is none.</summary>
internal sealed class OidcOptions
{
    public const string Section = "Console:Oidc";

    /// <summary>The issuer, such as <c>https://login.microsoftonline.com/TENANT/v2.0</c>; its discovery document is below it.</summary>
    public string Authority { get; set; } = "";

    public string ClientId { get; set; } = "";
    public string ClientSecret { get; set; } = "";

    /// <summary>A file with the secret, in the place of <see cref="ClientSecret"/>.</summary>
    public string ClientSecretFile { get; set; } = "";

    /// <summary>What the button says after "Sign in with".</summary>
    public string Name { get; set; } = "single sign-on";

    /// <summary>Scopes beside <c>openid profile email</c>, separated by blanks.</summary>
    public string Scope { get; set; } = "";

    /// <summary>The claim with a person's roles or groups.</summary>
    public string RoleClaim { get; set; } = "roles";

    /// <summary>Values of the claim that make an owner, operator or viewer, separated by commas. Who has none of them does not get in.</summary>
    public string Owners { get; set; } = "postrider-owner";

    public string Operators { get; set; } = "postrider-operator";
    public string Viewers { get; set; } = "postrider-viewer";

    /// <summary>The claims that a person's name here is taken from, the first that is there.</summary>
    public string NameClaims { get; set; } = "preferred_username,email,upn";

    public bool IsOn => Authority.Length > 0;

    /// <summary>The highest role that the values of the claim stand for; null when it is none.</summary>
    public string? RoleOf(IEnumerable<string> values)
    {
        var has = values.ToHashSet(StringComparer.Ordinal);
        return List(Owners).Any(has.Contains) ? Role.Owner : List(Operators).Any(has.Contains) ? Role.Operator : List(Viewers).Any(has.Contains) ? Role.Viewer : null;
    }

    public string? NameOf(Func<string, string?> claim) => List(NameClaims).Select(claim).FirstOrDefault(value => !string.IsNullOrWhiteSpace(value));

    /// <summary>The secret, wherever it is kept.</summary>
    public string Secret() => ClientSecretFile.Length > 0 ? File.ReadAllText(ClientSecretFile).Trim() : ClientSecret;

    /// <returns>What is wrong, with the key and what to write; empty when all is well.</returns>
    public IEnumerable<string> Validate()
    {
        if (!IsOn)
            yield break;
        if (!Uri.TryCreate(Authority, UriKind.Absolute, out var authority) || (authority.Scheme != Uri.UriSchemeHttps && !authority.IsLoopback))
            yield return $"{Section}:Authority is \"{Authority}\". Write the issuer's https address, such as https://login.example.org/realms/company.";
        if (ClientId.Length == 0)
            yield return $"{Section}:ClientId is missing. Write the id of the application that the provider has registered for Postrider.";
        if (ClientSecretFile.Length > 0 && !File.Exists(ClientSecretFile))
            yield return $"{Section}:ClientSecretFile names {ClientSecretFile}, which does not exist.";
        if (RoleClaim.Length == 0 || List(Owners).Concat(List(Operators)).Concat(List(Viewers)).Any() is false)
            yield return $"{Section}: nobody could get in. Name the claim in RoleClaim, and its values in Owners, Operators or Viewers.";
    }

    // A value may hold blanks, as the names of groups do.
    private static string[] List(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
