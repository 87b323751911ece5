using Postrider.Client;

namespace Postrider.Tests.Cli;

public sealed class PostriderClientTests
{
    [Fact]
    public async Task A_list_is_fetched_a_page_at_a_time_while_it_is_read()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Answers("GET /api/v1/messages", Samples.Page("c1", "a", "b")).Answers("GET /api/v1/messages", Samples.Page(null, "c"));
        using var http = new HttpClient();
        var client = PostriderClient.For(http, new Uri(gateway.Url), "k");

        var ids = new List<string>();
        await foreach (var message in client.Messages.ListAsync(new MessageFilter { To = "a@example.org" }, TestContext.Current.CancellationToken))
            ids.Add(message.Id);

        Assert.Equal(["a", "b", "c"], ids);
        Assert.Equal(["?to=a%40example.org", "?to=a%40example.org&cursor=c1"], gateway.Requests.Select(asked => asked.Query));
    }

    [Fact]
    public async Task Content_is_the_bytes_as_they_came()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Answers("GET /api/v1/messages/a/content", "From: x\r\n\r\nbody");
        using var http = new HttpClient();
        await using var content = await PostriderClient.For(http, new Uri(gateway.Url), "k")
            .Messages.ContentAsync("a", TestContext.Current.CancellationToken);
        using var reader = new StreamReader(content);

        Assert.Equal("From: x\r\n\r\nbody", await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_refusal_carries_the_problem()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Answers("GET /api/v1/messages/a", """{"type":"urn:postrider:problem:not-found","title":"There is no a.","remedy":"Look at the list.","later":1}""", 404);
        using var http = new HttpClient();
        var client = PostriderClient.For(http, new Uri(gateway.Url), "k");

        var refused = await Assert.ThrowsAsync<PostriderException>(() => client.Messages.GetAsync("a", TestContext.Current.CancellationToken));
        Assert.Equal(("urn:postrider:problem:not-found", 404, "Look at the list."), (refused.Problem.Type, refused.Problem.Status, refused.Problem.Remedy));
        Assert.Equal("There is no a. Look at the list.", refused.Message);
    }
}
