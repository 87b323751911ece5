using Microsoft.AspNetCore.Http.HttpResults;
using Postrider.Client;
using Postrider.Server.Hosting;

namespace Postrider.Server.Api;

/// <summary>The resource <c>doctor</c>: the test of the installation itself. Each provider has its own.</summary>
internal static class DoctorApi
{
    public static void MapDoctor(this IEndpointRouteBuilder routes) => routes.MapPost("/doctor", Test).RequireAuthorization(ApiKeys.Admin).WithTags("doctor")
        .WithSummary("Looks over the installation itself: doors, certificate, disk, clock, queue and keys");

    private static async Task<Ok<ProviderTestResult>> Test(InstallationDoctor doctor, CancellationToken cancellation) =>
        TypedResults.Ok(ProviderTestApi.View(await doctor.TestAsync(cancellation)));
}
