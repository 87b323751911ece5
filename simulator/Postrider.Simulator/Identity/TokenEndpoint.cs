namespace Postrider.Simulator;

/// <summary><c>/{tenant}/oauth2/v2.0/token</c>: faults first, then the checks that all grants share, then the grant's own.</summary>
internal static class TokenEndpoint
{
    public static void Map(IEndpointRouteBuilder routes, SimulatorState state)
    {
        var grants = new TokenGrants(state);
        routes.MapPost("/{tenant}/oauth2/v2.0/token", async (string tenant, HttpContext context) =>
        {
            var form = await Forms.ReadAsync(context);
            var grantType = form["grant_type"].ToString();
            state.Counters.TokenRequest(grantType.Length == 0 ? "none" : grantType);
            var fault = state.IdentityFaults.TakeFault();
            if (fault.Mode != TokenEndpointMode.Normal && await FailAsync(fault, state, context) is { } failure)
                return failure;
            return Answer(state, grants, tenant, grantType, form, context) switch
            {
                TokenAnswer.Issued(var body) => Issued(context, body),
                TokenAnswer.Refused(var error) => error.AsJson(state, context),
                _ => Results.StatusCode(500),
            };
        });
    }

    private static TokenAnswer Answer(SimulatorState state, TokenGrants grants, string tenantSegment, string grantType, IFormCollection form, HttpContext context)
    {
        if (TenantPath.Find(state, tenantSegment) is not { } tenant)
            return TenantPath.NotFound(tenantSegment);
        if (grantType.Length == 0)
            return AadErrors.Missing("grant_type");
        if (state.IdentityFaults.TakeError("token", grantType) is { } onDemand)
            return onDemand;
        // Google's service accounts carry their identity in the assertion and send no client_id (reference 5.1).
        if (grantType == TokenGrants.JwtBearer)
            return grants.ServiceAccount(tenant, form);
        var client = ClientAuthentication.Read(context.Request, form);
        if (tenant.Admit(state, client.ClientId, out var application) is { } refusal)
            return refusal;
        if (context.Request.Headers.Origin.Count > 0)
            return AadErrors.Of(9002326);
        var request = new TokenRequest(tenant, application!, client, form, context.Request);
        return grantType switch
        {
            "authorization_code" => grants.AuthorizationCode(request),
            "refresh_token" => grants.Refresh(request),
            "client_credentials" => grants.ClientCredentials(request),
            DeviceFlow.GrantType => grants.DeviceCode(request),
            _ => AadErrors.Of(70003, $"The app requested an unsupported grant type '{grantType}'."),
        };
    }

    private static IResult Issued(HttpContext context, Dictionary<string, object> body)
    {
        AadErrorAnswer.NoStore(context);
        return Results.Json(body);
    }

    /// <summary>Null when the request is to be answered as usual after all.</summary>
    private static async Task<IResult?> FailAsync(TokenEndpointFault fault, SimulatorState state, HttpContext context)
    {
        if (fault.Mode != TokenEndpointMode.Slow)
            state.Counters.TokenError(fault.Mode.ToString().ToLowerInvariant());
        switch (fault.Mode)
        {
            case TokenEndpointMode.Down:
                context.Abort();
                return Results.Empty;
            case TokenEndpointMode.Slow:
                await Task.Delay(TimeSpan.FromMilliseconds(fault.Milliseconds), state.Time, context.RequestAborted);
                return null;
            case TokenEndpointMode.Hang:
                await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                return Results.Empty;
            case TokenEndpointMode.Throttled429:
                if (fault.RetryAfter is { } after)
                    context.Response.Headers.RetryAfter = after;
                return Results.Json(new { error = "temporarily_unavailable", error_description = "Too many requests." }, statusCode: 429);
            case TokenEndpointMode.Html:
                return Results.Content("<!doctype html><title>Welcome to the guest network</title><p>Please accept our terms.", "text/html");
            default:
                return Results.Content("<html><body><h1>503 Service Unavailable</h1></body></html>", "text/html", statusCode: 503);
        }
    }
}

/// <summary>A request to the token endpoint whose application is known.</summary>
internal sealed record TokenRequest(TenantPath Tenant, Application Application, ClientAuthentication Client, IFormCollection Form, HttpRequest Http)
{
    /// <summary>What a client assertion must name as <c>aud</c>, and the base of the issuer.</summary>
    public string BaseUrl => $"{Http.Scheme}://{Http.Host}";

    public string? this[string name] => Form[name] is [{ Length: > 0 } value] ? value : null;

    public AadError? CheckClient(SimulatorState state, bool maybePublic) =>
        Client.Check(state, Application, maybePublic, BaseUrl + Http.Path);
}

/// <summary>What the token endpoint says.</summary>
internal abstract record TokenAnswer
{
    public static implicit operator TokenAnswer(AadError error) => new Refused(error);

    public sealed record Issued(Dictionary<string, object> Body) : TokenAnswer;

    public sealed record Refused(AadError Error) : TokenAnswer;
}
