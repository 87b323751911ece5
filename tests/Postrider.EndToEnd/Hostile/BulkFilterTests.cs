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
