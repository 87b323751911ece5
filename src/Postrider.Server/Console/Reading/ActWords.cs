using Postrider.Server.Api;
using Postrider.Server.Console.Ui;

namespace Postrider.Server.Console.Reading;

/// <summary>What is said of an act on many messages while it goes on, and of its end.</summary>
internal static class ActWords
{
    /// <summary>Such as "Cancelling 42,000 messages".</summary>
    public static string Title(RecentAct act) => $"{Verb(act)} {Messages(act.Total)}";

    /// <summary>Such as "41,999 messages cancelled. 1 stayed as it was: being sent at this moment, or finished."</summary>
    public static string Result(RecentAct act)
    {
        var rest = (act.IsOver ? act.Total : act.Done) - act.Reached;
        return (act.IsUndo
                ? $"{Messages(act.Reached)} {act.Of.Name switch { MessageAct.Hold => "released", MessageAct.Release => "held again", _ => "restored" }}.{(rest > 0 ? $" {Messages(rest)} cannot be had back: sent or changed since." : "")}"
                : $"{Messages(act.Reached)} {Done(act.Of, act.Reached)}{(rest > 0 ? $" {Moment.Number(rest)} stayed as they were: {act.Of.Otherwise}." : "")}")
            + (act.IsOver ? "" : $" It had come to {Moment.Number(act.Done)} of {Moment.Number(act.Total)}.");
    }

    public static string Messages(int count) => count == 1 ? "1 message" : $"{Moment.Number(count)} messages";

    private static string Verb(RecentAct act) => (act.Of.Name, act.IsUndo) switch
    {
        (MessageAct.Retry, _) => "Retrying", (MessageAct.Hold, false) or (MessageAct.Release, true) => "Holding", (MessageAct.Hold, true) or (MessageAct.Release, false) => "Releasing",
        (_, true) => "Restoring", _ => "Cancelling",
    };

    private static string Done(MessageAct act, int count) => act.Name switch
    {
        MessageAct.Retry => count == 1 ? "is tried now." : "are tried now.", MessageAct.Hold => "held.", MessageAct.Release => "released.", _ => "cancelled.",
    };
}
