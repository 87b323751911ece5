using System.Globalization;
using System.Text.RegularExpressions;

namespace Postrider.Accounts.Failures;

/// <summary>One entry made ready for look-up. A rank says how closely the entry fits: the highest wins, and of
/// equals the one that stands first in failures.json.</summary>
internal sealed class FailureRule
{
    public const int NoMatch = -1;

    // Replies come from outside: a pattern may cost a little time, never much.
    private static readonly TimeSpan PatternTimeOut = TimeSpan.FromMilliseconds(100);

    private readonly IReadOnlyList<EnhancedCodeRange> enhanced;
    private readonly Regex? pattern;
    private readonly bool codeSuffices;

    /// <param name="group">The group that holds the entry.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="codeSuffices">No other entry of this provider has the same enhanced code, so that new words under it
    /// change nothing.</param>
    public FailureRule(FailureGroup group, FailureEntry entry, bool codeSuffices)
    {
        Group = group;
        Entry = entry;
        this.codeSuffices = codeSuffices;
        enhanced = [.. entry.Match.Enhanced.Select(EnhancedCodeRange.Parse)];
        pattern = entry.Match.Text is { } text
            ? new Regex(text, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, PatternTimeOut)
            : null;
    }

    public FailureGroup Group { get; }

    public FailureEntry Entry { get; }

    /// <summary>Enhanced code first, then text, then code and stage. What the provider itself is known to say goes
    /// before what RFC 3463 says in general.</summary>
    public int RankReply(string providerType, SmtpStage stage, int code, EnhancedCode? enhancedCode, string text)
    {
        var match = Entry.Match;
        var kinship = Kin(providerType);
        if (kinship is Kinship.Stranger
            || (kinship is Kinship.Guess && !match.Unmistakable)
            || !Fits(match.Codes, code)
            || (match.Stages.Count > 0 && !match.Stages.Contains(stage)))
            return NoMatch;

        var byWords = Says(text);
        var byCode = enhancedCode is { } given ? CodeRank(given) : 0;
        if (byWords is false && (!codeSuffices || byCode is 0 || kinship is Kinship.Guess)) return NoMatch;
        if (byWords is null && enhanced.Count > 0 && byCode is 0) return NoMatch;

        // A code that only suffices for want of known words gives way to an entry whose words are there.
        var evidence = byWords is false ? Math.Min(byCode, 3) : byCode + (byWords is true ? 4 : 0);
        return (evidence > 0 ? 10_000 : 0)
            + (kinship is Kinship.Own ? 1_000 : 0)
            + evidence * 50
            + (int)kinship * 10
            + ExactCode(match.Codes, code) * 2
            + Math.Min(match.Stages.Count, 1);
    }

    /// <summary>By the value of <c>error</c>, the provider's own entries first, then by words.</summary>
    public int RankError(string providerType, string error, string description)
    {
        var kinship = Kin(providerType);
        if (kinship is Kinship.Stranger || !Entry.Match.Errors.Contains(error, StringComparer.Ordinal)) return NoMatch;
        return Says(description) is { } said ? (said ? (int)kinship * 2 + 1 : NoMatch) : (int)kinship * 2;
    }

    public int RankHttp(int status) =>
        Entry.Match.Http.Count > 0 && Fits(Entry.Match.Http, status) ? ExactCode(Entry.Match.Http, status) : NoMatch;

    public int RankFault(SmtpStage stage, NetworkFault fault)
    {
        if (Entry.Match.Fault != fault) return NoMatch;
        if (Entry.Match.Stages.Count is 0) return 0;
        return Entry.Match.Stages.Contains(stage) ? 1 : NoMatch;
    }

    public KnownFailure Describe() => new()
    {
        Id = Entry.Id,
        Title = Entry.Title,
        Cause = Entry.Cause,
        Remedy = Entry.Remedy,
        Class = Entry.Class,
        Scope = Entry.Scope,
        OnRepeat = Entry.OnRepeat,
        Wait = Entry.Wait,
        NeedsConsent = Entry.Consent,
        NeedsSecret = Entry.Secret,
        ProbablyDelivered = Entry.ProbablyDelivered,
        Known = !Group.Fallback,
    };

    private enum Kinship
    {
        Stranger = -1, // another provider's entry
        Guess = 0,     // a provider of unknown kind may be Microsoft or Google under another name
        Any = 1,
        Own = 2,
    }

    private Kinship Kin(string providerType) =>
        Group.Provider is "any" ? Kinship.Any
        : Group.Provider == providerType ? Kinship.Own
        : providerType is "microsoft" or "google" ? Kinship.Stranger
        : Kinship.Guess;

    private int CodeRank(EnhancedCode given)
    {
        var rank = 0;
        foreach (var range in enhanced)
            if (range.Contains(given)) rank = Math.Max(rank, range.IsOne ? 8 : 2);
        return rank;
    }

    private bool? Says(string text)
    {
        if (pattern is null) return null;
        try
        {
            return pattern.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static bool Fits(IReadOnlyList<string> codes, int code) =>
        codes.Count is 0 || ExactCode(codes, code) > 0 || codes.Contains(FormattableString.Invariant($"{code / 100}xx"));

    private static int ExactCode(IReadOnlyList<string> codes, int code) =>
        codes.Contains(code.ToString(CultureInfo.InvariantCulture)) ? 1 : 0;
}
