using System.Net;
using System.Text;
using Postrider.Client;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Hostile;

/// <summary>An act on many messages reaches those that were meant, or none.</summary>
public sealed class BulkFilterTests
{
    [Fact]
    public async Task A_misspelt_filter_or_one_in_the_body_cancels_nothing()
    {
        await using var installation = await Installation.StartAsync();
        var gateway = installation.Gateway;
        await gateway.Api.Providers.PauseAsync(Installation.ProviderName, TestContext.Current.CancellationToken);
        var waiting = await gateway.Api.Messages.SendAsync(new SendMessage { To = ["a@example.org"], Subject = "x", Text = "x" }, cancellation: TestContext.Current.CancellationToken);
        using var misspelt = await gateway.Http.PostAsync("/api/v1/messages/cancel?state=queued&provder=x", null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, misspelt.StatusCode);
        Assert.Contains("provder", await misspelt.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var inBody = await gateway.Http.PostAsync("/api/v1/messages/cancel?state=queued", new StringContent("{\"provider\":\"x\"}", Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, inBody.StatusCode);
        Assert.Equal("queued", (await gateway.Api.Messages.GetAsync(waiting.Id, TestContext.Current.CancellationToken)).State);
    }

    [Fact]
    public async Task An_act_reaches_no_more_than_its_limit_says_where_it_goes_on_and_counts_beforehand()
    {
        await using var installation = await Installation.StartAsync();
        var gateway = installation.Gateway;
        await gateway.Api.Providers.PauseAsync(Installation.ProviderName, TestContext.Current.CancellationToken);
        await installation.SendManyAsync(3);
        Assert.Equal(3, await gateway.Api.Messages.CountAsync("hold", new MessageFilter { State = "queued" }, TestContext.Current.CancellationToken));
        using var first = await gateway.Http.PostAsync("/api/v1/messages/hold?state=queued&limit=2", null, TestContext.Current.CancellationToken);
        var answer = System.Text.Json.Nodes.JsonNode.Parse(await first.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal(2, (int)answer["count"]!);
        Assert.Equal(1, await gateway.Api.Messages.CountAsync("hold", new MessageFilter { State = "queued" }, TestContext.Current.CancellationToken));
        using var rest = await gateway.Http.PostAsync($"/api/v1/messages/hold?state=queued&cursor={answer["nextCursor"]}", null, TestContext.Current.CancellationToken);
        Assert.Equal("""{"count":1}""", await rest.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, (await gateway.Api.Messages.HoldAllAsync(new MessageFilter { State = "queued" }, cancellation: TestContext.Current.CancellationToken)).Count);
        using var everything = await gateway.Http.GetAsync("/api/v1/messages/release", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, everything.StatusCode);
        var (exitCode, output, error) = await gateway.CliAsync("message", "release", "--state", "held", "--yes");
        Assert.True(exitCode == 0, output + error);
        Assert.Contains("Released 3 messages.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_raw_message_without_an_envelope_sender_is_its_authors_and_an_empty_one_is_the_null_path()
    {
        await using var installation = await Installation.StartAsync();
        var gateway = installation.Gateway;
        Assert.Equal(Installation.Mailbox, await SenderAsync(gateway, "?to=a@example.org"));
        Assert.Equal("", await SenderAsync(gateway, "?from=&to=a@example.org"));
    }

    private static async Task<string> SenderAsync(RunningGateway gateway, string query)
    {
        using var body = new StringContent($"From: App <{Installation.Mailbox}>\r\nSubject: x\r\n\r\nHello\r\n");
        body.Headers.ContentType = new("message/rfc822");
        using var answer = await gateway.Http.PostAsync("/api/v1/messages" + query, body, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        using var json = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return (await gateway.Api.Messages.GetAsync(json.RootElement.GetProperty("id").GetString()!, TestContext.Current.CancellationToken)).From;
    }
}
