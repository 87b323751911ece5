using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;

namespace Postrider.Simulator;

/// <summary>Text that is already HTML. Anything else put into a page is encoded, whoever forgets to ask for it.</summary>
internal readonly record struct Html(string Value)
{
    public static readonly Html None = new("");

    public static Html Of(HtmlBuilder builder) => new(builder.ToString());

    public static Html Join(IEnumerable<Html> parts) => new(string.Concat(parts.Select(p => p.Value)));

    public override string ToString() => Value;
}

/// <summary>Builds HTML from an interpolated string: the literal parts are trusted, the holes are not.</summary>
[InterpolatedStringHandler]
internal readonly struct HtmlBuilder
{
    private readonly StringBuilder _text;

    public HtmlBuilder(int literalLength, int holes) => _text = new StringBuilder(literalLength + (holes * 16));

    public void AppendLiteral(string literal) => _text.Append(literal);

    public void AppendFormatted(Html html) => _text.Append(html.Value);

    public void AppendFormatted<T>(T value) => _text.Append(HtmlEncoder.Default.Encode(value?.ToString() ?? ""));

    public override string ToString() => _text.ToString();
}
