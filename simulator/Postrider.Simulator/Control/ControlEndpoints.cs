using System.Text.Json;
using System.Text.Json.Nodes;

namespace Postrider.Simulator;

/// <summary>The control API: what tests in other processes, and the demo, do to the simulator. Described in the README.</summary>
internal static class ControlEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, SimulatorState state)
    {
        var control = routes.MapGroup("/control");
        ControlMessages.Map(control, state);

        control.MapGet("/state", () => Results.Json(ControlState.Of(state), Json.Options));
        control.MapPut("/state", Do<ControlState>(put => put.ApplyTo(state)));
        control.MapPatch("/state", Do<JsonObject>(patch => MergePatch(state, patch)));
        control.MapPost("/reset", () => Done(state.Reset));

        control.MapPut("/token-endpoint", Do<TokenEndpointFault>(fault => state.IdentityFaults.TokenEndpoint = fault));
        control.MapPost("/next-error", Do<NextError>(state.IdentityFaults.Add));
        control.MapDelete("/next-error", () => Done(state.IdentityFaults.Clear));
        control.MapPost("/revoke", Answer<RevokeRequest>(r => new { revoked = state.RevokeGrants(r.Account, r.Code) }));

        control.MapPost("/tenants", Do<Tenant>(state.Directory.Add));
        control.MapPost("/applications", Do<Application>(state.Directory.Add));
        control.MapPost("/accounts", Do<Account>(state.Directory.Add));
        control.MapDelete("/tenants/{id:guid}", (Guid id) => Found(state.Directory.RemoveTenant(id)));
        control.MapDelete("/applications/{id:guid}", (Guid id) => Found(state.Directory.RemoveApplication(id)));
        control.MapDelete("/accounts/{address}", (string address) => Found(state.Directory.RemoveAccount(address)));

        control.MapPost("/smtp-faults", Do<SmtpFault>(state.SmtpFaults.Add));
        control.MapGet("/smtp-faults", () => Results.Json(state.SmtpFaults.All, Json.Options));
        control.MapDelete("/smtp-faults", () => Done(state.SmtpFaults.Clear));

        control.MapGet("/counters", () => Results.Json(state.Counters.Read(), Json.Options));
        control.MapDelete("/counters", () => Done(state.Counters.Clear));

        control.MapPost("/consent", Answer<ConsentRequest>(request => Consent(state, request)));
        control.MapPost("/device", Answer<DeviceRequest>(request => Device(state, request)));
    }

    private static object Consent(SimulatorState state, ConsentRequest request) =>
        new ConsentWalk(state).Walk(request.AuthorizeUrl, request.Account, request.Decision != "cancel") switch
        {
            ConsentResult.Redirected(var answer) => new
            {
                redirect = answer.AddressWith(answer.Fields),
                redirectUri = answer.RedirectUri,
                responseMode = answer.ResponseMode,
                fields = answer.Fields.ToDictionary(),
            },
            ConsentResult.Stopped(var error) => Results.Json(new { error = error.Error, description = error.Describe() }, statusCode: 400),
            _ => Results.StatusCode(500),
        };

    private static object Device(SimulatorState state, DeviceRequest request)
    {
        if (state.Devices.Find(request.UserCode) is not { } signIn)
            return Results.Json(new { error = "bad_verification_code", description = "No sign-in waits for that user code." }, statusCode: 400);
        if (signIn.Tenant.Accounts(state).FirstOrDefault(a => a.Address.Equals(request.Account, StringComparison.OrdinalIgnoreCase)) is not { } account)
            return Results.Json(new { error = "invalid_request", description = "No such account in the tenant." }, statusCode: 400);
        DeviceFlow.Finish(state, signIn, request.Decision == "cancel" ? null : account);
        return Results.NoContent();
    }

    /// <summary>RFC 7396 on what <c>GET /control/state</c> shows, so that one switch can be named alone.</summary>
    private static void MergePatch(SimulatorState state, JsonObject patch)
    {
        var current = JsonSerializer.SerializeToNode(ControlState.Of(state), Json.Options)!.AsObject();
        Merge(current, patch);
        current.Deserialize<ControlState>(Json.Options)!.ApplyTo(state);
    }

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
                target.Remove(name);
            else if (value is JsonObject inner && target[name] is JsonObject existing)
                Merge(existing, inner);
            else
                target[name] = value.DeepClone();
        }
    }

    private static Delegate Do<T>(Action<T> apply) where T : class => Answer<T>(value =>
    {
        apply(value);
        return Results.NoContent();
    });

    private static Delegate Answer<T>(Func<T, object> apply) where T : class =>
        (HttpContext context) => ReadAsync(context, apply);

    /// <summary>Reads a JSON body; what is wrong with it is said in words.</summary>
    private static async Task<IResult> ReadAsync<T>(HttpContext context, Func<T, object> apply) where T : class
    {
        try
        {
            var value = await JsonSerializer.DeserializeAsync<T>(context.Request.Body, Json.Options, context.RequestAborted);
            if (value is null)
                return Results.Json(new { error = "invalid_request", description = "The body is empty." }, statusCode: 400);
            var answer = apply(value);
            return answer as IResult ?? Results.Json(answer, Json.Options);
        }
        catch (JsonException e)
        {
            return Results.Json(new { error = "invalid_request", description = e.Message }, statusCode: 400);
        }
    }

    private static IResult Done(Action action)
    {
        action();
        return Results.NoContent();
    }

    private static IResult Found(bool found) => found ? Results.NoContent() : Results.NotFound();
}
