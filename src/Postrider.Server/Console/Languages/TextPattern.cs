using System.Text.RegularExpressions;

namespace Postrider.Server.Console.Languages;

/// <summary>A sentence with places for values, such as <c>There is no provider {0}.</c>, that finds the values in the finished sentence.</summary>
internal sealed partial class TextPattern
{
    private readonly string[] literals, names;
    private readonly string text;

    private TextPattern(string[] literals, string[] names, string text) => (this.literals, this.names, this.text) = (literals, names, text);

    /// <summary>How many letters of a sentence it knows: the more, the surer.</summary>
    public int Weight => literals.Sum(literal => literal.Length);

    /// <returns>Null when there is no place in it.</returns>
    public static TextPattern? Of(string english, string text)
    {
        var parts = Place().Split(english);
        return parts.Length == 1 ? null : new([.. parts.Where((_, at) => at % 2 == 0)], [.. parts.Where((_, at) => at % 2 == 1)], text);
    }

    /// <returns>The values in the order of their places; null for another sentence.</returns>
    public IReadOnlyList<string>? Match(string sentence)
    {
        if (!sentence.StartsWith(literals[0], StringComparison.Ordinal) || !sentence.EndsWith(literals[^1], StringComparison.Ordinal))
            return null;
        var (values, at, end) = (new List<string>(names.Length), literals[0].Length, sentence.Length - literals[^1].Length);
        for (var place = 0; place < names.Length; place++)
        {
            var next = literals[place + 1];
            // Where two stand side by side, the first has all.
            var stop = place == names.Length - 1 || next.Length == 0 ? end : at < end ? sentence.IndexOf(next, at, end - at, StringComparison.Ordinal) : -1;
            if (stop < at)
                return null;
            values.Add(sentence[at..stop]);
            at = stop + (stop < end ? next.Length : 0);
        }
        return values;
    }

    public string Fill(IEnumerable<string> values)
    {
        var byName = names.Zip(values).DistinctBy(pair => pair.First).ToDictionary(pair => pair.First, pair => pair.Second);
        return Place().Replace(text, place => byName[place.Groups[1].Value]);
    }

    /// <summary>A number or a name in braces, with its format.</summary>
    [GeneratedRegex(@"\{(\w+)(?::[^{}]*)?\}")]
    public static partial Regex Place();
}
