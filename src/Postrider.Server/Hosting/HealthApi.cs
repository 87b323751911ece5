using Microsoft.AspNetCore.Http.HttpResults;
using Postrider.Storage;

namespace Postrider.Server.Hosting;

/// <summary>What supervisors ask: is the process alive, and may mail be sent to it.</summary>
internal static class HealthApi
{
    /// <summary>A database that answers later than this is not one to send mail to.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>What a gateway says that runs.</summary>
    public const string Alive = "ok\n";

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/livez", () => TypedResults.Text(Alive)).WithTags("health").WithSummary("The process runs");
        routes.MapGet("/readyz", Ready).WithTags("health").WithSummary("The database answers, its disk has room for mail, and the program is not stopping");
    }

    private static async Task<Results<ContentHttpResult, StatusCodeHttpResult>> Ready(
        Database database, StorageWatch watch, IHostApplicationLifetime lifetime, CancellationToken cancellation)
    {
        if (watch.HasFailed || !database.Answers || !database.HasRoomFor(octets: 0) || lifetime.ApplicationStopping.IsCancellationRequested)
            return TypedResults.StatusCode(StatusCodes.Status503ServiceUnavailable);
        try
        {
            await database.ReadAsync(session => session.SingleAsync<long>("select count(*) from schema_migrations"), cancellation).WaitAsync(Patience, cancellation);
            return TypedResults.Text(Alive);
        }
        catch (Exception wrong) when (wrong is StorageUnavailableException or TimeoutException)
        {
            return TypedResults.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }
    }
}
