using System.Text.Json.Nodes;
using Postrider.Client;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.EndToEnd;

/// <summary>Which provider sends a message, and who takes over when it cannot.</summary>
public sealed class RoutingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_goes_by_choice_client_mailbox_address_domain_and_default_in_that_order_and_the_answer_says_why()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        var api = installation.Gateway.Api;
        await installation.AddProviderAsync("one", connect: false);
        Assert.Equal(("one", "only one"), await AskAsync("stranger@example.net"));
        await installation.AddProviderAsync("two", "alerts@contoso.example", new JsonObject { ["senders"] = new JsonArray("invoices@contoso.example", "@shop.example") }, connect: false);
        await installation.AddProviderAsync("three", "news@contoso.example", new JsonObject { ["domain"] = "letters.example" }, connect: false);
        await api.Clients.AddAsync(new ClientInput { Name = "printer", Provider = "three" }, Cancellation);

        var refused = await api.Queue.RouteAsync(new RouteQuestion { From = "stranger@example.net" }, Cancellation);
        Assert.Null(refused.Provider);
        Assert.StartsWith("550 5.3.5 Which provider", refused.Why, StringComparison.Ordinal);

        await api.Providers.ChangeAsync("three", new JsonObject { ["default"] = true }, Cancellation);
        await api.Providers.ChangeAsync("one", new JsonObject { ["default"] = true }, Cancellation);
        Assert.False((await installation.ProviderAsync("three"))["default"]!.GetValue<bool>());
        Assert.Equal(("one", "default"), await AskAsync("stranger@example.net"));
        Assert.Equal(("two", "its mailbox"), await AskAsync("Alerts@contoso.example"));
        Assert.Equal(("two", "among its senders"), await AskAsync("invoices@contoso.example"));
        Assert.Equal(("two", "among its senders"), await AskAsync("anyone@SHOP.example"));
        Assert.Equal(("three", "its domain"), await AskAsync("anyone@letters.example"));
        Assert.Equal(("three", "provider of printer"), await AskAsync("alerts@contoso.example", client: "printer"));
        Assert.Equal(("one", "asks for it"), await AskAsync("alerts@contoso.example", "one", "printer"));

        var (exitCode, output, error) = await installation.Gateway.CliAsync("route", "--from", "invoices@contoso.example");
        Assert.True(exitCode == 0, error);
        Assert.Contains("two: invoices@contoso.example is among its senders.", output, StringComparison.Ordinal);
        Assert.Contains("The message would wait: ", output, StringComparison.Ordinal);

        async Task<(string?, string)> AskAsync(string from, string? provider = null, string? client = null)
        {
            var answer = await api.Queue.RouteAsync(new RouteQuestion { From = from, Provider = provider, Client = client }, Cancellation);
            return (answer.Provider, new[] { "only one", "default", "its mailbox", "among its senders", "its domain", "provider of printer", "asks for it" }
                .Single(why => answer.Why.Contains(why, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task Mail_of_a_provider_that_cannot_send_goes_through_its_failover_and_says_so()
    {
        await using var installation = await Installation.StartAsync(settings: new Dictionary<string, string> { ["POSTRIDER__Mail__FailoverAfter"] = "00:00:01" });
        var api = installation.Gateway.Api;
        await installation.AddProviderAsync("broken", "shared@contoso.example", connect: false, with: new JsonObject
        {
            ["type"] = "password", ["address"] = "127.0.0.1", ["port"] = 9, ["security"] = "tls", ["password"] = "secret", ["failover"] = Installation.ProviderName,
            ["tenant"] = null, ["authority"] = null, ["clientId"] = null, ["clientSecret"] = null, ["redirectUri"] = null,
        });
        var id = await installation.SendAsync(provider: "broken");
        var sent = await installation.Gateway.MessageIsAsync(id, "sent");
        Assert.Equal(Installation.ProviderName, sent.Provider);
        var moved = Assert.Single(sent.Events, told => told.Kind == "moved");
        Assert.Contains("cannot send", moved.Detail, StringComparison.Ordinal);
        var answer = await api.Queue.RouteAsync(new RouteQuestion { From = "shared@contoso.example", Provider = "broken" }, Cancellation);
        Assert.Equal(("broken", Installation.ProviderName, false), (answer.Provider, answer.StandIn, answer.SendsNow));
    }

    [Fact]
    public async Task Mail_beyond_the_limit_of_a_day_goes_through_the_failover_at_once()
    {
        await using var installation = await Installation.StartAsync();
        await installation.AddProviderAsync("small", "shared@contoso.example", new JsonObject
        {
            ["sharedMailbox"] = true,
            ["limits"] = new JsonObject { ["recipientsPerDay"] = 1 }, ["failover"] = Installation.ProviderName,
        }, connect: false);
        await installation.ConnectAsync("small", Installation.Mailbox);
        var first = await installation.SendAsync(provider: "small");
        await installation.Gateway.MessageIsAsync(first, "sent");
        var second = await installation.Gateway.MessageIsAsync(await installation.SendAsync(provider: "small"), "sent");
        Assert.Equal(Installation.ProviderName, second.Provider);
    }

    [Fact]
    public async Task A_failover_must_exist_and_must_not_lead_back_and_follows_a_change_of_name()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        var api = installation.Gateway.Api;
        await installation.AddProviderAsync("one", connect: false);
        await installation.AddProviderAsync("two", "alerts@contoso.example", new JsonObject { ["failover"] = "one" }, connect: false);
        var missing = await Assert.ThrowsAsync<PostriderException>(() => api.Providers.ChangeAsync("one", new JsonObject { ["failover"] = "three" }, Cancellation));
        Assert.Contains("no provider \"three\"", missing.Problem.Errors!["failover"][0], StringComparison.Ordinal);
        var circle = await Assert.ThrowsAsync<PostriderException>(() => api.Providers.ChangeAsync("one", new JsonObject { ["failover"] = "two" }, Cancellation));
        Assert.Contains("circles", circle.Problem.Errors!["failover"][0], StringComparison.Ordinal);
        await api.Providers.ChangeAsync("one", new JsonObject { ["name"] = "uno" }, Cancellation);
        Assert.Equal("uno", (await installation.ProviderAsync("two")).Text("failover"));
    }
}
