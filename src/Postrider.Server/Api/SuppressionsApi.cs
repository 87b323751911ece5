using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Postrider.Client;
using Postrider.Mail.Queue;
using Postrider.Server.Console.Auditing;

namespace Postrider.Server.Api;

/// <summary>The resource <c>suppressions</c>: addresses that nothing is sent to.</summary>
internal static class SuppressionsApi
{
    private const int LinesNamed = 100;

    public static void MapSuppressions(this IEndpointRouteBuilder routes)
    {
        var suppressions = routes.MapGroup("/suppressions").WithTags("suppressions");
        suppressions.MapGet("", List).RequireAuthorization(ApiKeys.Read).WithSummary("Lists the addresses that nothing is sent to, the newest first");
        suppressions.MapPost("", Add).RequireAuthorization(ApiKeys.Admin).Accepts<SuppressionInput>("application/json").WithSummary("Puts an address on the list; one that is on it stays as it is");
        suppressions.MapDelete("/{address}", Remove).RequireAuthorization(ApiKeys.Admin).WithSummary("Takes an address off the list: it is sent to again");
        suppressions.MapPost("/import", Import).RequireAuthorization(ApiKeys.Admin).Accepts<string>("text/csv", "text/plain").WithSummary("Puts many on the list: an address a line, with a comma and the reason behind it")
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
    }

    private static async Task<Results<Ok<Page<SuppressionView>>, ProblemHttpResult>> List(SuppressionList list, CancellationToken cancellation, string? q = null, string? cursor = null, int? limit = null)
    {
        if (cursor is not null && MessageIds.Parse(cursor) is null)
            return Problems.Validation("cursor", "Take it from nextCursor of the page before.");
        if (AlertsApi.PageSize(limit) is not { } size)
            return AlertsApi.WrongLimit();
        var found = await list.ListAsync(q, MessageIds.Parse(cursor), size + 1, cancellation);
        return TypedResults.Ok(new Page<SuppressionView> { Items = [.. found.Take(size).Select(View)], NextCursor = found.Count > size ? found[size - 1].Id : null });
    }

    private static async Task<Results<Ok<SuppressionView>, ProblemHttpResult>> Add(HttpContext context, SuppressionList list, CancellationToken cancellation)
    {
        var (input, unreadable) = await WireJson.ReadAsync<SuppressionInput>(context.Request, cancellation);
        if (input is null)
            return unreadable!;
        if (SuppressionList.Key(input.Address, out var why) is not { } key)
            return Problems.Validation("address", why!);
        if (input.Detail?.Length > SuppressionList.LongestDetail)
            return Problems.Validation("detail", $"At most {SuppressionList.LongestDetail} characters.");
        await list.AddAsync([(key, input.Detail ?? "")], MessagesApi.Actor(context.User), cancellation);
        context.Note("suppression added", key, input.Detail ?? "");
        return await list.FindAsync(key, cancellation) is { } entry ? TypedResults.Ok(View(entry)) : Problems.Conflict("Somebody took the address off the list at this moment.", "Add it again.");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Remove(string address, HttpContext context, SuppressionList list, CancellationToken cancellation)
    {
        if (SuppressionList.Key(address, out _) is not { } key || await list.RemoveAsync(key, cancellation) is null)
            return Problems.NotFound($"address \"{address}\" on the list");
        context.Note("suppression removed", key);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<SuppressionsImported>, ProblemHttpResult>> Import(HttpContext context, SuppressionList list, CancellationToken cancellation)
    {
        if (context.Request.ContentType?.StartsWith("text/", StringComparison.OrdinalIgnoreCase) != true)
            return Problems.UnsupportedMediaType("text/csv");
        if (await ReportsApi.ReadAsync(context.Request.Body, SuppressionImport.Longest, cancellation) is not { } bytes)
            return Problems.TooLarge($"An import may have {SuppressionImport.Longest:N0} octets. Divide it.");
        var read = SuppressionImport.Read(Encoding.UTF8.GetString(bytes));
        var added = await list.AddAsync(read.Addresses, MessagesApi.Actor(context.User), cancellation);
        context.Note("suppressions imported", $"{added} of {read.Addresses.Count}");
        return TypedResults.Ok(View(read, added));
    }

    internal static SuppressionsImported View(SuppressionImport read, int added) => new()
    {
        Added = added, Known = read.Addresses.Count - added, NotTakenCount = read.NotTaken.Count,
        NotTaken = [.. read.NotTaken.Take(LinesNamed).Select(one => new ImportLine { Line = one.Line, Text = one.Text, Why = one.Why })],
    };

    internal static SuppressionView View(Suppression entry) => new()
    {
        Address = entry.Address, Reason = entry.Reason, Detail = entry.Detail.Length > 0 ? entry.Detail : null, Actor = entry.Actor, Message = entry.MessageId,
        AddedAt = DateTimeOffset.FromUnixTimeMilliseconds(entry.AddedAt),
    };
}
