using Postrider.Server.Api;
using Postrider.Server.Console.Languages;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Reading;

/// <summary>What is said of an act on many messages while it goes on, and of its end.</summary>
internal static class ActWords
{
    /// <summary>Such as "Cancelling 42,000 messages".</summary>
    public static string Title(RecentAct act) => (act.Of.Name, act.IsUndo) switch
    {
        (MessageAct.Retry, _) => T.Count(act.Total, "Retrying 1 message", "Retrying {0} messages"),
        (MessageAct.Hold, false) or (MessageAct.Release, true) => T.Count(act.Total, "Holding 1 message", "Holding {0} messages"),
        (MessageAct.Hold, true) or (MessageAct.Release, false) => T.Count(act.Total, "Releasing 1 message", "Releasing {0} messages"),
        (MessageAct.Expire, _) => T.Count(act.Total, "Giving up 1 message", "Giving up {0} messages"),
        (_, true) => T.Count(act.Total, "Restoring 1 message", "Restoring {0} messages"),
        _ => T.Count(act.Total, "Cancelling 1 message", "Cancelling {0} messages"),
    };

    /// <summary>Such as "41,999 messages cancelled. 1 stayed as it was: being sent at this moment, or finished."</summary>
    public static string Result(RecentAct act)
    {
        var rest = (act.IsOver ? act.Total : act.Done) - act.Reached;
        return string.Join(' ', new[]
        {
            act.IsUndo ? Undone(act.Of, act.Reached) : Done(act.Of, act.Reached),
            rest == 0 ? null : act.IsUndo ? T.Count(rest, "1 message cannot be had back: sent or changed since.", "{0} messages cannot be had back: sent or changed since.")
                : T.Count(rest, "1 stayed as it was: {1}.", "{0} stayed as they were: {1}.", T.Told(act.Of.Otherwise)),
            act.IsOver ? null : T["It had come to {0} of {1}.", Moment.Number(act.Done), Moment.Number(act.Total)],
        }.OfType<Phrase>());
    }

    private static Phrase Undone(MessageAct act, int count) => act.Name switch
    {
        MessageAct.Hold => T.Count(count, "1 message released.", "{0} messages released."),
        MessageAct.Release => T.Count(count, "1 message held again.", "{0} messages held again."),
        _ => T.Count(count, "1 message restored.", "{0} messages restored."),
    };

    private static Phrase Done(MessageAct act, int count) => act.Name switch
    {
        MessageAct.Retry => T.Count(count, "1 message is tried now.", "{0} messages are tried now."),
        MessageAct.Hold => T.Count(count, "1 message held.", "{0} messages held."),
        MessageAct.Release => T.Count(count, "1 message released.", "{0} messages released."),
        MessageAct.Expire => T.Count(count, "1 message given up.", "{0} messages given up."),
        _ => T.Count(count, "1 message cancelled.", "{0} messages cancelled."),
    };
}
