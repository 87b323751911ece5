using Postrider.Client;
using Spectre.Console;

namespace Postrider.Cli;

/// <summary>A message from top to bottom: who handed it in, each attempt with the reply and what it means, what came back.</summary>
internal static class MessageStory
{
    public static void Write(Call call, MessageDetail message)
    {
        var output = call.Output;
        var mark = StateMark.OfMessage(message.State, message.MayHaveBeenSent);
        output.Line(new Paragraph($"{mark.Shape} {mark.Word}", mark.Style).Append($"  {Plain.Text(message.Subject)}", new Style(decoration: Decoration.Bold)));
        output.Say($"  {message.Id}  from {Sender(message)} to {Recipients(message)}");
        output.Say($"  {Plain.Text(message.MessageId)}");
        output.Say("");

        foreach (var (_, tell) in Chapters(call, message).OrderBy(chapter => chapter.At))
            tell();
        if (message.FinishedAt is null)
            WriteWhatIsNext(call, message);
        if (Differ(message))
            WriteRecipients(output, message);
    }

    private static IEnumerable<(DateTimeOffset At, Action Tell)> Chapters(Call call, MessageDetail message)
    {
        yield return (message.AcceptedAt, () => Line(call, message.AcceptedAt,
            $"Handed in{By(message)}, {Plain.Size(message.Size)}; on disk."));

        // That it was accepted is the first line already.
        foreach (var happened in message.Events.Where(happened => happened.Kind != "accepted"))
            yield return (happened.At, () => Line(call, happened.At, Event(happened)));
        foreach (var attempt in message.Attempts)
            yield return (attempt.StartedAt, () => WriteAttempt(call, attempt));
        foreach (var report in message.Reports)
            yield return (report.ReceivedAt, () => WriteReport(call, report));
    }

    private static void WriteAttempt(Call call, MessageAttempt attempt)
    {
        var stage = attempt.Stage is null || attempt.Outcome == "sent" ? "" : $" at {attempt.Stage}";
        var outcome = attempt.Outcome == "uncertain" ? "uncertain, may have been sent" : attempt.Outcome;
        Line(call, attempt.StartedAt, $"Attempt {attempt.Number} through {attempt.Provider}: {outcome}{stage}.");
        Under(call.Output, attempt.Reply, attempt.Cause, attempt.Remedy);
        foreach (var recipient in attempt.Recipients)
            call.Output.Say($"                       {Plain.Text(recipient.Address)} {Plain.Text(recipient.Outcome)}: {Plain.Text(recipient.Reply)}");
    }

    private static void WriteReport(Call call, ReportView report)
    {
        Line(call, report.ReceivedAt, $"A {report.Kind} came back{(report.Recipient is { } who ? $" for {Plain.Text(who)}" : "")}{(report.Certainty == "certain" ? "" : ", probably about this message")}.");
        Under(call.Output, report.Diagnostic ?? "", null, null);
    }

    private static void WriteWhatIsNext(Call call, MessageDetail message)
    {
        var end = $"Given up at {Moments.At(message.ExpiresAt, call.Terminal.Time)}.";
        if (message.NextAttemptAt is { } next && next > call.Terminal.Time.GetUtcNow())
            Line(call, next, $"Next attempt. {end}");
        else
            Line(call, call.Terminal.Time.GetUtcNow(), $"{(message.State == "sending" ? "Being sent." : "Waits.")} {end}");
        // What the last attempt said stands above already.
        if (message.Attempts.Count == 0 || message.Cause != message.Attempts[^1].Cause)
            Under(call.Output, message.Attempts.Count == 0 ? message.Reply ?? "" : "", message.Cause, message.Remedy);
    }

    private static void WriteRecipients(Output output, MessageDetail message)
    {
        output.Say("");
        output.Say("Recipients");
        foreach (var recipient in message.Recipients)
        {
            var mark = StateMark.OfMessage(recipient.State, recipient.MayHaveBeenSent);
            output.Line(new Paragraph($"  {mark.Shape} {mark.Word}", mark.Style).Append($"  {Plain.Text(recipient.Address)}"));
            foreach (var line in Lines(recipient.Reply ?? "", recipient.Cause, recipient.Remedy))
                output.Say($"      {line}");
        }
    }

    private static void Under(Output output, string reply, string? cause, string? remedy)
    {
        foreach (var line in Lines(reply, cause, remedy))
            output.Say($"                       {line}");
    }

    // Cause, then remedy; the provider's own words come last.
    private static IEnumerable<string> Lines(string reply, string? cause, string? remedy)
    {
        if (!string.IsNullOrEmpty(cause))
            yield return $"Cause   {Plain.Text(cause)}";
        if (!string.IsNullOrEmpty(remedy))
            foreach (var (at, line) in remedy.ReplaceLineEndings("\n").Split('\n').Index())
                yield return $"{(at == 0 ? "Remedy" : "      ")}  {Plain.Text(line)}";
        foreach (var line in reply.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            yield return $"Reply   {Plain.Text(line.TrimEnd('\r'))}";
    }

    private static void Line(Call call, DateTimeOffset at, string sentence) =>
        call.Output.Say($"  {Moments.At(at, call.Terminal.Time)}  {sentence}");

    private static bool Differ(MessageDetail message) =>
        message.Recipients.DistinctBy(recipient => (recipient.State, recipient.MayHaveBeenSent, recipient.Reply)).Count() > 1;

    private static string Sender(MessageDetail message) => message.From.Length == 0 ? "<>" : Plain.Text(message.From);

    private static string Recipients(MessageDetail message) =>
        Plain.Text(string.Join(", ", message.To)) + (message.RecipientCount > message.To.Count ? $" and {message.RecipientCount - message.To.Count} more" : "");

    private static string By(MessageDetail message) => (message.Client, message.Source) switch
    {
        (_, "report") => " by the gateway itself",
        (null, var source) when message.Submitter is { } who => $" by {Plain.Text(who)} over {source.ToUpperInvariant()}",
        (null, var source) => $" over {source.ToUpperInvariant()}",
        (var client, var source) => $" by {Plain.Text(client)} over {source.ToUpperInvariant()}",
    };

    private static string Event(MessageEvent happened) =>
        $"{Plain.Text(happened.Kind)} by {Plain.Text(happened.Actor)}{(happened.Detail.Length > 0 ? $": {Plain.Text(happened.Detail)}" : ".")}";
}
