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

    private static async Task AllSentAtTheFirstAttemptAsync(Installation installation, IReadOnlyList<string> ids)
    {
        await installation.ArrivedAsync(ids.Count);
        foreach (var id in ids)
            Assert.Equal(1, (await installation.Gateway.MessageIsAsync(id, "sent")).AttemptCount);
        Assert.Equal(ids.Count, installation.Simulator.State.Messages.Count);
        Assert.Equal("ready", (await installation.ProviderAsync()).Text("state"));
    }
}
