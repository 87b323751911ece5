using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Html;

namespace Postrider.Server.Console.Languages;

/// <summary>Something that the console says, in the language of whoever it is shown to: it is looked up when it is written. Its values are
/// encoded on a page, except for those that are HTML, such as a link in the middle of a sentence.</summary>
/// <param name="english">The text, with a place such as <c>{0}</c> for each value.</param>
internal class HtmlPhrase(string english, params object?[] values) : IHtmlContent
{
    public override string ToString() => values.Length == 0 ? Text : string.Format(Language.Current.Culture, Text, values);

    public void WriteTo(TextWriter writer, HtmlEncoder encoder)
    {
        if (values.Length == 0)
            writer.Write(encoder.Encode(Text));
        else
            new HtmlFormattableString(Language.Current.Culture, Text, values!).WriteTo(writer, encoder);
    }

    private string Text => Language.Current.Texts?[english].Value ?? english;
}
