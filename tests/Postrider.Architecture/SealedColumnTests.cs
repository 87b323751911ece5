using System.Text.RegularExpressions;

namespace Postrider.Architecture;

/// <summary>A rotation of keys has to find every sealed column: one that it does not know could not be opened any more once the old key is gone.</summary>
public sealed partial class SealedColumnTests
{
    [Fact]
    public void Every_column_that_the_schema_calls_sealed_is_registered_once()
    {
        var sources = string.Concat(Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        var columns = Directory.GetFiles(Path.Combine(Repository.Root, "src", "Postrider.Storage", "Migrations"), "*.sql").SelectMany(file => Sealed(File.ReadAllLines(file))).ToList();
        Assert.True(columns.Count > 10);
        Assert.DoesNotContain(columns, column => Regex.Count(sources, $"new(?: SealedColumn)?\\(\"{column.Table}\", \"\\w+\", \"{column.Column}\"") is not 1);
    }

    private static IEnumerable<(string Table, string Column)> Sealed(IEnumerable<string> lines)
    {
        var table = "";
        foreach (var line in lines)
        {
            if (TableIn().Match(line) is { Success: true } begins)
                table = begins.Groups[1].Value;
            if (ColumnIn().Match(line) is { Success: true } column)
                yield return (table, column.Groups[1].Value);
        }
    }

    [GeneratedRegex(@"^(?:create|alter) table (\w+)")]
    private static partial Regex TableIn();

    [GeneratedRegex(@"(?:^ +|add column )(\w+) text.*-- sealed")]
    private static partial Regex ColumnIn();
}
