using System.Xml.Linq;

namespace Postrider.Architecture;

/// <summary>References between projects go one way; the layout of the folders is the picture of the architecture.</summary>
public sealed class ProjectDirectionTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Postrider.Smtp"] = [],
        ["Postrider.Storage"] = [],
        ["Postrider.Client"] = [],
        ["Postrider.Simulator"] = [],
        ["Postrider.Accounts"] = ["Postrider.Storage"],
        ["Postrider.Mail"] = ["Postrider.Accounts", "Postrider.Smtp"],
        ["Postrider.Server"] = ["Postrider.Mail", "Postrider.Smtp", "Postrider.Client"],
        ["Postrider.Cli"] = ["Postrider.Server", "Postrider.Client", "Postrider.Simulator"],
    };

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_refers_only_to_those_below_it(string project)
    {
        var file = Directory.EnumerateFiles(Repository.Root, project + ".csproj", SearchOption.AllDirectories).Single();
        var references = XDocument.Load(file).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));
        Assert.Empty(references.Except(Allowed[project]));
    }

    [Fact]
    public void Every_project_of_the_source_folders_has_a_place_in_the_architecture()
    {
        var found = new[] { "src", "simulator" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories))
            .Select(file => Path.GetFileNameWithoutExtension(file)!);
        Assert.Equal(Allowed.Keys.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_folder_or_type_is_named_for_having_no_purpose_of_its_own()
    {
        string[] empty = ["Common", "Helpers", "Helper", "Utils", "Utilities", "Infrastructure", "Manager", "Managers"];
        var sources = new[] { "src", "simulator" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories));
        Assert.DoesNotContain(sources, file => empty.Any(word =>
            Path.GetFileNameWithoutExtension(file).EndsWith(word, StringComparison.Ordinal) || file.Contains($"/{word}/", StringComparison.Ordinal)));
    }
}
