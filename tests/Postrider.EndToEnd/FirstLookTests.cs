using System.Net;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd;

/// <summary>What a gateway makes ready only when somebody asks for it is there for the first who does.</summary>
public sealed class FirstLookTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/sign-in", HttpStatusCode.OK)]
    [InlineData("/api/v1/queue", HttpStatusCode.Unauthorized)]
    [InlineData("/openapi/v1.json", HttpStatusCode.OK)]
    [InlineData("/no-such-page", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/no-such-thing", HttpStatusCode.NotFound)]
    public async Task All_who_ask_first_at_once_are_answered_as_ever(string path, HttpStatusCode expected)
    {
        await using var installation = await Installation.StartAsync(connect: false);
        using var stranger = new HttpClient { BaseAddress = installation.Gateway.HttpUrl };
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => stranger.GetAsync(path, Stop)));
        Assert.All(answers, answer => Assert.Equal(expected, answer.StatusCode));
    }

    [Fact]
    public async Task Pages_and_API_are_there_for_those_who_ask_first_for_both_at_once()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        using var stranger = new HttpClient { BaseAddress = installation.Gateway.HttpUrl };
        var asked = Enumerable.Range(0, 12).Select(at => at % 2 == 0 ? ("/sign-in", HttpStatusCode.OK) : ("/api/v1/queue", HttpStatusCode.Unauthorized)).ToList();
        var answers = await Task.WhenAll(asked.Select(one => stranger.GetAsync(one.Item1, Stop)));
        Assert.Equal(asked.Select(one => one.Item2), answers.Select(answer => answer.StatusCode));
    }

    [Fact]
    public async Task A_method_that_an_address_does_not_know_is_refused_for_that_by_the_first_request()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        using var answer = await installation.Gateway.Http.DeleteAsync("/api/v1/queue", Stop);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }

    // The library that shows the API's description is loaded with the API's addresses and by nothing else.
    [Fact]
    public async Task A_gateway_that_nobody_looks_at_has_the_API_not_even_loaded()
    {
        await using var installation = await Installation.StartAsync(connect: false, alone: true);
        var process = (GatewayProcess)installation.Gateway;
        using var stranger = new HttpClient { BaseAddress = process.HttpUrl };
        Assert.Equal(HttpStatusCode.OK, (await stranger.GetAsync("/readyz", Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await stranger.GetAsync("/metrics", Stop)).StatusCode);
        Assert.DoesNotContain("Scalar", await LoadedAsync(process), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync("/api/v1/queue", Stop)).StatusCode);
        Assert.Contains("Scalar", await LoadedAsync(process), StringComparison.Ordinal);
    }

    private static Task<string> LoadedAsync(GatewayProcess process) => File.ReadAllTextAsync($"/proc/{process.ProcessId}/maps", Stop);
}
