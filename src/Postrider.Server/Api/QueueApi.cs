using Microsoft.AspNetCore.Http.HttpResults;
using Postrider.Accounts.Providers;
using Postrider.Client;
using Postrider.Mail.Delivery;
using Postrider.Mail.Queue;
using Postrider.Mail.Waiting;
using Postrider.Server.Console.Auditing;
using Postrider.Storage.Copies;

namespace Postrider.Server.Api;

/// <summary>The resource <c>queue</c>: what waits, why, and for how long.</summary>
internal static class QueueApi
{
    public static void MapQueue(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/queue", Show).WithTags("queue").RequireAuthorization(ApiKeys.Read)
            .WithSummary("Tells what waits, by provider and age, why, and when it will have gone");
        routes.MapGet("/queue/hold", Hold).WithTags("queue").RequireAuthorization(ApiKeys.Read).WithSummary("Tells whether all mail is kept back, and what a release would let go");
        routes.MapGet("/queue/differences", Differences).WithTags("queue").RequireAuthorization(ApiKeys.Read).WithSummary("Lists what the installation that was backed up has dealt with since, in a restored copy that is held");
        routes.MapPost("/queue/hold", HoldAll).WithTags("queue").RequireAuthorization(ApiKeys.Admin).WithSummary("Keeps all mail back until it is released; mail is taken as always").Audited("sending held");
        routes.MapPost("/queue/release", ReleaseAll).WithTags("queue").RequireAuthorization(ApiKeys.Admin).WithSummary("Lets mail go again, after a hold or a restore").Audited("sending released");
    }

    private static async Task<Ok<HoldView>> HoldAll(SendingHold hold, ProviderDirectory providers, CancellationToken cancellation)
    {
        await hold.HoldAsync(cancellation);
        return await Hold(hold, providers, cancellation);
    }

    private static async Task<Ok<HoldView>> ReleaseAll(SendingHold hold, ProviderDirectory providers, CancellationToken cancellation)
    {
        await hold.ReleaseAsync(cancellation);
        return await Hold(hold, providers, cancellation);
    }

    private static async Task<Ok<HoldView>> Hold(SendingHold hold, ProviderDirectory providers, CancellationToken cancellation)
    {
        await hold.LoadAsync(cancellation);
        var now = hold.Now;
        var mail = await hold.CountAsync(cancellation);
        return TypedResults.Ok(new HoldView
        {
            Held = now is not null, Since = now?.Since, BackupMadeAt = now?.BackupMadeAt, Waiting = mail.Waiting, FromBackup = mail.FromBackup, HeldOneByOne = mail.OneByOne,
            ComparedAt = now?.ComparedAt, WaitingThere = now?.WaitingThere, Providers = [.. mail.Providers.Select(one => View(one, providers))],
        });
    }

    private static HeldProvider View(HeldOfProvider one, ProviderDirectory providers)
    {
        long Of(string kind) => one.Differences.GetValueOrDefault(kind);
        return new HeldProvider
        {
            Provider = NameOf(one.ProviderId, providers), Waiting = one.Waiting, FromBackup = one.FromBackup, HeldOneByOne = one.OneByOne,
            OldestAt = one.Oldest is { } oldest ? MessageIds.TimeOf(oldest) : null, NewestAt = one.Newest is { } newest ? MessageIds.TimeOf(newest) : null,
            SentSince = Of(DifferenceKind.Sent), EndedSince = Of(DifferenceKind.Ended), PartlySince = Of(DifferenceKind.Partly), UncertainSince = Of(DifferenceKind.Uncertain),
            HeldSince = Of(DifferenceKind.Held) + Of(DifferenceKind.Unknown),
        };
    }

    private static async Task<Results<Ok<Page<DifferenceView>>, ProblemHttpResult>> Differences(SendingHold hold, ProviderDirectory providers, CancellationToken cancellation, string? cursor = null, int? limit = null)
    {
        if (cursor is not null && MessageIds.Parse(cursor) is null)
            return Problems.Validation("cursor", "Take it from nextCursor of the page before.");
        if (AlertsApi.PageSize(limit) is not { } size)
            return AlertsApi.WrongLimit();
        var found = await hold.DifferencesAsync(MessageIds.Parse(cursor), size + 1, cancellation);
        return TypedResults.Ok(new Page<DifferenceView>
        {
            Items = [.. found.Take(size).Select(one => new DifferenceView
            {
                Id = one.MessageId, Provider = NameOf(one.ProviderId, providers), AcceptedAt = MessageIds.TimeOf(one.MessageId), From = one.MailFrom, Subject = one.Subject,
                Kind = one.Kind, Reached = one.Reached, Waiting = one.Pending, At = one.At is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null,
            })],
            NextCursor = found.Count > size ? found[size - 1].MessageId : null,
        });
    }

    private static string NameOf(string providerId, ProviderDirectory providers) => providers.Find(providerId)?.Name ?? providerId;

    private static async Task<Ok<QueueView>> Show(QueueReport report, Nodes nodes, SendingHold hold, TimeProvider time, CancellationToken cancellation) =>
        TypedResults.Ok(View(await report.MakeAsync(cancellation), await nodes.ListAsync(cancellation), hold.Now, time.GetUtcNow()));

    private static QueueView View(ProviderQueues queues, IReadOnlyList<Node> nodes, HeldSending? held, DateTimeOffset now) => new()
    {
        CountedAt = queues.At,
        HeldSince = held?.Since,
        Waiting = queues.Rows.Sum(queue => queue.Counted.Waiting), Sending = queues.Rows.Sum(queue => queue.Counted.Sending), Held = queues.Rows.Sum(queue => queue.Counted.Held),
        OldestAt = queues.Rows.Count > 0 ? queues.Rows.Min(queue => queue.Counted.OldestAt) : null,
        Providers = [.. queues.Rows.Select(queue => View(queue, now))],
        Nodes = [.. nodes.Select(node => new NodeView
        {
            Name = node.Name, Address = node.Address, Version = node.Version, State = node.IsLive ? "live" : "missing", StartedAt = node.StartedAt, SeenAt = node.SeenAt,
            Leases = node.Leases, Lanes = node.Lanes, ClockAheadSeconds = Math.Round(node.ClockAhead.TotalSeconds, 1), Warning = node.Warning,
        })],
    };

    private static ProviderQueueView View(ProviderQueue queue, DateTimeOffset now)
    {
        var limits = queue.Activity?.Limits ?? queue.Provider?.Limits;
        return new ProviderQueueView
        {
            Provider = queue.Provider?.Name ?? queue.Counted.ProviderId, DisplayName = queue.Provider?.DisplayName ?? "(removed)",
            State = queue.Provider is { } provider ? ProviderWire.State(provider.State) : "removed",
            Waiting = queue.Counted.Waiting, Sending = queue.Counted.Sending, Held = queue.Counted.Held, Scheduled = queue.Counted.Scheduled, Deferred = queue.Counted.Deferred,
            Ages = [.. queue.Counted.ByAge.Select((count, at) => new QueueAge
            {
                UpToMinutes = at < QueueCounts.Ages.Count ? (int)QueueCounts.Ages[at].TotalMinutes : null, Count = count,
            })],
            OldestAt = queue.Counted.OldestAt, NextAttemptAt = queue.Counted.NextDueAt, HeldBack = HeldBack(queue, now),
            Reasons = [.. queue.Reasons.Select(why => new QueueReason { Reason = why.Reason, Remedy = why.Remedy, Count = why.Count })],
            Connections = queue.Activity?.Lanes ?? 0, SentInLastMinute = queue.Activity?.SentInLastMinute ?? 0,
            MessagesPerMinute = limits?.MessagesPerMinute is > 0 and var perMinute ? perMinute : null,
            RecipientsPerDay = limits?.RecipientsPerDay is > 0 and var perDay ? perDay : null,
            RecipientsToday = limits?.RecipientsPerDay > 0 ? queue.RecipientsToday : null, EmptyAt = queue.EmptyAt,
        };
    }

    private static QueueReason? HeldBack(ProviderQueue queue, DateTimeOffset now) => queue switch
    {
        { Provider: { State: not ProviderState.Ready } provider } =>
            new QueueReason { Reason = provider.StateReason ?? "It cannot send now.", Remedy = provider.Remedy, Until = provider.ProbeAt },
        { Activity.Fault: { } fault } =>
            new QueueReason { Reason = fault.Cause, Remedy = fault.Remedy, Until = fault.Until > now ? fault.Until : null },
        _ => null,
    };
}
