using Postrider.Client;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.EndToEnd.Crashes;

/// <summary>A restart goes on where the process stopped.</summary>
public sealed class RestartTests
{
    [Fact]
    public async Task Mail_accepted_while_the_provider_is_down_survives_kill_9_and_is_sent_after_the_restart()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var installation = await Installation.StartAsync(alone: true, smtp: Chance.FreeDoor());
        var faults = installation.Simulator.State.SmtpFaults;
        faults.Add(new SmtpFault(SmtpStage.Connect, "421 4.3.2 Service not available"));
        var load = new SubmissionLoad(installation.Gateway.Smtp, Chance.NewSeed());
        await load.RunAsync(sessions: 3, messages: 30, cancellation);

        await installation.RestartAsync();
        var waiting = await installation.Gateway.Api.Messages.PageAsync(new MessageFilter { State = "queued" }, cancellation: cancellation);
        Assert.Equal(load.Accepted.Count, waiting.Items.Count);
        Assert.Equal(0, installation.Simulator.State.Messages.Count);

        faults.Clear();
        await Arrivals.QueueIsEmptyAsync(installation.Gateway, cancellation);
        var arrivals = new Arrivals(installation.Simulator, load);
        Assert.Empty(arrivals.Lost);
        Assert.Empty(arrivals.Duplicated);
    }

    [Fact]
    public async Task A_message_whose_answer_was_lost_with_the_process_is_called_uncertain_and_sent_again()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var installation = await Installation.StartAsync(alone: true);
        var arrivals = installation.Simulator.State.Messages;
        var id = (await installation.Gateway.Api.Messages.SendAsync(new SendMessage { To = ["slow-3000@example.org"], Subject = "in doubt", Text = "Hello" },
            cancellation: cancellation)).Id;
        await arrivals.ArrivedAsync(1, cancellation).WaitAsync(TimeSpan.FromSeconds(20), cancellation);

        await installation.RestartAsync();
        var inDoubt = await GatewayProcess.EventuallyAsync(
            async () => await installation.Gateway.Api.Messages.GetAsync(id, cancellation) is { Attempts.Count: > 0 } message ? message : null, "the lost attempt is told");
        Assert.Equal(("uncertain", "finalReply"), (inDoubt.Attempts[0].Outcome, inDoubt.Attempts[0].Stage));
        Assert.NotNull(inDoubt.Attempts[0].FinalDotAt);
        Assert.True(inDoubt.MayHaveBeenSent);

        var sent = await installation.Gateway.MessageIsAsync(id, "sent");
        Assert.Equal(["uncertain", "sent"], sent.Attempts.Select(attempt => attempt.Outcome));
        Assert.Equal(2, arrivals.Count);
        Assert.Single(arrivals.Read().Select(message => message.MessageId).Distinct());
    }
}
