using Postrider.Accounts.Providers;
using Postrider.Mail.Waiting;
using Postrider.Server.Console.Figures;
using Postrider.Server.Console.Ui;

namespace Postrider.Server.Console.Pages;

internal sealed class QueueModel(FlowFigures figures) : ConsolePage
{
    public Flow Flow { get; private set; } = null!;

    public static IEnumerable<string> AgeHeads => QueueReport.Ages.Select(age => $"≤ {Moment.Length(age)}").Append($"> {Moment.Length(QueueReport.Ages[^1])}");

    public async Task OnGetAsync(CancellationToken cancellation) => Flow = await figures.GetAsync(cancellation);

    /// <summary>What holds all of a provider's mail back, then what deferred single messages said.</summary>
    public IReadOnlyList<(string Reason, string? Remedy, long? Count)> Why(ProviderQueue queue)
    {
        var why = new List<(string, string?, long?)>();
        if (queue.Provider is { State: not ProviderState.Ready } provider)
            why.Add((provider.StateReason ?? "It cannot send now.", provider.Remedy, null));
        else if (queue.Activity?.Fault is { } fault)
            why.Add((fault.Cause, $"{fault.Remedy} Tried again {Moment.InWords(fault.Until, Now)}.", null));
        why.AddRange(queue.Reasons.Select(reason => (reason.Reason, reason.Remedy, (long?)reason.Count)));
        return why;
    }
}
