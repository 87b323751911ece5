using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Authorization;
using OpenTelemetry.Metrics;
using Postrider.Accounts;
using Postrider.Server.Api;

namespace Postrider.Server.Hosting;

/// <summary>Metrics, for whoever collects them: read at <c>/metrics</c> in Prometheus' text, and sent by OTLP where the usual <c>OTEL_*</c>
/// variables name a collector.</summary>
internal static class MetricsApi
{
    private const string Policy = "metrics";

    public static void AddMetricsDoor(this IServiceCollection services, IConfiguration settings)
    {
        services.AddHostedService<Gauges>();
        services.AddOpenTelemetry().WithMetrics(metrics =>
        {
            metrics.AddMeter(AccountsMeters.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime");
            metrics.AddView(instrument => new MetricStreamConfiguration { CardinalityLimit = MostSeries(instrument) });
            metrics.AddPrometheusExporter();
            if (settings["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 } || settings["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"] is { Length: > 0 })
                metrics.AddOtlpExporter();
        });
        services.AddAuthorizationBuilder().AddPolicy(Policy, policy => policy.RequireAssertion(asked =>
            asked.User.HasClaim("scope", ApiKeys.Read) || (asked.Resource is HttpContext context && IsFromHere(context))));
    }

    /// <summary>Those of ours that have a series for each of a few words of our own, such as a reason or a door, and none for each provider.</summary>
    private static readonly string[] Few = ["postrider.message.accepted", "postrider.message.rejected", "postrider.bounce.received", "postrider.webhook.attempts",
        "postrider.auth.failures", "postrider.smtp_server.connections", "postrider.certificate.expiry", "postrider.alert.open", "postrider.storage.free"];

    // Each instrument has room for all its series from its start, 2,000 if nothing is said: 10 MB of which nearly all stays empty.
    private static int MostSeries(Instrument instrument) => instrument.Meter.Name switch
    {
        AccountsMeters.MeterName => Few.Contains(instrument.Name, StringComparer.Ordinal) ? 100 : 2000,
        "System.Runtime" => 50,
        _ => 500,
    };

    public static void MapMetrics(this IEndpointRouteBuilder routes) =>
        routes.MapPrometheusScrapingEndpoint("/metrics").RequireAuthorization(Policy).ExcludeFromDescription();

    /// <summary>Programs on this machine need no key. What a reverse proxy passes on is not from here, wherever the proxy stands.</summary>
    private static bool IsFromHere(HttpContext context) => context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && !context.Request.Headers.ContainsKey("X-Forwarded-For") && !context.Request.Headers.ContainsKey("Forwarded") && !context.Request.Headers.ContainsKey("X-Forwarded-Host");
}
