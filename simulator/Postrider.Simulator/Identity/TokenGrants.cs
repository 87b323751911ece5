using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Postrider.Simulator;

/// <summary>The grants of the token endpoint, one method each.</summary>
internal sealed class TokenGrants(SimulatorState state)
{
    public const string JwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    private static readonly string[] DefaultGraphPermissions = ["Mail.Send", "User.Read"];
    private static readonly string[] DefaultMailPermissions = ["SMTP.Send", "IMAP.AccessAsUser.All"];

    public TokenAnswer AuthorizationCode(TokenRequest request)
    {
        if (request.CheckClient(state, maybePublic: false) is { } refused)
            return refused;
        if (request["code"] is not { } value)
            return AadErrors.Missing("code");
        if (ReadScope(request, out var scope) is { } invalid)
            return invalid;
        // Several resources may be named at /authorize, but one at /token (reference 1.4).
        if (scope?.Audiences.Count() > 1)
            return AadErrors.Of(28000, $"Provided value for the input parameter scope is not valid because it contains more than one resource. Scope {request["scope"]} is not valid.");
        var wrong = state.Grants.Redeem(value, code => CheckCode(code, request), out var code);
        if (wrong is not null)
            return wrong;
        var grant = code!.Grant;
        return Issue(request, grant, scope, grant.Offline ? state.Grants.AddToken(grant).Value : null);
    }

    public TokenAnswer Refresh(TokenRequest request)
    {
        if (request["refresh_token"] is not { } value)
            return AadErrors.Missing("refresh_token");
        var token = state.Grants.Find(value);
        if (request.CheckClient(state, maybePublic: token?.Grant.Public ?? false) is { } refused)
            return refused;
        if (token is null || token.Grant.Application.ClientId != request.Application.ClientId)
            return AadErrors.Of(70000, "The provided value for the 'refresh_token' parameter is not valid.");
        if (CurrentAccount(token.Grant) is not { } account)
            return AadErrors.Of(50034);
        if (account.TokenError != 0)
            return AadErrors.Of(account.TokenError);
        if (ReadScope(request, out var scope) is { } invalid)
            return invalid;
        // A refresh token is bound to user and client, not to a resource; new scopes need consent of their own (reference 1.5).
        if (scope is not null && !state.Grants.HasConsent(account, request.Application, scope.Scopes))
            return AadErrors.Of(65001, $"The user or administrator has not consented to use the application with ID '{request.Application.ClientId}' named '{request.Application.DisplayName}'. Send an interactive authorization request for this user and resource.");
        return state.Grants.Use(token, state.Identity, out var next) is { } dead ? dead : Issue(request, token.Grant, scope, next);
    }

    public TokenAnswer ClientCredentials(TokenRequest request)
    {
        if (request.Tenant.Tenant is not { } tenant)
            return AadErrors.Of(9001023);
        if (request.CheckClient(state, maybePublic: false) is { } refused)
            return refused.Code == 7000218 ? AadErrors.Of(7000216) : refused;
        if (request["scope"] is null)
            return AadErrors.Missing("scope");
        if (ReadScope(request, out var scope) is { } invalid)
            return invalid;
        if (scope is not { IsDefault: true, OpenIdScopes.Count: 0 })
            return AadErrors.Of(1002012);
        var audience = scope.Scopes[0].Audience;
        var roles = audience == ScopeRequest.Graph ? request.Application.GraphRoles : request.Application.AppRoles;
        var token = state.Tokens.AccessToken(request.Application, tenant, null, audience, roles, state.Identity.AccessTokenSeconds, publicClient: false);
        return new TokenAnswer.Issued(Body(token, scope: null));
    }

    public TokenAnswer DeviceCode(TokenRequest request)
    {
        var mayBePublic = request.Application.AllowPublicClientFlows;
        if (request.CheckClient(state, mayBePublic) is { } refused)
            return refused;
        if (request["device_code"] is not { } value)
            return AadErrors.Missing("device_code");
        if (state.Devices.Poll(value, request.Application, out var grant) is { } wait)
            return wait;
        return Issue(request, grant!, null, grant!.Offline ? state.Grants.AddToken(grant).Value : null);
    }

    /// <summary>Google's domain-wide delegation: a JWT signed with the service account's key names the mailbox (reference 5.1).
    /// The service account is an application here, <c>iss</c> its client id.</summary>
    public TokenAnswer ServiceAccount(TenantPath tenant, IFormCollection form)
    {
        if (Jwt.Read(form["assertion"].ToString()) is not { } jwt)
            return AadErrors.Of(50012) with { Error = "invalid_grant", Status = 400 };
        if (tenant.Admit(state, jwt["iss"], out var application) is { } refused)
            return refused;
        using var key = AssertionSigner.Find(application!, jwt, out var error);
        if (key is null)
            return error! with { Error = "invalid_grant", Status = 400 };
        var now = state.Time.GetUtcNow().ToUnixTimeSeconds();
        if (jwt.Seconds("exp") <= now || jwt.Seconds("exp") - jwt.Seconds("iat") > 3600)
            return AadErrors.Of(700024) with { Error = "invalid_grant", Status = 400 };
        if (state.Directory.FindAccount(jwt["sub"]) is not { } account || !account.Applications.Contains(application!.ClientId))
            return AadErrors.Of(700016, "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.");
        if (ScopeRequest.Parse(jwt["scope"] ?? "", out var invalid) is not { Scopes.Count: > 0 } scope)
            return invalid ?? AadErrors.Of(70011);
        var owner = state.Directory.FindTenant(account.TenantId.ToString())!;
        var token = state.Tokens.AccessToken(application, owner, account, scope.Scopes[0].Audience, scope.Scopes.Select(s => s.Permission), state.Identity.AccessTokenSeconds, publicClient: false);
        return new TokenAnswer.Issued(Body(token, scope: null));
    }

    private static AadError? CheckCode(AuthorizationCode code, TokenRequest request)
    {
        if (code.Grant.Application.ClientId != request.Application.ClientId)
            return AadErrors.Of(70000, "The provided value for the 'code' parameter is not valid.");
        if (request.Tenant.Tenant is { } tenant && tenant.Id != code.Tenant.Id)
            return AadErrors.Of(700005);
        if (request["redirect_uri"] != code.RedirectUri)
            return AadErrors.Of(500112);
        return CheckVerifier(code, request["code_verifier"]);
    }

    private static AadError? CheckVerifier(AuthorizationCode code, string? verifier)
    {
        // A verifier without a challenge is refused too: it is how a downgrade of PKCE shows itself (RFC 9700 §2.1.1).
        if (code.Challenge is null)
            return verifier is null ? null : AadErrors.Of(50147);
        if (verifier is null)
            return AadErrors.Of(501481);
        var computed = code.ChallengeIsPlain ? verifier : Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        return computed == code.Challenge ? null : AadErrors.Of(501481);
    }

    private static AadError? ReadScope(TokenRequest request, out ScopeRequest? scope)
    {
        scope = null;
        if (request["scope"] is not { } text)
            return null;
        scope = ScopeRequest.Parse(text, out var invalid);
        return invalid;
    }

    private Account? CurrentAccount(Grant grant) => state.Directory.FindAccount(grant.Account.Address);

    private TokenAnswer.Issued Issue(TokenRequest request, Grant grant, ScopeRequest? asked, string? refreshToken)
    {
        var scopes = asked is { Scopes.Count: > 0 } ? asked.Scopes : grant.Scopes;
        // Of several resources the first one wins (reference 1.5, 2.1).
        var audience = scopes.Count > 0 ? scopes[0].Audience : ScopeRequest.Graph;
        var granted = scopes.Where(s => s.Audience == audience).SelectMany(Expand).ToList();
        var openId = grant.OpenIdScopes.Where(s => s != "offline_access").ToList();
        var tenant = state.Directory.FindTenant(grant.Account.TenantId.ToString())!;
        var token = state.Tokens.AccessToken(
            grant.Application, tenant, grant.Account, audience,
            granted.Count > 0 ? granted.Select(s => s.Permission) : openId, state.Identity.AccessTokenSeconds, grant.Public);
        var body = Body(token, string.Join(' ', granted.Select(s => s.Text).Concat(openId)));
        if (refreshToken is not null)
            body["refresh_token"] = refreshToken;
        if (grant.OpenIdScopes.Contains("openid"))
            body["id_token"] = state.Tokens.IdToken($"{request.BaseUrl}/{tenant.Id}/v2.0", grant.Application, tenant, grant.Account, grant.Nonce);
        return new TokenAnswer.Issued(body);
    }

    /// <summary><c>.default</c> stands for what the registration lists.</summary>
    private static IEnumerable<ResourceScope> Expand(ResourceScope scope) => scope.Permission != ".default"
        ? [scope]
        : (scope.Audience == ScopeRequest.Graph ? DefaultGraphPermissions : DefaultMailPermissions)
            .Select(p => new ResourceScope($"{scope.Audience}/{p}", scope.Audience, p));

    private Dictionary<string, object> Body(string token, string? scope)
    {
        var body = new Dictionary<string, object>
        {
            ["token_type"] = "Bearer",
            ["expires_in"] = state.Identity.AccessTokenSeconds,
            ["ext_expires_in"] = state.Identity.AccessTokenSeconds,
            ["access_token"] = token,
        };
        if (scope is not null)
            body["scope"] = scope;
        return body;
    }
}
