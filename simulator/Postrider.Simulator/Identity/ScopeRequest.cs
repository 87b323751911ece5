namespace Postrider.Simulator;

/// <summary>One scope that belongs to a resource: <c>https://outlook.office.com/SMTP.Send</c>.</summary>
/// <param name="Audience">The <c>aud</c> that a token for it has (reference 2.1).</param>
internal sealed record ResourceScope(string Text, string Audience, string Permission);

/// <summary>A scope parameter, taken apart.</summary>
internal sealed record ScopeRequest(IReadOnlyList<ResourceScope> Scopes, IReadOnlyList<string> OpenIdScopes)
{
    public const string Graph = "https://graph.microsoft.com";
    public const string GoogleMail = "https://mail.google.com/";
    private const string Default = ".default";

    private static readonly Dictionary<string, string> Resources = new(StringComparer.OrdinalIgnoreCase)
    {
        ["https://outlook.office.com"] = "https://outlook.office.com",
        ["https://outlook.office365.com"] = "https://outlook.office365.com",
        ["https://outlook.office365.us"] = "https://outlook.office365.us",
        ["https://partner.outlook.cn"] = "https://partner.outlook.cn",
        ["00000002-0000-0ff1-ce00-000000000000"] = "https://outlook.office365.com",
        [Graph] = Graph,
        ["00000003-0000-0000-c000-000000000000"] = Graph,
    };

    private static readonly HashSet<string> Permissions = new(StringComparer.OrdinalIgnoreCase)
    {
        "SMTP.Send", "IMAP.AccessAsUser.All", "POP.AccessAsUser.All", "Mail.Send", "Mail.Read", "Mail.ReadWrite",
        "User.Read", "EWS.AccessAsUser.All", Default,
    };

    public bool OfflineAccess => OpenIdScopes.Contains("offline_access");

    public bool OpenId => OpenIdScopes.Contains("openid");

    public IEnumerable<string> Audiences => Scopes.Select(s => s.Audience).Distinct();

    public bool IsDefault => Scopes is [{ Permission: Default }];

    /// <summary>The part for one resource; the first one when none is named.</summary>
    public IReadOnlyList<ResourceScope> For(string audience) => [.. Scopes.Where(s => s.Audience == audience)];

    /// <summary>Null and an error when the parameter is not valid.</summary>
    public static ScopeRequest? Parse(string text, out AadError? error)
    {
        error = null;
        var scopes = new List<ResourceScope>();
        var openId = new List<string>();
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (word is "openid" or "profile" or "email" or "offline_access")
                openId.Add(word);
            else if (word == GoogleMail)
                scopes.Add(new ResourceScope(word, GoogleMail, word));
            else if (ParseResourceScope(word, out error) is { } scope)
                scopes.Add(scope);
            else
                return null;
        }
        // Reference 2.1: .default cannot be mixed with named scopes of the same request.
        if (scopes.Count > 1 && scopes.Any(s => s.Permission == Default) && scopes.Any(s => s.Permission != Default))
        {
            error = AadErrors.Of(70011, $"The provided value for the input parameter 'scope' is not valid. {Default} scope can't be combined with resource-specific scopes.");
            return null;
        }
        return new ScopeRequest(scopes, openId);
    }

    private static ResourceScope? ParseResourceScope(string word, out AadError? error)
    {
        error = null;
        var slash = word.LastIndexOf('/');
        var permission = word[(slash + 1)..];
        var audience = Graph;
        if (slash >= 0 && !Resources.TryGetValue(word[..slash].TrimEnd('/'), out audience!))
        {
            error = AadErrors.Of(500011, $"The resource principal named {word[..slash]} was not found in the tenant.");
            return null;
        }
        if (!Permissions.TryGetValue(permission, out var known))
        {
            error = AadErrors.Of(70011, $"The provided value for the input parameter 'scope' is not valid. The scope '{word}' does not exist.");
            return null;
        }
        return new ResourceScope(word, audience, known);
    }
}
