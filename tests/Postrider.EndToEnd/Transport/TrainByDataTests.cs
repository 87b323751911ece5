using System.Text;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Transport;

/// <summary>A long queue through a server without CHUNKING: several messages of one claim leave with the next envelope behind each final dot.</summary>
public sealed class TrainByDataTests
{
    private const int Many = 60;

    [Fact]
    public async Task Each_message_arrives_once_as_it_was_stored_and_only_one_whose_answer_was_lost_twice()
    {
        await using var installation = await Installation.StartAsync();
        var (simulator, api) = (installation.Simulator.State, installation.Gateway.Api);
        simulator.Smtp = simulator.Smtp with { Hide = ["CHUNKING", "BINARYMIME"] };
        await api.Providers.ChangeAsync(Installation.ProviderName, new() { ["limits"] = new System.Text.Json.Nodes.JsonObject { ["connections"] = 1 } }, TestContext.Current.CancellationToken);
        await api.Providers.PauseAsync(Installation.ProviderName, TestContext.Current.CancellationToken);
        var ids = new Dictionary<string, string>();
        for (var number = 0; number < Many; number++)
        {
            var to = (number % 10) switch { 3 => "550", 5 => "451-1", 6 => "dot-550", 7 => "dot-451-1", 8 => "drop-1", _ => "someone" } + $"+{number}@example.org";
            ids[await installation.SendAsync(to)] = to;
        }
        await api.Providers.ResumeAsync(Installation.ProviderName, TestContext.Current.CancellationToken);
        foreach (var (id, to) in ids)
            await installation.Gateway.MessageIsAsync(id, to.Contains("550+", StringComparison.Ordinal) ? "failed" : "sent");

        var arrived = simulator.Messages.Read().Where(message => message.To.Any(ids.ContainsValue)).ToLookup(message => message.To[0]);
        foreach (var (id, to) in ids)
        {
            Assert.Equal(to.Contains("550+", StringComparison.Ordinal) ? 0 : to.StartsWith("drop", StringComparison.Ordinal) ? 2 : 1, arrived[to].Count());
            await using var content = await api.Messages.ContentAsync(id, TestContext.Current.CancellationToken);
            using var stored = new MemoryStream();
            await content.CopyToAsync(stored, TestContext.Current.CancellationToken);
            Assert.All(arrived[to], message => Assert.Equal(Encoding.Latin1.GetString(stored.ToArray()), Encoding.Latin1.GetString(simulator.Messages.Raw(message.Id)!)));
            Assert.All(arrived[to], message => Assert.False(message.Chunked));
        }
        // What was handed on untouched counts no attempt: once each, and once more where the provider asked for it or said nothing.
        foreach (var (id, to) in ids)
            Assert.Equal(to.Contains("-1+", StringComparison.Ordinal) ? 2 : 1, (await api.Messages.GetAsync(id, TestContext.Current.CancellationToken)).AttemptCount);
    }
}
