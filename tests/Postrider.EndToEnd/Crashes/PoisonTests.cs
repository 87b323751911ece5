using Microsoft.Data.Sqlite;
using Postrider.Client;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.EndToEnd.Crashes;

/// <summary>A message that the gateway itself stumbles over, or dies of, holds up nobody else.</summary>
public sealed class PoisonTests
{
    [Fact]
    public async Task A_message_that_cannot_be_read_waits_with_its_reason_while_others_are_sent()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var installation = await Installation.StartAsync(alone: true);
        // Not yet due while the first gateway runs; the damage is done while none does.
        var soon = DateTimeOffset.UtcNow.AddHours(1);
        var broken = await SendAsync(soon);
        var others = new[] { await SendAsync(soon), await SendAsync(soon) };
        Assert.Equal(0, await installation.Gateway.StopAsync());
        using (var connection = new SqliteConnection($"Data Source={Directory.GetFiles(installation.Gateway.DataDirectory, "*.db").Single()};Pooling=False"))
        {
            connection.Open();
            using var damage = connection.CreateCommand();
            damage.CommandText = "delete from contents where message_id = $id; update queue set due_at = 0";
            damage.Parameters.AddWithValue("$id", broken);
            damage.ExecuteNonQuery();
        }
        await installation.RestartAsync();
        foreach (var id in others)
            await installation.Gateway.MessageIsAsync(id, "sent");
        var waiting = await GatewayProcess.EventuallyAsync(async () => await installation.Gateway.Api.Messages.GetAsync(broken, cancellation)
            is { Attempts.Count: > 0 } message ? message : null, "the failed attempt is told");
        Assert.Equal("deferred", waiting.Attempts[0].Outcome);
        Assert.Contains("error of its own", waiting.Recipients[0].Cause, StringComparison.Ordinal);

        async Task<string> SendAsync(DateTimeOffset at) => (await installation.Gateway.Api.Messages.SendAsync(
            new SendMessage { To = ["someone@example.org"], Subject = "Invoice", Text = "Hello", SendAt = at }, cancellation: cancellation)).Id;
    }

    // T47
    [Fact]
    public async Task A_message_that_ends_the_process_three_times_is_held_while_others_are_sent_and_a_release_sends_it()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var installation = await Installation.StartAsync(alone: true);
        var arrivals = installation.Simulator.State.Messages;
        var deadly = await SendAsync("slow-60000@example.org");
        List<string> others = [];
        for (var death = 1; death <= 3; death++)
        {
            others.Add(await SendAsync("someone@example.org"));
            // It has been sent and not answered yet: now the process dies.
            await GatewayProcess.EventuallyAsync(() => Task.FromResult(arrivals.Read().Count(IsDeadly) == death ? arrivals : null), $"it is on its way, {death}");
            await installation.RestartAsync();
        }
        foreach (var id in others)
            await installation.Gateway.MessageIsAsync(id, "sent");
        var held = await GatewayProcess.EventuallyAsync(async () => await installation.Gateway.Api.Messages.GetAsync(deadly, cancellation)
            is { State: "held" } message ? message : null, "it is held");
        Assert.Contains("stopped three times", held.Cause, StringComparison.Ordinal);
        Assert.Contains($"postrider message release {deadly}", held.Remedy, StringComparison.Ordinal);
        Assert.Equal(3, held.Attempts.Count(attempt => attempt.Outcome == "uncertain"));

        Assert.Equal(0, (await installation.Gateway.CliAsync("message", "release", deadly)).ExitCode);
        await GatewayProcess.EventuallyAsync(() => Task.FromResult(arrivals.Read().Count(IsDeadly) == 4 ? arrivals : null), "it is on its way again");

        static bool IsDeadly(ReceivedMessage message) => message.To.Any(to => to.StartsWith("slow-", StringComparison.Ordinal));

        async Task<string> SendAsync(string to) => (await installation.Gateway.Api.Messages.SendAsync(
            new SendMessage { To = [to], Subject = "Invoice", Text = "Hello" }, cancellation: cancellation)).Id;
    }
}
