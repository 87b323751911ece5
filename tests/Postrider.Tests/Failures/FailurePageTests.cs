using Postrider.Accounts.Failures;

namespace Postrider.Tests.Failures;

public sealed class FailurePageTests
{
    [Fact]
    public void The_committed_page_is_what_the_catalogue_says()
    {
        var path = Path.Combine(Root(), "docs", "failures.md");
        var page = FailurePage.Write(FailureCatalog.Default);
        if (Environment.GetEnvironmentVariable("POSTRIDER_UPDATE") is "1") File.WriteAllText(path, page);
        Assert.True(File.Exists(path) && File.ReadAllText(path) == page,
            "docs/failures.md is not what failures.json says. Run this test again with POSTRIDER_UPDATE=1 and commit the page.");
    }

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Postrider.slnx"))) directory = directory.Parent;
        return directory?.FullName ?? throw new DirectoryNotFoundException("The tests run inside the repository: no Postrider.slnx above them.");
    }
}
