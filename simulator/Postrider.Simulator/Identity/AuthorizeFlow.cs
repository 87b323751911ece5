namespace Postrider.Simulator;

/// <summary>The sign-in without its pages: checks the request, asks for consent where it is missing, issues the code.
/// The pages and the control API's headless walk both go through here.</summary>
internal sealed class AuthorizeFlow(SimulatorState state)
{
    public AuthorizeStep Begin(string tenantSegment, IQueryCollection query)
    {
        string? Parameter(string name) => query[name] is [{ Length: > 0 } value] ? value : null;

        if (TenantPath.Find(state, tenantSegment) is not { } tenant)
            return new AuthorizeStep.Stop(TenantPath.NotFound(tenantSegment));
        if (tenant.Admit(state, Parameter("client_id"), out var application) is { } refusal)
            return new AuthorizeStep.Stop(refusal);
        var redirectUri = Parameter("redirect_uri") ?? (application!.RedirectUris is [var only] ? only : "");
        if (!AuthorizeRequest.IsRegistered(application!, redirectUri))
            return new AuthorizeStep.Stop(AadErrors.Of(50011, $"The redirect URI '{redirectUri}' specified in the request does not match the redirect URIs configured for the application '{application!.ClientId}'."));

        var request = new AuthorizeRequest(tenant, application!, redirectUri, Parameter("response_mode") ?? "query", Parameter("state"))
        {
            LoginHint = Parameter("login_hint"),
            Prompt = Parameter("prompt"),
            Nonce = Parameter("nonce"),
            Challenge = Parameter("code_challenge"),
            ChallengeIsPlain = Parameter("code_challenge_method") != "S256",
            AccessTypeOffline = Parameter("access_type") == "offline",
        };
        if (request.ResponseMode is not ("query" or "form_post" or "fragment"))
            return new AuthorizeStep.Return(Refuse(request with { ResponseMode = "query" }, AadErrors.Of(90023, "Unsupported 'response_mode' value.")));
        if (state.IdentityFaults.TakeError("authorize") is { } onDemand)
            return new AuthorizeStep.Return(Refuse(request, onDemand));
        if (Parameter("response_type") != "code")
            return new AuthorizeStep.Return(Refuse(request, AadErrors.Of(700054)));
        if (Parameter("scope") is not { } scopeText)
            return new AuthorizeStep.Return(Refuse(request, AadErrors.Missing("scope")));
        if (ScopeRequest.Parse(scopeText, out var invalid) is not { } scope)
            return new AuthorizeStep.Return(Refuse(request, invalid!));
        // BASE64URL(SHA-256) without padding has 43 characters, a plain verifier up to 128 (RFC 7636 §4).
        if (request.Challenge is { } challenge && challenge.Length is < 43 or > 128)
            return new AuthorizeStep.Return(Refuse(request, AadErrors.Of(501491)));
        // Browser sessions are not pretended: prompt=none never finds one.
        if (request.Prompt == "none")
            return new AuthorizeStep.Return(Refuse(request, AadErrors.Of(50058)));
        return new AuthorizeStep.Choose(request with { Scope = scope });
    }

    public Account? FindAccount(AuthorizeRequest request, string? address) =>
        request.Tenant.Accounts(state).FirstOrDefault(a => a.Address.Equals(address, StringComparison.OrdinalIgnoreCase));

    public bool NeedsConsent(AuthorizeRequest request, Account account) =>
        request.Prompt == "consent" || !state.Grants.HasConsent(account, request.Application, request.Scope.Scopes);

    public AuthorizeAnswer Accept(AuthorizeRequest request, Account account)
    {
        if (account.TokenError != 0)
            return Refuse(request, AadErrors.Of(account.TokenError));
        if (request.Application is { AdminConsentRequired: true, AdminConsented: false })
            return Refuse(request, AadErrors.Of(90094));
        state.Grants.Consent(account, request.Application, request.Scope.Scopes);
        var grant = new Grant
        {
            Application = request.Application,
            Account = account,
            Scopes = request.Scope.Scopes,
            OpenIdScopes = request.Scope.OpenIdScopes,
            Offline = request.Scope.OfflineAccess || request.AccessTypeOffline,
            Nonce = request.Nonce,
            Public = request.Application.PublicClient,
        };
        var code = state.Grants.AddCode(new AuthorizationCode
        {
            Grant = grant,
            Tenant = state.Directory.FindTenant(account.TenantId.ToString())!,
            RedirectUri = request.RedirectUri,
            Challenge = request.Challenge,
            ChallengeIsPlain = request.ChallengeIsPlain,
            ExpiresAt = state.Time.GetUtcNow().AddSeconds(state.Identity.CodeSeconds),
        });
        return Answer(request, [new("code", code)], [new("session_state", Guid.NewGuid().ToString())]);
    }

    public AuthorizeAnswer Refuse(AuthorizeRequest request, AadError error) =>
        Answer(request, [new("error", error.Error), new("error_description", error.DescribeWithTrace(state))], []);

    private static AuthorizeAnswer Answer(AuthorizeRequest request, KeyValuePair<string, string>[] first, KeyValuePair<string, string>[] last) =>
        new(request.RedirectUri, request.ResponseMode, request.State is { } s ? [.. first, new("state", s), .. last] : [.. first, .. last]);
}
