using Microsoft.AspNetCore.Mvc;
using Postrider.Mail.History;
using Postrider.Mail.Queue;
using Postrider.Server.Api;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Messages;

internal sealed class MessageDetailModel(MessageHistory history, MessageViews views, MessageQueue queue) : ConsolePage
{
    public Client.MessageDetail Message { get; private set; } = null!;

    /// <summary>Acts and attempts in the order of time.</summary>
    public IEnumerable<(DateTimeOffset At, string Title, string Text, string? Reply, Client.MessageAttempt? Said)> Story => Message.Events
        .Select(told => (told.At, (string)T[$"{T[told.Kind]} by {told.Actor}"], T.Told(told.Detail), (string?)null, (Client.MessageAttempt?)null))
        .Concat(Message.Attempts.Select(attempt => (attempt.FinishedAt, (string)T[$"attempt {attempt.Number} through {attempt.Provider}: {T[attempt.Outcome]}"],
            attempt.Recipients.Count > 0 ? "" : string.Join(' ', new[] { T.Told(attempt.Cause), T.Told(attempt.Remedy) }.Where(text => text is not null)), (string?)Said(attempt), attempt.Transcript is null ? null : attempt)))
        .Concat(Message.Reports.Select(report => (report.ReceivedAt, (string)(report.Recipient is { } who ? T[$"came back: {Returned.Word(report.Kind)}, {who}"] : T[$"came back: {Returned.Word(report.Kind)}"]), Meaning(report), report.Diagnostic, (Client.MessageAttempt?)null)))
        .OrderBy(entry => entry.Item1);

    private static string Meaning(Client.ReportView report) => string.Join(' ', new[]
    {
        report.Class is { } about ? (report.Status is { } status ? $"{Returned.About(about)} ({status})." : $"{Returned.About(about)}.") : null, report.Certainty == "certain" ? null : (string)T["It is probably about this message; nothing follows from that."],
    }.OfType<string>());

    /// <summary>What the provider said; of each recipient, where it did not say the same of all.</summary>
    private static string Said(Client.MessageAttempt attempt) => attempt.Recipients.Count == 0 ? attempt.Reply
        : string.Join('\n', attempt.Recipients.Select(one => $"{one.Address}: {one.Reply}").Append(T[$"to the message: {attempt.Reply}"]));

    /// <summary>Its page follows it until all is said.</summary>
    public bool IsUnderWay => Message.State is not ("sent" or "failed" or "bounced" or "cancelled" or "delivered");

    public IEnumerable<(string Act, string Label)> Acts => Message.State switch
    {
        "queued" => [("Retry", T["Try now"]), ("Hold", T["Hold"]), ("Cancel", T["Stop trying"])],
        "held" => [("Release", T["Release"]), ("Cancel", T["Stop trying"])],
        "failed" or "bounced" or "cancelled" => [("Retry", T["Send again"])],
        _ => [],
    };

    public async Task<IActionResult> OnGetAsync(string id, CancellationToken cancellation) => await FindAsync(id, cancellation) ? Page() : Missing(T["There is no such message"]);

    [Needs(Right.Operate)]
    public Task<IActionResult> OnPostRetryAsync(string id, CancellationToken cancellation) => ActAsync(id, "retried", T["It is tried now."], queue.RetryAsync, cancellation);

    [Needs(Right.Operate)]
    public Task<IActionResult> OnPostHoldAsync(string id, CancellationToken cancellation) => ActAsync(id, "held", T["It is held until it is released."], queue.HoldAsync, cancellation);

    [Needs(Right.Operate)]
    public Task<IActionResult> OnPostReleaseAsync(string id, CancellationToken cancellation) => ActAsync(id, "released", T["It goes out now."], queue.ReleaseHeldAsync, cancellation);

    [Needs(Right.Operate)]
    public Task<IActionResult> OnPostCancelAsync(string id, CancellationToken cancellation) =>
        ActAsync(id, "cancelled", T["It is not tried any more. Send it again here when that was a mistake."], queue.CancelAsync, cancellation);

    private async Task<IActionResult> ActAsync(string id, string word, string done,
        Func<IReadOnlyCollection<string>, string, CancellationToken, Task<IReadOnlyList<string>>> act, CancellationToken cancellation)
    {
        if (!await FindAsync(id, cancellation))
            return Missing(T["There is no such message"]);
        HttpContext.Note($"message {word}", Message.Id);
        var isReached = await act([Message.Id], Actor, cancellation) is [_];
        Say(isReached ? done : T["There was nothing to do: it is being sent at this moment, its state has changed, or its recipients are on the suppression list."], isReached);
        return Again();
    }

    private async Task<bool> FindAsync(string id, CancellationToken cancellation)
    {
        if (MessageIds.Parse(id) is not { } known || await history.FindAsync(known, cancellation) is not { } message)
            return false;
        Message = views.Detail(message);
        return true;
    }
}
