using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.Extensions.Localization;
using Postrider.Accounts.Failures;

namespace Postrider.Server.Console.Languages;

/// <summary>What the console says, in one language. The English text is the key. The texts are files of this program, one for each area of
/// the console; the one that is called <c>told</c> and the catalogue of failures are of sentences that are made outside of it.</summary>
internal sealed class Texts : IStringLocalizer
{
    public const string ToldArea = "told";
    private const string Folder = "Console/Languages/", Failures = "failures";

    private readonly FrozenDictionary<string, string> byEnglish, told;
    private readonly IReadOnlyList<TextPattern> patterns;

    /// <param name="code">The language's, which is the name of its folder.</param>
    public Texts(string code)
    {
        var areas = Areas(code).ToLookup(area => area.Area == ToldArea, area => area.Texts);
        byEnglish = areas[false].SelectMany(texts => texts).ToFrozenDictionary(StringComparer.Ordinal);
        told = areas[true].SelectMany(texts => texts).Concat(OfCatalog(code)).DistinctBy(text => text.Key).ToFrozenDictionary(StringComparer.Ordinal);
        patterns = [.. told.Select(text => TextPattern.Of(text.Key, text.Value)).OfType<TextPattern>().OrderByDescending(pattern => pattern.Weight)];
    }

    public LocalizedString this[string name] => byEnglish.TryGetValue(name, out var text) ? new(name, text) : new(name, name, resourceNotFound: true);

    public LocalizedString this[string name, params object[] arguments] =>
        byEnglish.TryGetValue(name, out var text) ? new(name, string.Format(Language.Current.Culture, text, arguments)) : new(name, string.Format(Language.Current.Culture, name, arguments), resourceNotFound: true);

    public IEnumerable<LocalizedString> GetAllStrings(bool includeParentCultures) => byEnglish.Select(text => new LocalizedString(text.Key, text.Value));

    /// <summary>What was made in English, with its values in it, in this language: a sentence, or several that follow each other. What is not
    /// known stays as it is.</summary>
    public string Told(string english)
    {
        if (Known(english) is { } whole)
            return whole;
        // The longest beginning that is known, then the rest.
        for (var end = english.Length - 1; (end = LastEnd(english, end)) > 0; end--)
            if (Known(english[..end]) is { } first)
                return first + english[end] + Told(english[(end + 1)..]);
        return english;
    }

    /// <summary>The files of a language.</summary>
    public static IEnumerable<(string Area, IReadOnlyDictionary<string, string> Texts)> Areas(string code) =>
        from name in typeof(Texts).Assembly.GetManifestResourceNames()
        let area = Path.GetFileNameWithoutExtension(name)
        where name == $"{Folder}{code}/{area}.json" && area != Failures
        select (area, Read<IReadOnlyDictionary<string, string>>(name));

    /// <summary>The catalogue of failures in a language, by the ids of the English one.</summary>
    public static IReadOnlyDictionary<string, FailureText> Catalog(string code) => Read<IReadOnlyDictionary<string, FailureText>>($"{Folder}{code}/{Failures}.json");

    internal sealed record FailureText(string Cause, string Remedy);

    private static IEnumerable<KeyValuePair<string, string>> OfCatalog(string code)
    {
        var texts = Catalog(code);
        foreach (var entry in FailureCatalog.Default.All)
            if (texts.TryGetValue(entry.Id, out var text))
            {
                yield return new(entry.Cause, text.Cause);
                yield return new(entry.Remedy, text.Remedy);
            }
    }

    private static T Read<T>(string name)
    {
        using var stream = typeof(Texts).Assembly.GetManifestResourceStream(name)!;
        return JsonSerializer.Deserialize<T>(stream, JsonSerializerOptions.Web)!;
    }

    private string? Known(string english)
    {
        if (told.TryGetValue(english, out var text))
            return text;
        foreach (var pattern in patterns)
            if (pattern.Match(english) is { } values)
                // A name stays a name: a value is looked up where it is more than a word.
                return pattern.Fill(values.Select(value => value.Contains(' ', StringComparison.Ordinal) ? Told(value) : value));
        return null;
    }

    private static int LastEnd(string text, int from)
    {
        for (var at = from; at > 0; at--)
            if (text[at] is ' ' or '\n' && text[at - 1] is '.' or ':' or ';')
                return at;
        return 0;
    }
}
