using System.Text.Json.Nodes;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.EndToEnd.Tokens;

/// <summary>A provider that has had enough for the moment: everybody pauses, no message pays for it.</summary>
public sealed class RateLimitTests
{
    private static readonly Dictionary<string, string> ShortPause = new() { ["POSTRIDER__Mail__LimitPause"] = "00:00:01" };

    [Fact]
    public async Task After_421_for_the_rate_the_provider_pauses_and_no_attempt_is_counted()
    {
        await using var installation = await Installation.StartAsync(settings: ShortPause);
        installation.Simulator.State.SmtpFaults.Add(new SmtpFault(SmtpStage.Mail, "421 4.4.2 Message submission rate for this client has exceeded the configured limit", Times: 2));
        var ids = await installation.SendManyAsync(10);

        var waiting = await GatewayProcess.EventuallyAsync(async () => (await Task.WhenAll(ids.Select(id => installation.Gateway.Api.Messages.GetAsync(id))))
            .FirstOrDefault(message => message is { State: "queued", Cause: not null }), "a message says that it waits");
        Assert.Contains("30 messages within a minute", waiting.Cause, StringComparison.Ordinal);
        Assert.NotEmpty(waiting.Remedy!);

        await AllSentAtTheFirstAttemptAsync(installation, ids);
    }

    [Fact]
    public async Task After_432_for_too_many_connections_everything_arrives_within_the_limit()
    {
        await using var installation = await Installation.StartAsync(settings: ShortPause);
        installation.Simulator.State.Smtp = installation.Simulator.State.Smtp with { ConnectionsPerMailbox = 2 };
        var ids = await installation.SendManyAsync(40, "slow-50@example.org");

        await AllSentAtTheFirstAttemptAsync(installation, ids);
        var counters = installation.Simulator.State.Counters.Read();
        Assert.InRange(counters.Throttled["432"], 1, 20);
        Assert.InRange(counters.MaxConnections[Installation.Mailbox], 1, 2);
    }

    [Theory]
    [InlineData("421 4.4.2 Message submission rate for this client has exceeded the configured limit")]
    [InlineData("421 4.4.1 Connection timed out")]
    public async Task What_was_stored_for_a_lane_that_waits_is_in_no_doubt_when_its_session_is_refused(string reply)
    {
        await using var installation = await Installation.StartAsync(settings: ShortPause);
        // One lane: on a session of another, which is new, the reply would be an answer to the message.
        await installation.Gateway.Api.Providers.ChangeAsync(Installation.ProviderName, new JsonObject
        {
            ["limits"] = new JsonObject { ["connections"] = 1, ["messagesPerMinute"] = 0, ["recipientsPerDay"] = 0, ["messageBytes"] = 0 },
        }, TestContext.Current.CancellationToken);
        var ids = new List<string>(await installation.SendManyAsync(1));
        for (var round = 0; round < 3; round++)
        {
            await installation.ArrivedAsync(ids.Count);
            await installation.Gateway.MessageIsAsync(ids[^1], "sent");
            installation.Simulator.State.SmtpFaults.Add(new SmtpFault(SmtpStage.Mail, reply, Times: 1));
            ids.AddRange(await installation.SendManyAsync(6));
        }
        await AllSentAtTheFirstAttemptAsync(installation, ids);
    }

    // T16: what one message finds out the others need not.
    [Fact]
    public async Task A_server_that_turns_everybody_away_is_left_alone_and_few_messages_pay_for_finding_out()
    {
        await using var installation = await Installation.StartAsync(settings: new Dictionary<string, string> { ["POSTRIDER__Mail__RetryDelays__0"] = "00:00:02" });
        await installation.Gateway.Api.Providers.ChangeAsync(Installation.ProviderName, new JsonObject
        {
            ["limits"] = new JsonObject { ["connections"] = 2, ["messagesPerMinute"] = 0, ["recipientsPerDay"] = 0, ["messageBytes"] = 0 },
        }, TestContext.Current.CancellationToken);
        installation.Simulator.State.SmtpFaults.Add(new SmtpFault(SmtpStage.Mail, "421 4.3.2 Service not available"));
        var ids = await installation.SendManyAsync(40);
        var queue = await GatewayProcess.EventuallyAsync(async () => (await installation.Gateway.Api.Queue.GetAsync()).Providers is [{ HeldBack: not null } waits] ? waits : null, "the provider rests");
        Assert.Contains("Service not available", (await installation.Gateway.Api.Messages.GetAsync(ids[^1], TestContext.Current.CancellationToken)).Reply, StringComparison.Ordinal);
        Assert.InRange(queue.Deferred, 3, 8);
        installation.Simulator.State.SmtpFaults.Clear();
        await installation.ArrivedAsync(ids.Count);
    }

    private static async Task AllSentAtTheFirstAttemptAsync(Installation installation, IReadOnlyList<string> ids)
    {
        await installation.ArrivedAsync(ids.Count);
        foreach (var id in ids)
            Assert.Equal(1, (await installation.Gateway.MessageIsAsync(id, "sent")).AttemptCount);
        Assert.Equal(ids.Count, installation.Simulator.State.Messages.Count);
        Assert.Equal("ready", (await installation.ProviderAsync()).Text("state"));
    }
}
