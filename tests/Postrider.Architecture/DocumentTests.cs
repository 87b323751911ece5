using System.Text.RegularExpressions;

namespace Postrider.Architecture;

/// <summary>What the documents name exists.</summary>
public sealed partial class DocumentTests
{
    public static TheoryData<string> Pages => [.. new[] { "README.md", "CONTRIBUTING.md", "docs" }
        .SelectMany(path => path == "docs" ? Directory.EnumerateFiles(Path.Combine(Repository.Root, path), "*.md", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Root, file)) : [path])];

    [Fact]
    public void Every_file_that_the_life_of_a_message_names_exists()
    {
        var named = SourceFile().Matches(Repository.Read("docs/flow.md")).Select(match => match.Value).Distinct().ToList();
        Assert.True(named.Count >= 10, "docs/flow.md names the file of each step.");
        Assert.All(named, file => Assert.True(File.Exists(Path.Combine(Repository.Root, file)), file));
    }

    [Theory]
    [InlineData("docs/stumbling-blocks.md", 40)]
    [InlineData("docs/reliability.md", 20)]
    public void Every_test_that_a_page_names_exists(string page, int atLeast)
    {
        var tests = Tests();
        var named = NamedTest().Matches(Repository.Read(page)).Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.True(named.Count >= atLeast, $"{page} names the test of each row.");
        Assert.All(named, name => Assert.True(tests.Contains(name), name));
    }

    /// <summary>What issues ask to be survived, as numbered in the team's table of faults, and what has been measured.</summary>
    [Fact]
    public void Every_fault_that_is_measured_or_asked_for_has_a_test_that_runs_with_every_change()
    {
        var (page, tests) = (Repository.Read("docs/reliability.md"), Tests());
        var at = page.IndexOf("## The test of each fault", StringComparison.Ordinal);
        Assert.True(at > 0, "docs/reliability.md has no table of tests.");
        static Dictionary<string, string> Rows(string text) => FaultRow().Matches(text).ToDictionary(match => match.Groups[1].Value, match => match.Value);
        var (measured, tested) = (Rows(page[..at]), Rows(page[at..]));
        int[] asked = [.. Enumerable.Range(1, 5), .. Enumerable.Range(7, 14), 28, 29, 30, 32, 33, 34, 35, 41, 43, 44, 46, 47];
        Assert.All(measured.Keys.Select(number => number.Split(' ')[0]).Concat(asked.Select(number => $"T{number:00}")), number => Assert.Contains(number, tested.Keys));
        // A class of tests, a name without underscores, would not be checked.
        Assert.All(tested, row => Assert.True(row.Value.TrimEnd(' ', '|').Split(" | ")[^1].Split('`').Where((_, part) => part % 2 == 1).ToList() is { Count: > 0 } named && named.All(tests.Contains), row.Value));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_inside_the_project_leads_somewhere(string page)
    {
        var directory = Path.GetDirectoryName(Path.Combine(Repository.Root, page))!;
        var links = Link().Matches(Repository.Read(page)).Select(match => match.Groups[1].Value)
            .Where(link => !link.Contains("://", StringComparison.Ordinal) && !link.StartsWith("mailto:", StringComparison.Ordinal));
        Assert.All(links, link => Assert.True(link.StartsWith('#') || Path.Exists(Path.Combine(directory, link.Split('#')[0])), link));
    }

    private static HashSet<string> Tests() => Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories)
        .SelectMany(file => TestMethod().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);

    [GeneratedRegex(@"^\| (T\d\d[^|]*?|1,000) \|.*$", RegexOptions.Multiline)]
    private static partial Regex FaultRow();

    [GeneratedRegex(@"src/[A-Za-z./]+\.cs\b")]
    private static partial Regex SourceFile();

    [GeneratedRegex(@"public (?:async )?(?:static )?(?:Task|void) ([A-Z]\w+_\w+)\(")]
    private static partial Regex TestMethod();

    [GeneratedRegex("`([A-Z][A-Za-z0-9]*_[A-Za-z0-9_]+)`")]
    private static partial Regex NamedTest();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
