using Microsoft.AspNetCore.Http.HttpResults;
using Postrider.Accounts.Sealing;
using Postrider.Client;
using Postrider.Server.Console.Auditing;

namespace Postrider.Server.Api;

/// <summary>The resource <c>secrets</c>: the keys that stored secrets are sealed with. No secret is ever shown.</summary>
internal static class SecretsApi
{
    public static void MapSecrets(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/secrets").RequireAuthorization(ApiKeys.Admin).WithTags("secrets");
        group.MapGet("", Show).WithSummary("Tells the keys of the key ring, how many secrets are sealed with each, and how far a rotation has come");
        group.MapPost("/rotate", Rotate).WithSummary("Makes a new key and seals every stored secret with it, while mail goes on; one that runs already goes on");
        group.MapDelete("/keys/{id}", Remove).ProducesProblem(StatusCodes.Status409Conflict).WithSummary("Takes a key that seals nothing any more out of the key ring, for good");
    }

    private static async Task<Ok<SecretsView>> Show(SecretRotation rotation, CancellationToken cancellation) => TypedResults.Ok(View(await rotation.StatusAsync(cancellation)));

    private static async Task<Accepted<SecretsView>> Rotate(HttpContext context, SecretRotation rotation, CancellationToken cancellation)
    {
        context.Note("secrets rotated", "key ring");
        return TypedResults.Accepted("/api/v1/secrets", View(await rotation.BeginAsync(cancellation)));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Remove(string id, HttpContext context, SecretRotation rotation, CancellationToken cancellation)
    {
        context.Note("key removed", id);
        return Guid.TryParse(id, out var key) ? await rotation.RemoveAsync(key, cancellation) switch
        {
            KeyRemoval.Refused refused => Problems.Conflict(refused.Cause, refused.Remedy),
            KeyRemoval.Unknown => Problems.NotFound($"key \"{id}\""),
            _ => TypedResults.NoContent(),
        } : Problems.NotFound($"key \"{id}\"");
    }

    internal static SecretsView View(SecretStatus status) => new()
    {
        Keys = [.. status.Keys.Select(key => new SecretKeyView { Id = key.Id.ToString(), CreatedAt = key.CreatedAt, Current = key.IsCurrent, Locked = key.IsLocked, Secrets = key.Secrets })],
        SecretsWithoutKey = status.SecretsWithoutKey, Rotating = status.IsRotating, StartedAt = status.StartedAt, FinishedAt = status.FinishedAt,
    };
}
