using System.Text.Json;
using System.Text.Json.Nodes;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd;

/// <summary>The description of the HTTP interface is committed, so that a change of it is seen in review and meant.</summary>
public sealed class OpenApiTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    [Fact]
    public async Task The_committed_description_is_the_one_that_the_gateway_serves()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        var served = JsonNode.Parse(await installation.Gateway.Http.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken))!.ToJsonString(Indented) + "\n";
        var file = Path.Combine(Repository(), "docs", "openapi.json");
        if (Environment.GetEnvironmentVariable("POSTRIDER_UPDATE") == "1")
            await File.WriteAllTextAsync(file, served, TestContext.Current.CancellationToken);
        Assert.True(File.Exists(file) && await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken) == served,
            "docs/openapi.json differs from what the gateway serves. If the change is meant, run this test with POSTRIDER_UPDATE=1 and commit the file.");
    }

    [Fact]
    public async Task The_interface_can_be_read_in_a_browser_without_fetching_anything_from_elsewhere()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        using var stranger = new HttpClient { BaseAddress = installation.Gateway.HttpUrl };
        var page = await stranger.GetStringAsync("/scalar/", TestContext.Current.CancellationToken);
        Assert.Contains("Postrider", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https://cdn", page, StringComparison.Ordinal);
    }

    private static string Repository()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Postrider.slnx")))
            directory = directory.Parent;
        return directory!.FullName;
    }
}
