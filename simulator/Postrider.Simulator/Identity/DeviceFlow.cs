namespace Postrider.Simulator;

/// <summary>The device flow's endpoint and the page where a person types the code (reference 1.6, RFC 8628).</summary>
internal static class DeviceFlow
{
    public const string GrantType = "urn:ietf:params:oauth:grant-type:device_code";

    public static void Map(IEndpointRouteBuilder routes, SimulatorState state)
    {
        routes.MapPost("/{tenant}/oauth2/v2.0/devicecode", async (string tenant, HttpContext context) =>
            Begin(state, tenant, await Forms.ReadAsync(context), context));
        routes.MapGet("/{tenant}/deviceauth", (string tenant, HttpContext context) =>
            IdentityPages.DeviceCode(context.Request.Path, context.Request.Query["user_code"], null));
        routes.MapPost("/{tenant}/deviceauth", async (string tenant, HttpContext context) =>
            Page(state, context, await Forms.ReadAsync(context)));
    }

    private static IResult Begin(SimulatorState state, string segment, IFormCollection form, HttpContext context)
    {
        AadError? error;
        if (TenantPath.Find(state, segment) is not { } tenant)
            return TenantPath.NotFound(segment).AsJson(state, context);
        if (state.IdentityFaults.TakeError("devicecode") is { } onDemand)
            return onDemand.AsJson(state, context);
        if (tenant.Admit(state, form["client_id"], out var application) is { } refused)
            return refused.AsJson(state, context);
        if (form["scope"] is not [{ Length: > 0 } scopeText])
            return AadErrors.Missing("scope").AsJson(state, context);
        if (ScopeRequest.Parse(scopeText, out error) is not { } scope)
            return error!.AsJson(state, context);
        var signIn = state.Devices.Begin(application!, tenant, scope, state.Identity);
        var page = $"{context.Request.Scheme}://{context.Request.Host}/{segment}/deviceauth";
        AadErrorAnswer.NoStore(context);
        return Results.Json(new Dictionary<string, object>
        {
            ["user_code"] = signIn.UserCode,
            ["device_code"] = signIn.DeviceCode,
            ["verification_uri"] = page,
            ["expires_in"] = state.Identity.DeviceCodeSeconds,
            ["interval"] = state.Identity.DeviceIntervalSeconds,
            ["message"] = $"To sign in, use a web browser to open the page {page} and enter the code {signIn.UserCode} to authenticate.",
        });
    }

    private static IResult Page(SimulatorState state, HttpContext context, IFormCollection form)
    {
        string action = context.Request.Path;
        if (state.Devices.Find(form["user_code"]) is not { } signIn)
            return IdentityPages.DeviceCode(action, form["user_code"], "That code did not work. Check it and try again; codes expire.");
        var account = signIn.Tenant.Accounts(state).FirstOrDefault(a => a.Address.Equals(form["account"], StringComparison.OrdinalIgnoreCase));
        if (account is null)
            return IdentityPages.Accounts(action, signIn.Application, signIn.Tenant.Accounts(state), null, signIn.UserCode);
        switch (form["decision"].ToString())
        {
            case "accept":
                Finish(state, signIn, account);
                return IdentityPages.Done("You have signed in", "You may close this page and go back to the application.");
            case "cancel":
                Finish(state, signIn, null);
                return IdentityPages.Done("You declined", "The application does not get access.");
            default:
                return IdentityPages.Consent(action, signIn.Application, account, AuthorizeEndpoint.ScopeTexts(signIn.Scope), signIn.UserCode);
        }
    }

    /// <summary>Ends a device sign-in: with an account that accepts, or with none when it was declined.</summary>
    public static void Finish(SimulatorState state, DeviceSignIn signIn, Account? account)
    {
        if (account is null)
        {
            state.Devices.Finish(signIn, null);
            return;
        }
        state.Grants.Consent(account, signIn.Application, signIn.Scope.Scopes);
        state.Devices.Finish(signIn, new Grant
        {
            Application = signIn.Application,
            Account = account,
            Scopes = signIn.Scope.Scopes,
            OpenIdScopes = signIn.Scope.OpenIdScopes,
            Offline = signIn.Scope.OfflineAccess,
            Public = signIn.Application.PublicClient || signIn.Application.AllowPublicClientFlows,
        });
    }
}
