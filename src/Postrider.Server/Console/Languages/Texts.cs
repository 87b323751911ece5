using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.Extensions.Localization;

namespace Postrider.Server.Console.Languages;

/// <summary>What the console says, in one language. The English text is the key. The texts are files of this program, one for each area of
/// the console; those whose name begins with <c>told</c> are of sentences that are made outside of it.</summary>
internal sealed class Texts : IStringLocalizer
{
    private readonly FrozenDictionary<string, string> byEnglish;
    private readonly IReadOnlyList<TextPattern> told;

    /// <param name="code">The language's, which is the name of its folder.</param>
    public Texts(string code)
    {
        var (all, patterns) = (new Dictionary<string, string>(StringComparer.Ordinal), new List<TextPattern>());
        foreach (var (area, texts) in Areas(code))
            foreach (var (english, text) in texts)
            {
                all.Add(english, text);
                if (area.StartsWith("told", StringComparison.Ordinal) && TextPattern.Of(english, text) is { } pattern)
                    patterns.Add(pattern);
            }
        byEnglish = all.ToFrozenDictionary(StringComparer.Ordinal);
        told = [.. patterns.OrderByDescending(pattern => pattern.Weight)];
    }

    public LocalizedString this[string name] => byEnglish.TryGetValue(name, out var text) ? new(name, text) : new(name, name, resourceNotFound: true);

    public LocalizedString this[string name, params object[] arguments] =>
        this[name] is var found ? new(name, string.Format(Language.Current.Culture, found.Value, arguments), found.ResourceNotFound) : null!;

    public IEnumerable<LocalizedString> GetAllStrings(bool includeParentCultures) => byEnglish.Select(text => new LocalizedString(text.Key, text.Value));

    /// <summary>A sentence that was made in English, with its values in it, in this language; as it is where it is not known.</summary>
    public string Told(string english)
    {
        if (byEnglish.TryGetValue(english, out var text))
            return text;
        foreach (var pattern in told)
            if (pattern.Match(english) is { } values)
                return pattern.Fill(values.Select(Told));
        return english;
    }

    /// <summary>The files of a language.</summary>
    public static IEnumerable<(string Area, IReadOnlyDictionary<string, string> Texts)> Areas(string code)
    {
        var assembly = typeof(Texts).Assembly;
        var folder = $"Console/Languages/{code}/";
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(folder, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            yield return (name[folder.Length..^".json".Length], JsonSerializer.Deserialize<Dictionary<string, string>>(stream)!);
        }
    }
}
