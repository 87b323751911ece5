using System.Globalization;
using System.Text.RegularExpressions;
using Postrider.Accounts.Failures;

namespace Postrider.Tests.Failures;

/// <summary>The example of a catalogue entry, asked of the catalogue as the program would ask it.</summary>
internal static partial class Example
{
    public static KnownFailure LookUp(FailureCatalog catalog, FailureRule rule)
    {
        var (entry, provider) = (rule.Entry, rule.Group.Provider is "any" ? "oauth2" : rule.Group.Provider);
        if (entry.Match.Fault is { } fault) return catalog.ForNetwork(entry.At, fault);
        if (rule.Group.Where is FailureWhere.Smtp) return LookUpReply(catalog, provider, entry);
        if (entry.Example.StartsWith("HTTP ", StringComparison.Ordinal)) return catalog.ForHttpStatus(Number(entry.Example[5..]));
        var parts = entry.Example.Split(": ", 2);
        return catalog.ForOAuthError(provider, parts[0], parts[1]);
    }

    private static KnownFailure LookUpReply(FailureCatalog catalog, string provider, FailureEntry entry)
    {
        var reply = Reply().Match(entry.Example);
        var enhanced = reply.Groups["enhanced"] is { Success: true } found ? found.Value : null;
        return catalog.ForReply(provider, entry.At, Number(reply.Groups["code"].Value), enhanced, reply.Groups["text"].Value);
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<code>\d{3}) ((?<enhanced>\d\.\d+\.\d+) )?(?<text>.*)$")]
    private static partial Regex Reply();
}
