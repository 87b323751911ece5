using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Postrider.Architecture;

/// <summary>The console speaks its languages whole: nothing is missing in one, nothing is left over, and nothing is said past it.</summary>
public sealed partial class LanguageTests
{
    private const string Words = "words", Told = "told";

    /// <summary>What is sentences of ours outside of pages: whoever adds to it adds to the told texts.</summary>
    private static readonly string[] Rooms =
    [
        "src/Postrider.Accounts/Consent", "src/Postrider.Accounts/Watch", "src/Postrider.Accounts/Providers", "src/Postrider.Mail/Doctor", "src/Postrider.Mail/Alerts",
        "src/Postrider.Server/Hosting/InstallationDoctor.cs", "src/Postrider.Server/Hosting/DiskSpace.cs", "src/Postrider.Server/Hosting/DoorCertificates.cs",
        "src/Postrider.Server/Api/AlertRules.cs", "src/Postrider.Server/Api/ClientRules.cs", "src/Postrider.Server/Console/Auditing", "src/Postrider.Server/Console/ProviderSetup/ProviderForms.cs",
        "src/Postrider.Server/Console/ProviderSetup/ProviderFormValues.cs", "src/Postrider.Server/Console/ProviderSetup/DoctorRuns.cs",
    ];

    /// <summary>Written to people by mail, or told when the program starts or is asked: in English.</summary>
    private static readonly string[] NotShown = ["AlertMail.cs", "AlertOptions.cs", "AuditLog.cs", "AuditTrail.cs", "AuditExport.cs", "AuditKeys.cs", "Webhooks.cs", "ProviderCatalog.cs", "ReconnectLinks.cs", "MessageEvents.cs"];

    public static TheoryData<string> Languages => [.. Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src/Postrider.Server/Console/Languages")).Select(folder => Path.GetFileName(folder)!)];

    [Theory]
    [MemberData(nameof(Languages))]
    public void Every_text_of_the_console_is_there_with_the_same_places(string code)
    {
        var texts = Areas(code).Where(area => area.Key != Told).SelectMany(area => area.Value).ToDictionary();
        Nothing(SourceTexts.Said().Where(said => !texts.ContainsKey(said.Key)).Select(said => $"{said.File}: {said.Key}").Distinct());
        Nothing(Areas(code).SelectMany(area => area.Value).Where(text => !Places(text.Key).SetEquals(Places(text.Value))).Select(text => text.Key));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void No_text_is_left_over(string code)
    {
        var said = SourceTexts.Said().Select(said => said.Key).ToHashSet();
        var written = SourceTexts.Files("src", ".cs").SelectMany(SourceTexts.In).Select(text => text.Key).ToHashSet();
        var catalog = Repository.Read("src/Postrider.Accounts/Providers/catalog.json");
        Nothing(Areas(code).SelectMany(area => area.Value.Keys.Where(key => area.Key switch
        {
            Told => !written.Contains(key) && !written.Any(text => text.Contains($"'{key}'", StringComparison.Ordinal)) && !catalog.Contains(JsonSerializer.Serialize(key, Plain), StringComparison.Ordinal),
            // Single words that are kept in the database or name a step.
            Words => said.Contains(key),
            _ => !said.Contains(key),
        }).Select(key => $"{area.Key}: {key}")));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void Every_sentence_that_is_made_outside_of_pages_is_told(string code)
    {
        var told = Areas(code)[Told];
        var sentences = Rooms.SelectMany(room => room.EndsWith(".cs", StringComparison.Ordinal) ? [Path.Combine(Repository.Root, room)] : SourceTexts.Files(room, ".cs"))
            .Where(file => !NotShown.Contains(Path.GetFileName(file))).SelectMany(file => SourceTexts.In(file).Where(text => IsSentence(text.Key) && !IsForPrograms(text.At)).Select(text => (File: Path.GetFileName(file), text.Key)));
        Nothing(sentences.Where(text => !told.ContainsKey(text.Key)).Select(text => $"{text.File}: {text.Key}").Distinct());
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void The_catalogue_of_failures_has_the_same_entries_places_and_commands(string code)
    {
        using var english = JsonDocument.Parse(Repository.Read("src/Postrider.Accounts/Failures/failures.json"));
        using var other = JsonDocument.Parse(Repository.Read($"src/Postrider.Accounts/Failures/failures.{code}.json"));
        var entries = english.RootElement.EnumerateArray().SelectMany(group => group.GetProperty("entries").EnumerateArray()).ToDictionary(entry => entry.GetProperty("id").GetString()!);
        Assert.Equal(entries.Keys.Order(), other.RootElement.EnumerateObject().Select(entry => entry.Name).Order());
        Assert.All(other.RootElement.EnumerateObject(), entry => Assert.All(new[] { "cause", "remedy" }, part =>
        {
            var (text, same) = (entries[entry.Name].GetProperty(part).GetString()!, entry.Value.GetProperty(part).GetString()!);
            Assert.True(Places(text).SetEquals(Places(same)), $"{entry.Name}, {part}");
            Assert.Equal(Commands(text), Commands(same));
        }));
    }

    [Fact]
    public void No_page_shows_English_that_is_not_said_through_T() =>
        Nothing(SourceTexts.Files("src/Postrider.Server/Console/Pages", ".cshtml").SelectMany(file => PageTexts.Unsaid(File.ReadAllText(file)).Select(text => $"{Path.GetFileName(file)}: {text}")));

    [Fact]
    public void No_code_of_the_console_says_a_sentence_past_T() =>
        Nothing(SourceTexts.Files("src/Postrider.Server/Console", ".cs").Where(file => !Rooms.Any(room => file.Contains(room, StringComparison.Ordinal)) && Path.GetFileName(file) is not ("OidcOptions.cs" or "Snippets.cs"))
            .SelectMany(file => SourceTexts.In(file).Where(text => IsSentence(text.Key) && !SourceTexts.IsSaid(text.At) && !IsForPrograms(text.At)).Select(text => $"{Path.GetFileName(file)}: {text.Key}")));

    private static void Nothing(IEnumerable<string> wrong) => Assert.True(wrong.ToList() is { Count: 0 }, string.Join('\n', wrong));

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static Dictionary<string, Dictionary<string, string>> Areas(string code) => Directory.EnumerateFiles(Path.Combine(Repository.Root, "src/Postrider.Server/Console/Languages", code), "*.json")
        .ToDictionary(file => Path.GetFileNameWithoutExtension(file), file => JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(file))!);

    private static HashSet<string> Places(string text) => [.. Place().Matches(text).Select(match => match.Value)];

    private static IEnumerable<string> Commands(string text) => text.Split('\n').Where(line => line.StartsWith("    ", StringComparison.Ordinal));

    /// <summary>It begins as a sentence does, ends as one, and has three words at least.</summary>
    private static bool IsSentence(string text) => Sentence().IsMatch(text);

    private static bool IsForPrograms(SyntaxNode node) => node.Ancestors().Any(ancestor => ancestor is AttributeSyntax or ThrowStatementSyntax or ThrowExpressionSyntax
        or InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.Text: "Define" or "Fail" or "Note" } }
        or InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name: GenericNameSyntax { Identifier.Text: "Define" } } });

    [GeneratedRegex(@"\{\w+(?::[^{}]*)?\}")]
    private static partial Regex Place();

    [GeneratedRegex(@"^(?:[A-Z""]|\{\d+\} [a-z])(?=(?:.*?[A-Za-z']{2,}[ ,:]){2}).*[a-z)}""'][.:]$", RegexOptions.Singleline)]
    private static partial Regex Sentence();
}
