namespace Postrider.Simulator;

/// <summary>As much of Microsoft Graph as tells an application when its secrets end.</summary>
internal static class GraphEndpoint
{
    private static readonly string[] MayRead = ["Application.Read.All", "Application.ReadWrite.All", "Directory.Read.All"];

    public static void Map(IEndpointRouteBuilder routes, SimulatorState state) =>
        routes.MapGet("/v1.0/applications(appId='{id}')", (string id, HttpContext context) => (state.Tokens.Read(IntrospectionEndpoint.Bearer(context) ?? ""), state.Directory.FindApplication(id)) switch
        {
            (null or { Audience: not ScopeRequest.Graph }, _) => Fault(StatusCodes.Status401Unauthorized, "InvalidAuthenticationToken", "Access token validation failure. Invalid audience."),
            ({ AppOnly: false }, _) => Denied(),
            ({ Roles: var roles }, _) when !roles.Intersect(MayRead).Any() => Denied(),
            (_, null) => Fault(StatusCodes.Status404NotFound, "Request_ResourceNotFound", $"Resource '{id}' does not exist or one of its queried reference-property objects are not present."),
            (_, { } application) => Results.Json(new
            {
                passwordCredentials = application.Secrets.Select(secret => new { keyId = secret.Id, hint = secret.Value[..3], endDateTime = secret.ExpiresAt ?? DateTimeOffset.MaxValue, secretText = (string?)null }),
            }),
        });

    private static IResult Denied() => Fault(StatusCodes.Status403Forbidden, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");

    private static IResult Fault(int status, string code, string message) => Results.Json(new { error = new { code, message } }, statusCode: status);
}
