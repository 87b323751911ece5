using Microsoft.AspNetCore.Http.HttpResults;
using Postrider.Client;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;

namespace Postrider.Server.Api;

/// <summary>Makes links into the console that work once, for whoever holds an administrator's key.</summary>
internal static class ConsoleLinksApi
{
    public static void MapConsoleLinks(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/console/link", Make).WithTags("console").RequireAuthorization(ApiKeys.Admin).Accepts<ConsoleLinkQuestion>("application/json")
            .WithSummary("Makes a link that works once: to create the console's first owner, or to set a person's password");

    private static async Task<Results<Ok<ConsoleLink>, ProblemHttpResult>> Make(
        HttpRequest request, OneTimeLinks links, PeopleDirectory people, CancellationToken cancellation)
    {
        var (question, unreadable) = await WireJson.ReadAsync<ConsoleLinkQuestion>(request, cancellation);
        if (question is null)
            return unreadable!;
        string? id = null;
        if (question.Name is { Length: > 0 } name)
        {
            if (await people.FindByNameAsync(name, cancellation) is not { } person)
                return Problems.NotFound($"person \"{name}\"");
            id = person.Id;
            if (question.ResetWays == true)
                await people.ResetWaysAsync(id, cancellation);
        }
        else if (!await links.NeedsFirstOwnerAsync(cancellation))
            return Problems.Conflict("The console has an owner already.", "Name the person whose password is to be set.");
        request.HttpContext.Note("link made", question.Name ?? "the first owner", question is { Name: not null, ResetWays: true } ? "codes and passkeys taken away" : "");
        var (url, until) = await links.MakeAsync(id, cancellation);
        return TypedResults.Ok(new ConsoleLink { Url = url.AbsoluteUri, ExpiresAt = until });
    }
}
