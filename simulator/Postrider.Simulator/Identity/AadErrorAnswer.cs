using System.Globalization;

namespace Postrider.Simulator;

/// <summary>The shapes in which a refusal is sent (reference 1.4).</summary>
internal static class AadErrorAnswer
{
    public static IResult AsJson(this AadError error, SimulatorState state, HttpContext context)
    {
        state.Counters.TokenError(error.Code.ToString(CultureInfo.InvariantCulture));
        NoStore(context);
        if (error.Bare)
            return Results.Json(new { error = error.Error, error_description = error.Text }, statusCode: error.Status);
        var (trace, correlation, timestamp) = (Guid.NewGuid(), Guid.NewGuid(), Timestamp(state));
        var body = new Dictionary<string, object>
        {
            ["error"] = error.Error,
            ["error_description"] = $"{error.Describe()}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {timestamp}",
            ["error_codes"] = new[] { error.Code },
            ["timestamp"] = timestamp,
            ["trace_id"] = trace,
            ["correlation_id"] = correlation,
            ["error_uri"] = $"{context.Request.Scheme}://{context.Request.Host}/error?code={error.Code}",
        };
        if (error.SubError is not null)
            body["suberror"] = error.SubError;
        return Results.Json(body, statusCode: error.Status);
    }

    public static string DescribeWithTrace(this AadError error, SimulatorState state) =>
        $"{error.Describe()} Trace ID: {Guid.NewGuid()} Correlation ID: {Guid.NewGuid()} Timestamp: {Timestamp(state)}";

    public static void NoStore(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store, no-cache";
        context.Response.Headers.Pragma = "no-cache";
    }

    private static string Timestamp(SimulatorState state) =>
        state.Time.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
