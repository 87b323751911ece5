using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts.Providers;
using Postrider.Mail.Delivery;
using Postrider.Mail.Waiting;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.Figures;
using Postrider.Server.Console.People;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages;

internal sealed class QueueModel(FlowFigures figures, SendingHold hold, ProviderDirectory providers) : ConsolePage
{
    /// <summary>Asked before something is done.</summary>
    public Confirmation? Confirm { get; private set; }

    public HeldSending? Held => hold.Now;

    /// <summary>Of a restored copy that is held.</summary>
    public SinceBackup? SinceBackup { get; private set; }

    public Flow Flow { get; private set; } = null!;

    public static IEnumerable<string> AgeHeads => QueueCounts.Ages.Select(age => $"≤ {Moment.Length(age)}").Append($"> {Moment.Length(QueueCounts.Ages[^1])}");

    /// <summary>What waits for all providers together, by age.</summary>
    public Picture Ages
    {
        get
        {
            var counts = AgeHeads.Index().Select(age => (Label: age.Item, Count: Flow.Queues.Sum(queue => queue.Counted.ByAge[age.Index]))).ToList();
            return new("by-age", T["How long it has waited"], "", Chart.Bars([.. counts.Select(age => new Bar(age.Label, [("muted", age.Count)]))], T["Messages that wait, by how long they have waited"], every: 1),
                [("", "□", T["Messages that wait, held ones too"])], [T["Age"], T["Waiting"]], [.. counts.Select(age => (IReadOnlyList<string>)[age.Label, Moment.Number(age.Count)])]);
        }
    }

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Flow = await figures.GetAsync(cancellation);
        if (Held is { BackupMadeAt: not null } held)
            SinceBackup = new(held, await hold.CountAsync(cancellation), providers, Now);
    }

    [Needs(Right.Own)]
    public async Task OnGetHoldAsync(CancellationToken cancellation)
    {
        await OnGetAsync(cancellation);
        Confirm = new(T["Hold all sending"], [T["Mail is taken as always, and none goes out through any provider until somebody releases it."], T["The time that it is held does not count against the lifetime of a message."]],
            T["Hold all sending"], Url.Content("~/queue?handler=Hold"), Url.Content("~/queue")) { Destroys = false };
    }

    [Needs(Right.Own)]
    public async Task OnGetReleaseAsync(CancellationToken cancellation)
    {
        await OnGetAsync(cancellation);
        var mail = SinceBackup?.Mail ?? await hold.CountAsync(cancellation);
        Confirm = new(T["Release sending"], [T.Count(mail.Waiting - mail.OneByOne, "1 message goes out now, at the pace that each provider allows.", "{0} messages go out now, at the pace that each provider allows."),
            .. mail.OneByOne > 0 ? [T.Count(mail.OneByOne, "1 is held by itself and stays so.", "{0} are held one by one and stay so.")] : Array.Empty<string>(),
            .. Held is { BackupMadeAt: not null, ComparedAt: not null } ? [T["The installation that was backed up must not run any more: what it sent after the comparison would be sent a second time."]] : Array.Empty<string>(),
            .. Held is { BackupMadeAt: { } at, ComparedAt: null } ? [T[$"{Moment.Number(mail.FromBackup)} of them come from the backup of {Zone.Day(at)}, and may have been sent by the installation that was backed up, which must not run any more. Hold single ones back in the list of messages first, or ask that installation: postrider restore --compare."]] : Array.Empty<string>()],
            T["Release sending"], Url.Content("~/queue?handler=Release"), Url.Content("~/queue")) { Destroys = Held?.BackupMadeAt is not null };
    }

    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostHoldAsync(CancellationToken cancellation)
    {
        await hold.HoldAsync(cancellation);
        HttpContext.Note("sending held", "");
        return LocalRedirect("~/queue");
    }

    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostReleaseAsync(CancellationToken cancellation)
    {
        await hold.ReleaseAsync(cancellation);
        HttpContext.Note("sending released", "");
        Say(T["Sending is released: mail goes out."]);
        return LocalRedirect("~/queue");
    }

    /// <summary>What holds all of a provider's mail back, then what deferred single messages said.</summary>
    public IReadOnlyList<(string Reason, string? Remedy, long? Count)> Why(ProviderQueue queue)
    {
        var why = new List<(string, string?, long?)>();
        if (queue.Provider is { State: not ProviderState.Ready } provider)
            why.Add((T.Told(provider.StateReason) ?? T["It cannot send now."], provider.Remedy, null));
        else if (queue.Activity?.Fault is { } fault)
            why.Add((T.Told(fault.Cause), $"{T.Told(fault.Remedy)} {T["Tried again {0}.", Moment.InWords(fault.Until, Now)]}", null));
        why.AddRange(queue.Reasons.Select(reason => (reason.Reason, reason.Remedy, (long?)reason.Count)));
        return why;
    }
}
