namespace Postrider.Simulator;

/// <summary>An administrator's consent for the whole tenant (reference 7.5).</summary>
internal static class AdminConsentEndpoint
{
    public static void Map(IEndpointRouteBuilder routes, SimulatorState state)
    {
        foreach (var path in new[] { "/{tenant}/v2.0/adminconsent", "/{tenant}/adminconsent" })
        {
            routes.MapGet(path, (string tenant, HttpContext context) => Show(state, tenant, context, null));
            routes.MapPost(path, async (string tenant, HttpContext context) =>
                Show(state, tenant, context, (await Forms.ReadAsync(context))["decision"]));
        }
    }

    private static IResult Show(SimulatorState state, string segment, HttpContext context, string? decision)
    {
        var query = context.Request.Query;
        if (TenantPath.Find(state, segment) is not { } path)
            return IdentityPages.Error(TenantPath.NotFound(segment));
        if (path.Admit(state, query["client_id"], out var application) is { } refused)
            return IdentityPages.Error(refused);
        string redirectUri = query["redirect_uri"].ToString();
        if (!AuthorizeRequest.IsRegistered(application!, redirectUri))
            return IdentityPages.Error(AadErrors.Of(50011));
        PageSecurity.AllowFormTarget(context, redirectUri);
        var scope = query["scope"] is [{ } text] ? text : ".default";
        var tenant = path.Tenant ?? state.Directory.FindTenant(application!.TenantId.ToString())!;
        if (decision is not ("accept" or "cancel"))
            return IdentityPages.AdminConsent(context.Request.Path + context.Request.QueryString, application!, tenant, scope.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        // admin_consent=True is in both answers (reference 7.5).
        var fields = new List<KeyValuePair<string, string>> { new("admin_consent", "True") };
        if (decision == "accept")
        {
            state.Directory.Add(application! with { AdminConsented = true });
            fields.AddRange([new("tenant", tenant.Id.ToString()), new("scope", scope)]);
        }
        else
        {
            fields.AddRange([new("error", "consent_required"), new("error_description", AadErrors.Of(65004).DescribeWithTrace(state))]);
        }
        if (query["state"] is [{ } unchanged])
            fields.Add(new("state", unchanged));
        return Results.Redirect(new AuthorizeAnswer(redirectUri, "query", fields).AddressWith(fields));
    }
}
