using System.Net.Sockets;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Crashes;

/// <summary>A stop that is asked for is clean: everybody gets an answer, and nothing is left in doubt.</summary>
public sealed class StopTests(ITestOutputHelper output)
{
    [Fact]
    public async Task SIGTERM_under_load_says_421_awaits_every_final_dot_and_leaves_no_message_in_doubt()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var seed = Chance.NewSeed();
        output.WriteLine($"POSTRIDER_TEST_SEED={seed}");
        await using var installation = await Installation.StartAsync(alone: true, smtp: Chance.FreeDoor());
        var (gateway, door) = (installation.Gateway, installation.Gateway.Smtp);
        var load = new SubmissionLoad(door, seed);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var idle = await SubmissionDialogue.OpenAsync(door, cancellation);
        var running = load.RunAsync(sessions: 20, messages: int.MaxValue, enough.Token);
        await load.AcceptedAsync(400 + new Random(seed).Next(100)).WaitAsync(TimeSpan.FromSeconds(60), cancellation);

        var stopping = gateway.StopAsync();
        var goodbye = await Assert.ThrowsAsync<SmtpRefusedException>(() => idle.ExpectAsync(0, cancellation));
        Assert.StartsWith("421 4.3.2", goodbye.Message, StringComparison.Ordinal);
        Assert.Equal(0, await stopping);
        await enough.CancelAsync();
        await running;
        Assert.All(load.Refusals, code => Assert.Equal(421, code));
        Assert.NotEmpty(load.Refusals);
        Assert.Empty(load.Unanswered);

        await installation.RestartAsync();
        await Arrivals.QueueIsEmptyAsync(installation.Gateway, cancellation);
        var arrivals = new Arrivals(installation.Simulator, load);
        output.WriteLine($"accepted {load.Accepted.Count}, told 421 {load.Refusals.Count}, lost {arrivals.Lost.Count}, duplicated {arrivals.Duplicated.Count}");
        Assert.Empty(arrivals.Lost);
        Assert.Empty(arrivals.Foreign);
        Assert.Empty(arrivals.Duplicated);
    }

    [Fact]
    public async Task While_a_final_dot_is_awaited_nobody_new_is_let_in_and_its_answer_still_counts()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var installation = await Installation.StartAsync(alone: true, smtp: Chance.FreeDoor());
        var (gateway, door) = (installation.Gateway, installation.Gateway.Smtp);
        using (var dialogue = await SubmissionDialogue.OpenAsync(door, cancellation))
        {
            await dialogue.BeginAsync(Installation.Mailbox, "slow-2000@example.org", cancellation);
            await dialogue.FinishAsync($"From: {Installation.Mailbox}\r\nSubject: on its way\r\n\r\nHello\r\n", cancellation);
        }
        // The simulator records a message before it lets its answer wait.
        await installation.Simulator.State.Messages.ArrivedAsync(1, cancellation).WaitAsync(TimeSpan.FromSeconds(20), cancellation);

        var stopping = gateway.StopAsync();
        await GatewayProcess.EventuallyAsync(async () => await IsTurnedAwayAsync() ? door : null, "a new connection is turned away", TimeSpan.FromSeconds(1.5));
        Assert.False(stopping.IsCompleted);
        Assert.Equal(0, await stopping);
        Assert.Equal(["sent"], DatabaseFile.Query(gateway.DataDirectory, "select outcome from attempts"));
        Assert.Equal(["sent"], DatabaseFile.Query(gateway.DataDirectory, "select state from messages"));

        async Task<bool> IsTurnedAwayAsync()
        {
            try
            {
                using var dialogue = await SubmissionDialogue.OpenAsync(door, cancellation);
                return false;
            }
            catch (Exception no) when (no is IOException or SocketException or SmtpRefusedException { Code: 421 })
            {
                return true;
            }
        }
    }
}
