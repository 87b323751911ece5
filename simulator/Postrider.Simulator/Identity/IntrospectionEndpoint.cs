namespace Postrider.Simulator;

/// <summary>Says what an access token is worth (RFC 7662), for servers such as Dovecot that check bearer tokens by HTTP:
/// <c>POST token=</c>, <c>GET ?token=</c> or <c>Authorization: Bearer</c>. Microsoft has no such endpoint.</summary>
internal static class IntrospectionEndpoint
{
    public static void Map(IEndpointRouteBuilder routes, SimulatorState state)
    {
        routes.MapPost("/{tenant}/oauth2/v2.0/introspect", async (string tenant, HttpContext context) =>
            Results.Json(Describe(state, (await Forms.ReadAsync(context))["token"] is [{ Length: > 0 } token] ? token : Bearer(context))));
        routes.MapGet("/{tenant}/oauth2/v2.0/introspect", (string tenant, HttpContext context) =>
            Results.Json(Describe(state, context.Request.Query["token"] is [{ Length: > 0 } token] ? token : Bearer(context))));
        routes.MapGet("/oidc/userinfo", (HttpContext context) =>
            state.Tokens.Read(Bearer(context) ?? "") is { Upn: { } upn } && state.Directory.FindAccount(upn) is { } account
                ? Results.Json(new { sub = account.ObjectId, name = account.DisplayName, email = account.Address })
                : Results.Unauthorized());
    }

    internal static string? Bearer(HttpContext context) =>
        context.Request.Headers.Authorization is [{ } header] && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..].Trim() : null;

    private static Dictionary<string, object> Describe(SimulatorState state, string? text)
    {
        if (state.Tokens.Read(text ?? "") is not { } token)
            return new Dictionary<string, object> { ["active"] = false };
        var answer = new Dictionary<string, object>
        {
            ["active"] = true,
            ["token_type"] = "Bearer",
            ["aud"] = token.Audience,
            ["client_id"] = token.AppId,
            ["exp"] = token.Expires,
            ["scope"] = string.Join(' ', token.AppOnly ? token.Roles : token.Scopes),
        };
        if (token.Upn is { } upn)
        {
            answer["username"] = upn;
            answer["upn"] = upn;
            answer["email"] = upn;
            answer["sub"] = upn;
        }
        return answer;
    }
}
