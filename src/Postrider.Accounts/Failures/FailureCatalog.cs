using System.Globalization;
using System.Text.RegularExpressions;

namespace Postrider.Accounts.Failures;

/// <summary>Knows what providers say when something fails, why they say it and what helps. The data is failures.json,
/// after the oauth-smtp reference sections 3.7, 4 and 5; the same input always finds the same entry.</summary>
public sealed partial class FailureCatalog
{
    private const int LongestTextRead = 4096;

    // Read for the first failure: what a gateway whose mail flows has no use for took 10 MB of it.
    private readonly Lazy<SortedRules> sorted;

    internal FailureCatalog(Func<IReadOnlyList<FailureRule>> read) => sorted = new(() => new SortedRules(read()));

    /// <summary>The catalogue that comes with the program.</summary>
    public static FailureCatalog Default { get; } = new(FailureCatalogReader.ReadEmbedded);

    internal IReadOnlyList<FailureRule> Rules => Sorted.All;

    private SortedRules Sorted => sorted.Value;

    /// <summary>Every entry, its causes and remedies with their placeholders.</summary>
    public IEnumerable<KnownFailure> All => Rules.Select(rule => rule.Describe());

    /// <summary>What a reply that is not a success means.</summary>
    /// <param name="providerType"><c>microsoft</c>, <c>google</c>, <c>oauth2</c> or <c>password</c>.</param>
    /// <param name="stage">What the reply answers.</param>
    /// <param name="code">The three digits.</param>
    /// <param name="enhancedCode">Such as <c>5.7.139</c>; when null it is looked for at the start of the text.</param>
    /// <param name="text">The rest of the reply; the lines of a longer one divided by line feeds.</param>
    public KnownFailure ForReply(string providerType, SmtpStage stage, int code, string? enhancedCode, string text)
    {
        var read = text.Length <= LongestTextRead ? text : text[..LongestTextRead];
        var enhanced = EnhancedCode.ReadStart(enhancedCode) ?? EnhancedCode.ReadStart(text);
        var found = Best(Sorted.Replies, rule => rule.RankReply(providerType, stage, code, enhanced, read))!.Describe();
        var words = enhancedCode is null || text.StartsWith(enhancedCode, StringComparison.Ordinal) ? text : $"{enhancedCode} {text}";
        return Quote(found with { Scope = ScopeAt(stage, found.Scope) }, FormattableString.Invariant($"{code} {words}"));
    }

    /// <summary>What an error from an authorization or token endpoint means; Microsoft's numbers are read out of the
    /// description ("AADSTS700082: ...").</summary>
    /// <inheritdoc cref="ForOAuthError(string, string, string?, IReadOnlyList{int})"/>
    public KnownFailure ForOAuthError(string providerType, string error, string? description) =>
        ForOAuthError(providerType, error, description, [.. NumbersIn(description ?? "")]);

    /// <summary>What an error from an authorization or token endpoint means. With HTTP status 429 ask
    /// <see cref="ForHttpStatus"/> instead, whatever the body says.</summary>
    /// <remarks>Numbers choose the words and whether the application's credential must change; class, scope and the need
    /// for consent follow <paramref name="error"/>, since Microsoft changes numbers at any time (reference section 4.2). A number that is
    /// known to pass by itself is waited for whatever the error is: waiting loses no grant, and asking somebody to sign in would be in vain.</remarks>
    /// <param name="providerType"><c>microsoft</c>, <c>google</c> or <c>oauth2</c>.</param>
    /// <param name="error">The value of <c>error</c> (RFC 6749 section 5.2).</param>
    /// <param name="description">The value of <c>error_description</c>.</param>
    /// <param name="codes">Microsoft's <c>error_codes</c>; the first that is known counts.</param>
    public KnownFailure ForOAuthError(string providerType, string error, string? description, IReadOnlyList<int> codes)
    {
        var words = codes.Select(number => Sorted.ByNumber.GetValueOrDefault(number)).FirstOrDefault(rule => rule is not null)?.Describe();
        var flow = Best(Sorted.OAuth, rule => rule.RankError(providerType, error, description ?? ""))?.Describe();
        if (words is not null)
            return flow is null || words.Class is RetryClass.Transient or RetryClass.RateLimited ? words : words with
            {
                Class = flow.Class,
                Scope = flow.Scope,
                NeedsConsent = flow.NeedsConsent,
                Wait = flow.Wait ?? words.Wait,
            };
        var said = string.IsNullOrEmpty(description) ? error : $"{error}: {description}";
        return Quote(flow ?? Sorted.OAuth.First(rule => rule.Group.Fallback).Describe(), said);
    }

    /// <summary>What an HTTP status of a token endpoint means when its body holds no OAuth error, and 429 in any case.
    /// A status of success here says that the body was not a token.</summary>
    public KnownFailure ForHttpStatus(int status) =>
        Quote((Best(Sorted.OAuth, rule => rule.RankHttp(status)) ?? Sorted.OAuth.First(rule => rule.Group.Fallback)).Describe(),
            FormattableString.Invariant($"HTTP {status}"));

    /// <summary>What it means that no reply came at all, from an SMTP server or (stages Connect and Tls) a token endpoint.</summary>
    public KnownFailure ForNetwork(SmtpStage stage, NetworkFault fault) =>
        Best(Sorted.Network, rule => rule.RankFault(stage, fault))!.Describe();

    /// <inheritdoc cref="Placeholders.Fill"/>
    public static string Fill(string remedy, IReadOnlyDictionary<string, string> values) => Placeholders.Fill(remedy, values);

    // A reply at RCPT speaks of that recipient; one at MAIL, DATA or the final dot cannot single one out.
    private static FailureScope ScopeAt(SmtpStage stage, FailureScope scope) => (stage, scope) switch
    {
        (SmtpStage.Rcpt, FailureScope.Message) => FailureScope.Recipient,
        (SmtpStage.Mail or SmtpStage.Data or SmtpStage.Final, FailureScope.Recipient) => FailureScope.Message,
        _ => scope,
    };

    private static KnownFailure Quote(KnownFailure failure, string said) =>
        failure.Known ? failure : failure with { Cause = failure.Cause.Replace("{said}", said, StringComparison.Ordinal) };

    private static FailureRule? Best(IReadOnlyList<FailureRule> rules, Func<FailureRule, int> rank)
    {
        FailureRule? best = null;
        var highest = FailureRule.NoMatch;
        foreach (var rule in rules)
        {
            var here = rank(rule);
            if (here <= highest) continue;
            (best, highest) = (rule, here);
        }
        return best;
    }

    private static IEnumerable<int> NumbersIn(string description) =>
        AadstsNumber().Matches(description).Select(match => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"\bAADSTS([0-9]{4,8})(?![0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex AadstsNumber();

    /// <summary>The rules by what they speak of.</summary>
    private sealed class SortedRules(IReadOnlyList<FailureRule> rules)
    {
        public IReadOnlyList<FailureRule> All { get; } = rules;
        public IReadOnlyList<FailureRule> Replies { get; } = Of(rules, FailureWhere.Smtp);
        public IReadOnlyList<FailureRule> OAuth { get; } = Of(rules, FailureWhere.OAuth);
        public IReadOnlyList<FailureRule> Network { get; } = Of(rules, FailureWhere.Network);

        /// <summary>By Microsoft's numbers.</summary>
        public Dictionary<int, FailureRule> ByNumber { get; } = Of(rules, FailureWhere.OAuth)
            .SelectMany(rule => rule.Entry.Match.Aadsts.Select(number => (number, rule))).ToDictionary(pair => pair.number, pair => pair.rule);

        private static FailureRule[] Of(IReadOnlyList<FailureRule> rules, FailureWhere where) => [.. rules.Where(rule => rule.Group.Where == where)];
    }
}
