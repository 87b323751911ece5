namespace Postrider.Simulator;

/// <summary>The discovery document and the signing keys (reference 1.3).</summary>
internal static class DiscoveryEndpoint
{
    public static void Map(IEndpointRouteBuilder routes, SimulatorState state)
    {
        routes.MapGet("/{tenant}/v2.0/.well-known/openid-configuration", (string tenant, HttpContext context) =>
            TenantPath.Find(state, tenant) is { } path
                ? Results.Json(Document($"{context.Request.Scheme}://{context.Request.Host}", path))
                : TenantPath.NotFound(tenant).AsJson(state, context));
        routes.MapGet("/{tenant}/discovery/v2.0/keys", (string tenant) => Results.Json(new
        {
            keys = new[]
            {
                new { kty = "RSA", use = "sig", alg = "RS256", kid = state.Tokens.KeyId, x5t = state.Tokens.KeyId, n = state.Tokens.Modulus, e = state.Tokens.Exponent },
            },
        }));
    }

    private static Dictionary<string, object> Document(string root, TenantPath path)
    {
        var oauth = $"{root}/{path.Segment}/oauth2/v2.0";
        return new Dictionary<string, object>
        {
            // The issuer has the GUID whatever the URL said, and the literal {tenantid} for common (reference 1.3).
            ["issuer"] = $"{root}/{path.Tenant?.Id.ToString() ?? "{tenantid}"}/v2.0",
            ["authorization_endpoint"] = $"{oauth}/authorize",
            ["token_endpoint"] = $"{oauth}/token",
            ["device_authorization_endpoint"] = $"{oauth}/devicecode",
            ["end_session_endpoint"] = $"{oauth}/logout",
            ["introspection_endpoint"] = $"{oauth}/introspect",
            ["userinfo_endpoint"] = $"{root}/oidc/userinfo",
            ["jwks_uri"] = $"{root}/{path.Segment}/discovery/v2.0/keys",
            ["response_types_supported"] = new[] { "code" },
            ["response_modes_supported"] = new[] { "query", "fragment", "form_post" },
            ["grant_types_supported"] = new[] { "authorization_code", "refresh_token", "client_credentials", DeviceFlow.GrantType, TokenGrants.JwtBearer },
            ["code_challenge_methods_supported"] = new[] { "S256", "plain" },
            ["token_endpoint_auth_methods_supported"] = new[] { "client_secret_post", "private_key_jwt", "client_secret_basic" },
            ["subject_types_supported"] = new[] { "pairwise" },
            ["id_token_signing_alg_values_supported"] = new[] { "RS256" },
            ["scopes_supported"] = new[] { "openid", "profile", "email", "offline_access" },
        };
    }
}
