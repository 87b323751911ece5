using System.Text.Json;
using System.Text.RegularExpressions;

namespace Postrider.Accounts.Failures;

/// <summary>Reads failures.json and refuses it, naming the entry, when it contradicts itself.</summary>
internal static partial class FailureCatalogReader
{
    public static IReadOnlyList<FailureRule> ReadEmbedded()
    {
        var name = typeof(FailureCatalog).Namespace + ".failures.json";
        using var stream = typeof(FailureCatalog).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidDataException($"The resource {name} is missing from this build.");
        using var reader = new StreamReader(stream);
        return Read(reader.ReadToEnd());
    }

    public static IReadOnlyList<FailureRule> Read(string json)
    {
        var groups = JsonSerializer.Deserialize(json, FailureJson.Default.IReadOnlyListFailureGroup)
            ?? throw new InvalidDataException("The failure catalogue is empty.");
        var uses = groups.SelectMany(group => group.Entries.SelectMany(entry => entry.Match.Enhanced), (group, code) => (group.Provider, code))
            .CountBy(use => use).ToDictionary();
        List<FailureRule> rules = [];
        foreach (var group in groups)
            foreach (var entry in group.Entries)
                rules.Add(ReadRule(group, entry, entry.Match.Enhanced.All(code => uses[(group.Provider, code)] is 1)));
        CheckUnique(rules, "id", rule => [rule.Entry.Id]);
        CheckUnique(rules, "AADSTS number", rule => rule.Entry.Match.Aadsts.Select(number => $"{number}"));
        return rules;
    }

    private static FailureRule ReadRule(FailureGroup group, FailureEntry entry, bool codeSuffices)
    {
        if (!KebabCase().IsMatch(entry.Id)) throw Wrong(entry, "its id is not in kebab-case");
        if (group.Provider is not ("any" or "microsoft" or "google")) throw Wrong(entry, $"no provider is called {group.Provider}");
        foreach (var name in Placeholders.NamesIn(entry.Cause).Concat(Placeholders.NamesIn(entry.Remedy)))
            if (!Placeholders.All.Contains(name)) throw Wrong(entry, $"no placeholder is called {name}");
        if (entry.Class is RetryClass.RateLimited && entry.Wait is null) throw Wrong(entry, "a rate limit needs a wait");
        try
        {
            return new FailureRule(group, entry, codeSuffices);
        }
        catch (Exception cause) when (cause is ArgumentException or FormatException)
        {
            throw Wrong(entry, cause.Message, cause);
        }
    }

    private static void CheckUnique(
        IEnumerable<FailureRule> rules, string what, Func<FailureRule, IEnumerable<string>> keysOf)
    {
        HashSet<string> seen = [];
        foreach (var rule in rules)
            foreach (var key in keysOf(rule))
                if (!seen.Add(key)) throw Wrong(rule.Entry, $"the {what} {key} is used twice");
    }

    private static InvalidDataException Wrong(FailureEntry entry, string why, Exception? cause = null) =>
        new($"failures.json, entry {entry.Id}: {why}.", cause);

    [GeneratedRegex(@"^[a-z0-9]+(-[a-z0-9]+)*\z")]
    private static partial Regex KebabCase();
}
