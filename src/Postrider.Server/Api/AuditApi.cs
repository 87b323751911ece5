using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Postrider.Client;
using Postrider.Mail.Queue;
using Postrider.Server.Console.Auditing;

namespace Postrider.Server.Api;

/// <summary>The resource <c>audit</c>: who did what, from where. It can be read, and neither changed nor removed.</summary>
internal static class AuditApi
{
    public static void MapAudit(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/audit", List).RequireAuthorization(ApiKeys.Admin).WithTags("audit")
            .WithSummary("Lists acts of people and keys, and every look at what a message says; the newest first");
        routes.MapGet("/audit/verify", Verify).RequireAuthorization(ApiKeys.Admin).WithTags("audit")
            .WithSummary("Tells whether the audit is as it was written: no row changed, taken out, put in or cut off");
    }

    private static async Task<Ok<AuditVerification>> Verify(AuditChain chain, CancellationToken cancellation)
    {
        var report = await chain.VerifyAsync(cancellation);
        return TypedResults.Ok(new AuditVerification
        {
            Holds = report.Holds, Rows = report.Rows, Unchained = report.Unchained, Unjudged = report.Unjudged, Head = Head(report.Head), KeptHead = Head(report.Kept), Problems = report.Problems,
        });
    }

    private static AuditHeadView? Head(ChainHead? head) => head is null ? null : new() { Number = head.Number, Hash = head.Hash, At = head.At };

    /// <summary>The filters, as they are written in an address.</summary>
    internal sealed record AuditQuery
    {
        [FromQuery(Name = "actor")] public string? Actor { get; init; }
        [FromQuery(Name = "action")] public string? Action { get; init; }
        [FromQuery(Name = "target")] public string? Target { get; init; }
        [FromQuery(Name = "door")] public string? Door { get; init; }
        [FromQuery(Name = "since")] public string? Since { get; init; }
        [FromQuery(Name = "until")] public string? Until { get; init; }
        [FromQuery(Name = "cursor")] public string? Cursor { get; init; }

        /// <returns>What is asked for, and by member what is wrong with it.</returns>
        public (AuditFilter Filter, Dictionary<string, string[]> Errors) Read()
        {
            var errors = new Dictionary<string, string[]>();
            if (Door is not null && !AuditFilter.Doors.Contains(Door))
                errors["door"] = [$"Write one of {string.Join(", ", AuditFilter.Doors)}."];
            if (Cursor is not null && MessageIds.Parse(Cursor) is null)
                errors["cursor"] = ["Take it from nextCursor of the page before."];
            return (new(Actor, Action, Target, Door, MessageQuery.Moment("since", Since, errors), MessageQuery.Moment("until", Until, errors), MessageIds.Parse(Cursor)), errors);
        }
    }

    private static async Task<Results<Ok<Page<AuditView>>, ProblemHttpResult>> List([AsParameters] AuditQuery query, AuditLog log, CancellationToken cancellation, int? limit = null)
    {
        var (filter, errors) = query.Read();
        if (errors.Count > 0)
            return Problems.Validation(errors);
        if (AlertsApi.PageSize(limit) is not { } size)
            return AlertsApi.WrongLimit();
        var found = await log.ListAsync(filter, size + 1, cancellation);
        return TypedResults.Ok(new Page<AuditView> { Items = [.. found.Take(size).Select(View)], NextCursor = found.Count > size ? found[size - 1].Id : null });
    }

    internal static AuditView View(AuditEntry entry) => new()
    {
        Id = entry.Id, At = DateTimeOffset.FromUnixTimeMilliseconds(entry.At), Actor = entry.Actor, Door = entry.Door, Action = entry.Action, Target = entry.Target, Detail = entry.Detail, Address = entry.Address,
        Number = entry.Seq, Hash = entry.Hash,
    };
}
