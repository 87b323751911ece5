using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;

namespace Postrider.Accounts.Failures;

/// <summary>Explains what a person pastes: an SMTP reply out of a log, the JSON or the landing address of an identity platform, an AADSTS
/// number, an HTTP status, or some words. It asks the same catalogue as everything else.</summary>
public sealed partial class FailureExplainer(FailureCatalog catalog)
{
    private const int MostFound = 10, MostMeanings = 3, LongestQuestion = 8 * 1024;
    private static readonly string[] Kinds = ["microsoft", "google", "oauth2"];

    private const int NotImplemented = 502;

    // Replies of signing in; what the others answer is mostly learnt at the end of a message.
    private static readonly int[] SignInCodes = [334, 432, 454, 530, 534, 535, 538];

    /// <param name="providerType">Whose words they are; null: found out from the words.</param>
    /// <returns>The likeliest first; empty when nothing in it is recognised.</returns>
    public IReadOnlyList<Explanation> Explain(string said, string? providerType = null)
    {
        said = (said.Length <= LongestQuestion ? said : said[..LongestQuestion]).Trim();
        if (said.Length is 0)
            return [];
        var kinds = providerType is null ? Guess(said) : [providerType];
        if (OAuthError(said) is var (error, description))
            return Best(kinds.Select(kind => catalog.ForOAuthError(kind, error, description)));
        if (Reply().Match(said) is { Success: true } reply)
        {
            var code = int.Parse(reply.Groups["code"].ValueSpan, CultureInfo.InvariantCulture);
            var stages = SignInCodes.Contains(code) ? new[] { SmtpStage.Auth, SmtpStage.Final } : [SmtpStage.Final, SmtpStage.Rcpt, SmtpStage.Mail, SmtpStage.Auth];
            if (code is NotImplemented || said.Contains("TLS", StringComparison.OrdinalIgnoreCase))
                stages = [.. stages, SmtpStage.Tls];
            var enhanced = reply.Groups["enhanced"] is { Success: true } status ? status.Value : null;
            return Best(kinds.SelectMany(kind => stages, (kind, stage) => catalog.ForReply(kind, stage, code, enhanced, Words(reply.Groups["text"].Value))));
        }
        return Status().Match(said) is { Success: true } http
            ? Best([catalog.ForHttpStatus(int.Parse(http.Groups[1].ValueSpan, CultureInfo.InvariantCulture))])
            : Search(said);
    }

    /// <summary>Every entry, in the order of the catalogue's chapters.</summary>
    public IReadOnlyList<Explanation> All() => [.. catalog.Rules.Where(rule => !rule.Group.Fallback).Select(Of)];

    private List<Explanation> Best(IEnumerable<KnownFailure> failures)
    {
        var all = failures.DistinctBy(failure => failure.Id).ToList();
        return [.. (all.Exists(failure => failure.Known) ? all.Where(failure => failure.Known).Take(MostMeanings) : all.Take(1)).Select(Of)];
    }

    private Explanation Of(KnownFailure failure)
    {
        var entry = failure.Known ? catalog.Rules.First(rule => rule.Entry.Id == failure.Id).Entry : null;
        return new(failure, entry?.Example, entry?.Doc);
    }

    private static Explanation Of(FailureRule rule) => new(rule.Describe(), rule.Entry.Example, rule.Entry.Doc);

    /// <summary>All words somewhere in the entry: in its name, its title, its example, its cause or its remedy.</summary>
    private List<Explanation> Search(string said)
    {
        var words = said.Split([' ', '\t', '\r', '\n', ',', ';', '"'], StringSplitOptions.RemoveEmptyEntries);
        return [.. catalog.Rules.Where(rule => !rule.Group.Fallback)
            .Select(rule => (Rule: rule, Rank: Rank(rule.Entry, words))).Where(found => found.Rank > 0)
            .OrderByDescending(found => found.Rank).Take(MostFound).Select(found => Of(found.Rule))];
    }

    private static int Rank(FailureEntry entry, string[] words)
    {
        var (head, all) = ($"{entry.Id} {entry.Title} {entry.Example}", $"{entry.Id} {entry.Title} {entry.Example} {entry.Cause} {entry.Remedy}");
        return words.All(word => all.Contains(word, StringComparison.OrdinalIgnoreCase))
            ? 1 + words.Count(word => head.Contains(word, StringComparison.OrdinalIgnoreCase)) : 0;
    }

    private static string[] Guess(string said) =>
        Microsoft().IsMatch(said) ? ["microsoft"] : Google().IsMatch(said) ? ["google"] : Kinds;

    private (string Error, string Description)? OAuthError(string said)
    {
        if (Json(said) is { } json)
            return json;
        if (said.Contains("error=", StringComparison.Ordinal) && QueryHelpers.ParseQuery(said[(said.IndexOf('?') + 1)..]) is var query && query.TryGetValue("error", out var named))
            return (named.ToString(), query.TryGetValue("error_description", out var words) ? words.ToString() : "");
        var known = ErrorWord().Matches(said).Select(match => match.Value).FirstOrDefault(word => catalog.Rules.Any(rule => rule.Entry.Match.Errors.Contains(word)));
        if (Aadsts().Match(said) is { Success: true } number)
            return (known ?? ErrorOf(int.Parse(number.Groups[1].ValueSpan, CultureInfo.InvariantCulture)), $"AADSTS{number.Groups[1].Value}: {said}");
        return known is null ? null : (known, said);
    }

    /// <summary>The error that goes with a number, where only the number was pasted: the catalogue's example has both.</summary>
    private string ErrorOf(int number) =>
        catalog.Rules.FirstOrDefault(rule => rule.Entry.Match.Aadsts.Contains(number))?.Entry.Example.Split(':')[0] ?? "";

    private static (string, string)? Json(string said)
    {
        var (from, to) = (said.IndexOf('{'), said.LastIndexOf('}'));
        if (from < 0 || to < from)
            return null;
        try
        {
            using var json = JsonDocument.Parse(said.AsMemory(from, to - from + 1));
            return json.RootElement.TryGetProperty("error", out var error) && error.ValueKind is JsonValueKind.String
                ? (error.GetString()!, json.RootElement.TryGetProperty("error_description", out var words) ? words.ToString() : "") : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Replies of several lines are joined in logs: "535-5.7.8 Username … 535 5.7.8 https://…".
    private static string Words(string text) => Continuation().Replace(text, "\n");

    [GeneratedRegex(@"(?<![\d.])(?<code>[245]\d\d)[ -]+(?:#?(?<enhanced>[245]\.\d{1,3}\.\d{1,3})[ :]*)?(?<text>.*)", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Reply();

    [GeneratedRegex(@"\r?\n?\b[245]\d\d[ -][245]\.\d{1,3}\.\d{1,3} ", RegexOptions.CultureInvariant)]
    private static partial Regex Continuation();

    [GeneratedRegex(@"\bHTTP[/\d.]* ?(\d{3})\b|^(429|5\d\d)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Status();

    [GeneratedRegex(@"(?:AADSTS|^)([0-9]{5,8})(?![0-9])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Aadsts();

    [GeneratedRegex(@"[a-z]+(?:_[a-z]+)+", RegexOptions.CultureInvariant)]
    private static partial Regex ErrorWord();

    [GeneratedRegex("outlook|office365|microsoft|AADSTS|STOREDRV|SmtpClientAuth|Mapi|5\\.7\\.139", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Microsoft();

    [GeneratedRegex("gsmtp|google|gmail", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Google();
}
