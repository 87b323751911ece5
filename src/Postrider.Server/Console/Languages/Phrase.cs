using System.Diagnostics.CodeAnalysis;

namespace Postrider.Server.Console.Languages;

/// <summary>Something that the console says without HTML in it, so that it may stand wherever a text does; a table of such phrases may be
/// static, for each is looked up when it is said.</summary>
/// <inheritdoc/>
internal sealed class Phrase(string english, params object?[] values) : HtmlPhrase(english, values)
{
    [return: NotNullIfNotNull(nameof(phrase))]
    public static implicit operator string?(Phrase? phrase) => phrase?.ToString();
}
