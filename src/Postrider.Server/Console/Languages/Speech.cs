using System.Diagnostics.CodeAnalysis;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Languages;

/// <summary>What pages and everything else of the console speak with: <c>T["Providers"]</c>, <c>T[$"{name} is removed."]</c>,
/// <c>T.Count(n, "1 message waits", "{0} messages wait")</c>.</summary>
[SuppressMessage("Performance", "CA1822", Justification = "An indexer belongs to an object.")]
internal sealed class Speech
{
    public static Speech T { get; } = new();

    public Phrase this[string english] => new(english);

    public Phrase this[string english, params object?[] values] => new(english, values);

    public Phrase this[Sentence sentence] => sentence.Phrase;

    /// <summary>A sentence with HTML in it, such as a link or a moment. It is not a text, and is written by a page alone.</summary>
    public HtmlPhrase Html(string english, params object?[] values) => new(english, values);

    /// <summary>One or many: a rule that is right for every language of the list.</summary>
    /// <param name="many">The number, as it is written, stands at <c>{0}</c>; what else is said follows from <c>{1}</c> on, in both.</param>
    public Phrase Count(long number, string one, string many, params object?[] more) => new(number == 1 ? one : many, [Moment.Number(number), .. more]);

    /// <summary>A sentence that was made elsewhere, for everybody, in English: of an alert, a doctor, a failure, a rule.</summary>
    [return: NotNullIfNotNull(nameof(english))]
    public string? Told(string? english) => english is null ? null : Language.Current.Texts?.Told(english) ?? english;
}
