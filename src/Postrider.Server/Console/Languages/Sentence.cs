using System.Runtime.CompilerServices;
using System.Text;

namespace Postrider.Server.Console.Languages;

/// <summary>An interpolated text taken apart into its key and its values: <c>$"{name} is removed."</c> is the text <c>{0} is removed.</c> with
/// one value.</summary>
[InterpolatedStringHandler]
internal sealed class Sentence(int literalLength, int formattedCount)
{
    private readonly StringBuilder english = new(literalLength + 3 * formattedCount);
    private readonly List<object?> values = new(formattedCount);

    public Phrase Phrase => new(english.ToString(), [.. values]);

    public void AppendLiteral(string text) => english.Append(text.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));

    public void AppendFormatted(object? value, string? format = null)
    {
        english.Append('{').Append(values.Count).Append(format is null ? "" : ":" + format).Append('}');
        values.Add(value);
    }
}
