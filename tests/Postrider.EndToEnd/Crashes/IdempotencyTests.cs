using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Postrider.Client;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Crashes;

/// <summary>A request with an Idempotency-Key may be repeated as often as its sender likes.</summary>
public sealed class IdempotencyTests
{
    [Fact]
    public async Task Fifty_requests_with_one_key_are_one_message_and_still_are_after_kill_9()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var installation = await Installation.StartAsync(alone: true);
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => PostAsync(installation, "Invoice 17")));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Accepted, answer.Status));
        var id = Assert.Single(answers.Select(answer => answer.Body["id"]!.GetValue<string>()).Distinct());

        var other = await PostAsync(installation, "Invoice 18");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.Status);
        Assert.Equal("urn:postrider:problem:idempotency-key-reused", other.Body["type"]!.GetValue<string>());

        await installation.RestartAsync();
        var again = await PostAsync(installation, "Invoice 17");
        Assert.Equal((HttpStatusCode.Accepted, id), (again.Status, again.Body["id"]!.GetValue<string>()));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await PostAsync(installation, "Invoice 18")).Status);
        await installation.Gateway.MessageIsAsync(id, "sent");
        Assert.Single((await installation.Gateway.Api.Messages.PageAsync(new MessageFilter(), cancellation: cancellation)).Items);
        Assert.Single(installation.Simulator.State.Messages.Read().Select(message => message.MessageId).Distinct());
    }

    private static async Task<(HttpStatusCode Status, JsonObject Body)> PostAsync(Installation installation, string subject)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/messages")
        {
            Content = JsonContent.Create(new JsonObject { ["to"] = new JsonArray("someone@example.org"), ["subject"] = subject, ["text"] = "Hello" }),
        };
        request.Headers.Add("Idempotency-Key", "invoice-17");
        using var response = await installation.Gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken))!);
    }
}
