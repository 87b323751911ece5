using System.Globalization;
using System.Text;
using Postrider.Accounts.Failures;

namespace Postrider.Tests.Failures;

/// <summary>Writes docs/failures.md from the catalogue: what was said, why, what to do, what Postrider does.</summary>
internal static class FailurePage
{
    private const string Opening = """
        # What went wrong, and what to do

        Find the words your provider sent: search this page for the code (`5.7.139`), the number (`AADSTS7000222`) or the name that Postrider shows (`smtp-auth-disabled-mailbox`).
        Each entry shows an example as the provider sends it, the cause, the remedy, and what Postrider does meanwhile. Mail is never lost over any of this: it waits, or it fails where you can see it.

        Words in angle brackets such as `<mailbox>` are yours to fill in; the console and `postrider doctor` fill in what they know.


        """;

    private static readonly Dictionary<string, string> Nothing = [];

    public static string Write(FailureCatalog catalog)
    {
        var page = new StringBuilder(Opening.ReplaceLineEndings("\n"));
        var groups = catalog.Rules.GroupBy(rule => rule.Group).ToList();
        foreach (var group in groups) page.Append(CultureInfo.InvariantCulture, $"- [{group.Key.Title}](#{Anchor(group.Key.Title)})\n");
        foreach (var group in groups)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {group.Key.Title}\n\n{group.Key.Intro}\n");
            foreach (var rule in group) WriteEntry(page, rule);
        }
        return page.ToString();
    }

    private static void WriteEntry(StringBuilder page, FailureRule rule)
    {
        var entry = rule.Entry;
        page.Append(CultureInfo.InvariantCulture, $"\n<a id=\"{entry.Id}\"></a>\n\n### {entry.Title}\n\n");
        if (entry.Match.Fault is null && !rule.Group.Fallback) page.Append(CultureInfo.InvariantCulture, $"```text\n{entry.Example}\n```\n\n");
        page.Append(CultureInfo.InvariantCulture, $"**Cause.** {InProse(Shown(entry.Cause))}\n\n**Remedy.** {Remedy(Shown(entry.Remedy))}\n\n");
        page.Append(CultureInfo.InvariantCulture, $"**Postrider** {Action(rule)}\n\n");
        page.Append(CultureInfo.InvariantCulture, $"<sub>`{entry.Id}`{Numbers(entry)} · {Sureness(entry)}</sub>\n");
    }

    private static string Shown(string text) =>
        Placeholders.Fill(text.Replace("{said}", "…", StringComparison.Ordinal), Nothing);

    // Prose keeps its placeholders visible: a bare <mailbox> would be taken for HTML.
    private static string InProse(string text) => text.Replace("<", "&lt;", StringComparison.Ordinal);

    private static string Remedy(string text)
    {
        var page = new StringBuilder();
        var inCommand = false;
        foreach (var line in text.Split('\n'))
        {
            var isCommand = line.StartsWith("    ", StringComparison.Ordinal);
            if (isCommand && !inCommand) page.Append("\n\n```\n");
            if (!isCommand && inCommand) page.Append("```\n\n");
            page.Append(isCommand ? line[4..] + "\n" : InProse(line));
            inCommand = isCommand;
        }
        return page.Append(inCommand ? "```" : "").ToString();
    }

    private static string Action(FailureRule rule)
    {
        var entry = rule.Entry;
        var action = entry switch
        {
            { ProbablyDelivered: true } => "counts the message as probably delivered: no second copy, no bounce.",
            { Class: RetryClass.Permanent } => $"fails the {Whom(entry.Scope)} at once and shows why.",
            { Class: RetryClass.RateLimited } => $"pauses the {Whom(entry.Scope)}{Wait(entry, " for ")} and counts no attempt.",
            { Class: RetryClass.Transient } => $"tries again{Wait(entry, " after ")}; this concerns the {Whom(entry.Scope)} only.",
            { Consent: true } => "holds the queue until somebody has signed in again; nothing bounces.",
            { Class: RetryClass.Authentication } => "gets a new token and tries once more, then holds the queue and tells you; nothing bounces.",
            _ => "holds the queue and tells you; nothing bounces, and it drains by itself after the repair.",
        };
        return entry is { Class: RetryClass.Transient, OnRepeat: RetryClass.Configuration }
            ? action + " When it repeats, the queue is held and you are told." : action;
    }

    private static string Whom(FailureScope scope) => scope switch
    {
        FailureScope.Session => "connection",
        FailureScope.Account => "mailbox",
        FailureScope.Tenant => "whole organisation",
        FailureScope.Message => "message",
        _ => "recipient",
    };

    private static string Wait(FailureEntry entry, string before) => entry.Wait switch
    {
        null => "",
        { TotalHours: >= 1 } wait => before + Count((int)wait.TotalHours, "h"),
        { TotalMinutes: >= 1 } wait => before + Count((int)wait.TotalMinutes, "min"),
        { } wait => before + Count((int)wait.TotalSeconds, "s"),
    };

    private static string Count(int number, string unit) => FormattableString.Invariant($"{number} {unit}");

    private static string Numbers(FailureEntry entry) => entry.Match.Aadsts.Count > 1
        ? " · " + string.Join(", ", entry.Match.Aadsts.Select(number => $"AADSTS{number}"))
        : entry.Match.Errors.Count > 1 ? " · " + string.Join(", ", entry.Match.Errors.Select(error => $"`{error}`")) : "";

    private static string Sureness(FailureEntry entry)
    {
        var words = entry.Evidence switch
        {
            Evidence.D => "documented",
            Evidence.O => "observed, not promised by the provider",
            Evidence.N => "believed, not checked again",
            _ => "unconfirmed",
        };
        return entry.Doc is null ? words : $"[{words}]({entry.Doc})";
    }

    private static string Anchor(string title) =>
        new([.. title.ToLowerInvariant().Where(c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '-').Select(c => c is ' ' ? '-' : c)]);
}
