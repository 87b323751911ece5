using System.Globalization;
using System.Text.Encodings.Web;
using Postrider.Accounts.Failures;
using Postrider.Mail.Doctor;
using Postrider.Server.Console.Languages;
using Postrider.Server.Console.People;
using Postrider.Server.Console.Ui;
using Postrider.Server.Hosting;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Tests.Console;

/// <summary>What the console says, to whom it is said in German.</summary>
public sealed class LanguageTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 14, 5, 0, TimeSpan.Zero);
    private readonly CultureInfo before = CultureInfo.CurrentUICulture;

    public LanguageTests() => CultureInfo.CurrentUICulture = Language.German.Culture;

    public void Dispose() => CultureInfo.CurrentUICulture = before;

    [Fact]
    public void Numbers_lengths_and_days_are_written_as_the_viewer_writes_them()
    {
        Assert.Equal("1.284", Moment.Number(1284));
        Assert.Equal("1,5 KB", Moment.Size(1536));
        Assert.Equal("vor 3 min", Moment.InWords(Now.AddMinutes(-3), Now));
        Assert.Equal("in 3 Tagen", Moment.InWords(Now.AddDays(3), Now));
        Assert.Equal("3 Tage", Moment.Length(TimeSpan.FromDays(3)));
        Assert.Equal("1. März 2026, 14:05 UTC", Zone.Utc.Day(Now));
        CultureInfo.CurrentUICulture = Language.English.Culture;
        Assert.Equal("1,284", Moment.Number(1284));
        Assert.Equal("1 March 2026, 14:05 UTC", Zone.Utc.Day(Now));
    }

    [Fact]
    public void What_programs_read_does_not_follow_the_viewer() => Assert.Equal("1.5", $"{1.5}");

    [Fact]
    public void One_and_many_are_told_apart()
    {
        Assert.Equal("1 Nachricht wartet.", T.Count(1, "1 message waits.", "{0} messages wait."));
        Assert.Equal("1.284 Nachrichten warten.", T.Count(1284, "1 message waits.", "{0} messages wait."));
        Assert.Equal("0 Nachrichten warten.", T.Count(0, "1 message waits.", "{0} messages wait."));
    }

    [Fact]
    public void A_phrase_of_a_table_is_said_in_the_language_of_the_moment()
    {
        var phrase = T["Providers"];
        Assert.Equal("Anbieter", phrase);
        CultureInfo.CurrentUICulture = Language.English.Culture;
        Assert.Equal("Providers", phrase);
    }

    [Fact]
    public void Values_are_encoded_on_a_page_and_links_are_not()
    {
        var name = "<b>";
        Assert.Equal("&lt;b&gt; ist entfernt.", Written(T[$"{name} is removed."]));
        Assert.Equal("&lt;b&gt; durch <strong>anna</strong>", Written(T.Html("{0} by {1}", name, Part.Strong("anna"))));
    }

    [Fact]
    public void A_text_that_is_not_known_is_said_as_it_is_written() => Assert.Equal("No such text.", T["No such text."]);

    [Theory]
    [InlineData("There is already a provider named contoso. Choose another name.", "Einen Anbieter namens contoso gibt es schon. Einen anderen Namen wählen.")]
    [InlineData("The client secret of Contoso ends on 2027-03-31 (in 12 days).", "Das Geheimnis der Anwendung von Contoso läuft am 2027-03-31 (in 12 Tagen) ab.")]
    // A cause with its state behind it, a reason that was cut from several, an alert with the address taken out.
    [InlineData("SMTP AUTH is switched off for a@contoso.com. Its mail waits; nothing is lost.", "SMTP AUTH ist für a@contoso.com abgeschaltet. Seine Mail wartet; nichts geht verloren.")]
    [InlineData("It has no password. Set the password of a@contoso.com.", "Er hat kein Passwort. Das Passwort von a@contoso.com setzen.")]
    [InlineData("SMTP AUTH is switched off for the address.", "SMTP AUTH ist für die Adresse abgeschaltet.")]
    [InlineData("open at 127.0.0.1:587 and, with TLS from the start, at 127.0.0.1:465", "offen unter 127.0.0.1:587 und, mit TLS von Anfang an, unter 127.0.0.1:465")]
    [InlineData("Something that somebody else wrote.", "Something that somebody else wrote.")]
    // A name that is also a word of ours stays a name.
    [InlineData("There is no provider \"Disk\".", "Den Anbieter \"Disk\" gibt es nicht.")]
    public void A_finished_sentence_is_known_by_its_pattern(string english, string german) => Assert.Equal(german, T.Told(english));

    [Fact]
    public void Every_failure_of_the_catalogue_is_told_with_its_values()
    {
        var values = new[] { "mailbox", "from", "recipient", "clientId", "tenant", "authority", "redirectUri", "host", "port" }.ToDictionary(name => name, name => $"{name}-value");
        Assert.All(FailureCatalog.Default.All.Select(failure => failure.Fill(values)), failure =>
        {
            var (cause, remedy) = (T.Told(failure.Cause), T.Told(failure.Remedy));
            Assert.NotEqual(failure.Cause, cause);
            Assert.NotEqual(failure.Remedy, remedy);
            Assert.All(values.Values.Where(value => failure.Cause.Contains(value, StringComparison.Ordinal)), value => Assert.Contains(value, cause, StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Every_word_that_is_not_written_in_a_page_has_one_in_German()
    {
        var texts = Language.German.Texts!;
        Assert.All([.. Role.All, .. DoctorStepName.All.Concat(InstallationDoctor.Steps).Select(DoctorStepName.InWords)], word => Assert.False(texts[word].ResourceNotFound, word));
    }

    private static string Written(HtmlPhrase content)
    {
        using var writer = new StringWriter();
        content.WriteTo(writer, HtmlEncoder.Default);
        return writer.ToString();
    }
}
