namespace Postrider.Simulator;

/// <summary>What arrived, for programs.</summary>
internal static class ControlMessages
{
    private const int MostItems = 100_000;

    public static void Map(IEndpointRouteBuilder control, SimulatorState state)
    {
        control.MapGet("/messages", (HttpContext context, int? atLeast, double? timeoutSeconds, long? after, int? limit) =>
            ListAsync(state, context, atLeast ?? 0, timeoutSeconds ?? 30, after ?? 0, limit ?? 1000));
        control.MapDelete("/messages", () =>
        {
            state.Messages.Clear();
            return Results.NoContent();
        });
        control.MapGet("/messages/{id:long}", (long id) =>
            state.Messages.Find(id) is { } message ? Results.Json(message, Json.Options) : Results.NotFound());
        control.MapGet("/messages/{id:long}/raw", (long id) =>
            state.Messages.Find(id) is null ? Results.NotFound()
            : state.Messages.Raw(id) is { } raw ? Results.Bytes(raw, "message/rfc822")
            : Results.StatusCode(StatusCodes.Status410Gone));
        control.MapGet("/refused", () => Results.Json(new { count = state.Messages.Refused.Count, items = state.Messages.Refused }, Json.Options));
    }

    /// <summary>With <paramref name="atLeast"/> the answer comes when so many have arrived, or at the end of the time.</summary>
    private static async Task<IResult> ListAsync(SimulatorState state, HttpContext context, int atLeast, double timeoutSeconds, long after, int limit)
    {
        var complete = true;
        if (atLeast > 0)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            patience.CancelAfter(TimeSpan.FromSeconds(Math.Clamp(timeoutSeconds, 0, 3600)));
            try
            {
                await state.Messages.ArrivedAsync(atLeast, patience.Token);
            }
            catch (OperationCanceledException)
            {
                complete = false;
            }
        }
        return Results.Json(new { count = state.Messages.Count, complete, items = state.Messages.Read(after, Math.Clamp(limit, 0, MostItems)) }, Json.Options);
    }
}
