using System.Text.RegularExpressions;

namespace Postrider.Architecture;

/// <summary>Nodes of two versions work on one database while they are replaced one after the other: what the older one knows stays as it is.</summary>
public sealed partial class MigrationTests
{
    /// <summary>Those before were made before several versions had to get along.</summary>
    private const int FirstThatOnlyExtends = 90;

    public static TheoryData<string> Migrations => [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src/Postrider.Storage/Migrations"), "*.sql")
        .Select(file => Path.GetFileName(file)).Where(name => int.Parse(name[..4], System.Globalization.CultureInfo.InvariantCulture) >= FirstThatOnlyExtends)];

    [Theory]
    [MemberData(nameof(Migrations))]
    public void A_migration_only_extends_the_schema(string name) =>
        Assert.Empty(Takes().Matches(Repository.Read($"src/Postrider.Storage/Migrations/{name}")).Select(match => match.Value));

    [Theory]
    [InlineData("alter table queue drop column rescues", true)]
    [InlineData("ALTER TABLE queue RENAME TO waiting", true)]
    [InlineData("drop table nodes", true)]
    [InlineData("alter table queue alter column due_at type integer", true)]
    [InlineData("alter table queue add column reason text not null", true)]
    [InlineData("alter table queue add column reason text not null default ''", false)]
    [InlineData("alter table contents alter column bytes set storage external", false)]
    [InlineData("create table reasons (id text not null primary key)", false)]
    [InlineData("drop index queue_due", false)]
    public void What_an_older_program_would_stumble_over_is_known(string statement, bool takes) => Assert.Equal(takes, Takes().IsMatch(statement));

    [GeneratedRegex(@"drop\s+(table|column)|\brename\b|alter\s+column(?!\s+\w+\s+set\s+storage)|add\s+column\s+\w+\s+\w+\s+not\s+null(?!\s+default)", RegexOptions.IgnoreCase)]
    private static partial Regex Takes();
}
