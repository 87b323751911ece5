using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Postrider.Simulator;

/// <summary>What a person allowed an application: one family of refresh tokens.</summary>
internal sealed class Grant
{
    public required Application Application { get; init; }

    public required Account Account { get; init; }

    public required IReadOnlyList<ResourceScope> Scopes { get; init; }

    public required IReadOnlyList<string> OpenIdScopes { get; init; }

    public bool Offline { get; init; }

    public string? Nonce { get; init; }

    /// <summary>Obtained without a credential: refreshing needs none either.</summary>
    public bool Public { get; init; }

    /// <summary>The AADSTS code that answers for a dead family; 0 while it lives.</summary>
    public int RevokedBecause { get; set; }
}

internal sealed class AuthorizationCode
{
    public required Grant Grant { get; init; }

    public required Tenant Tenant { get; init; }

    public required string RedirectUri { get; init; }

    public string? Challenge { get; init; }

    public bool ChallengeIsPlain { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public bool Redeemed { get; set; }
}

internal sealed class RefreshToken
{
    public required string Value { get; init; }

    public required Grant Grant { get; init; }

    public required DateTimeOffset LastUsed { get; set; }

    public DateTimeOffset? ReplacedAt { get; set; }
}

/// <summary>Codes, refresh tokens and consents. One lock, because redeeming and rotating must happen once.</summary>
internal sealed class GrantStore(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, AuthorizationCode> _codes = [];
    private readonly Dictionary<string, RefreshToken> _tokens = [];
    private readonly List<Grant> _grants = [];
    private readonly HashSet<(string Account, Guid Client, string Scope)> _consents = [];

    public static string NewSecret(string prefix) =>
        prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(64)).Replace('+', '-').Replace('/', '_').TrimEnd('=');

    public string AddCode(AuthorizationCode code)
    {
        var value = NewSecret("1.");
        lock (_lock)
            _codes[value] = code;
        return value;
    }

    /// <summary>Redeems a code when <paramref name="check"/> finds nothing wrong; a code is good once (reference 1.8).</summary>
    public AadError? Redeem(string value, Func<AuthorizationCode, AadError?> check, out AuthorizationCode? code)
    {
        lock (_lock)
        {
            if (!_codes.TryGetValue(value, out code))
                return AadErrors.Of(70000, "The provided value for the 'code' parameter is not valid.");
            if (code.Redeemed)
                return AadErrors.Of(54005);
            if (code.ExpiresAt <= time.GetUtcNow())
                return AadErrors.Of(70008);
            var wrong = check(code);
            code.Redeemed = wrong is null;
            return wrong;
        }
    }

    public RefreshToken AddToken(Grant grant)
    {
        var token = new RefreshToken { Value = NewSecret("1.A"), Grant = grant, LastUsed = time.GetUtcNow() };
        lock (_lock)
        {
            _tokens[token.Value] = token;
            if (!_grants.Contains(grant))
                _grants.Add(grant);
        }
        return token;
    }

    public RefreshToken? Find(string value)
    {
        lock (_lock)
            return _tokens.GetValueOrDefault(value);
    }

    /// <summary>Uses a refresh token; gives the one to hand out, or null when the client keeps the old one.</summary>
    public AadError? Use(RefreshToken token, IdentitySettings settings, out string? next)
    {
        next = null;
        var now = time.GetUtcNow();
        lock (_lock)
        {
            if (token.Grant.RevokedBecause is not 0 and var code)
                return AadErrors.Of(code);
            if (now - token.LastUsed >= TimeSpan.FromSeconds(settings.RefreshTokenIdleSeconds))
                return AadErrors.Of(700082);
            if (token.ReplacedAt is { } replaced && IsReuse(replaced, now, settings))
            {
                // A rotated token that comes back may be stolen: nobody keeps access (RFC 9700 §4.14.2).
                token.Grant.RevokedBecause = 70000;
                return AadErrors.Of(70000);
            }
            token.LastUsed = now;
            if (settings.Rotation == RotationMode.None)
                return null;
            token.ReplacedAt ??= now;
        }
        next = AddToken(token.Grant).Value;
        return null;
    }

    public int Revoke(string account, int code)
    {
        lock (_lock)
        {
            var theirs = _grants.Where(g => g.RevokedBecause == 0 && g.Account.Address.Equals(account, StringComparison.OrdinalIgnoreCase)).ToList();
            theirs.ForEach(g => g.RevokedBecause = code);
            if (code == 65001)
                _consents.RemoveWhere(c => c.Account.Equals(account, StringComparison.OrdinalIgnoreCase));
            return theirs.Count;
        }
    }

    public void Consent(Account account, Application application, IEnumerable<ResourceScope> scopes)
    {
        lock (_lock)
        {
            foreach (var scope in scopes)
                _consents.Add(Consented(account, application, scope));
        }
    }

    public bool HasConsent(Account account, Application application, IEnumerable<ResourceScope> scopes)
    {
        lock (_lock)
            return application.AdminConsented || scopes.All(s => s.Permission == ".default" || _consents.Contains(Consented(account, application, s)));
    }

    public void Clear()
    {
        lock (_lock)
        {
            _codes.Clear();
            _tokens.Clear();
            _grants.Clear();
            _consents.Clear();
        }
    }

    private static (string Account, Guid Client, string Scope) Consented(Account account, Application application, ResourceScope scope) =>
        (account.Address, application.ClientId, scope.Audience + " " + scope.Permission);

    private static bool IsReuse(DateTimeOffset replaced, DateTimeOffset now, IdentitySettings settings) => settings.Rotation switch
    {
        RotationMode.Strict => true,
        RotationMode.Grace => now - replaced > TimeSpan.FromSeconds(settings.GraceSeconds),
        _ => false,
    };
}
