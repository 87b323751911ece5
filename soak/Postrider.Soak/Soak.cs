using System.Diagnostics;
using Postrider.EndToEnd.Running;

namespace Postrider.Soak;

/// <summary>What a scenario is given: chance that can be had again, and how long it may take.</summary>
/// <param name="Previous">The executable of an older version, for the upgrade.</param>
/// <param name="Waiting">How long a long queue is, in messages.</param>
/// <param name="Times">How many times as fast as the machine's the clock goes that everything is measured by.</param>
internal sealed record Soak(int Seed, TimeSpan Length, string? Previous, int Waiting, int Times)
{
    /// <summary>When it began; a faster clock runs ahead from the start of the process on.</summary>
    public DateTimeOffset Began { get; } = TimeProvider.System.GetUtcNow();

    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly Random chance = new(Seed);

    public string ByWhichClock => Times > 1 ? $" by a clock {Times} times as fast" : "";
    public bool IsOver => clock.Elapsed >= Length;
    public TimeSpan Left => Length > clock.Elapsed ? Length - clock.Elapsed : TimeSpan.Zero;
    public TimeSpan Took => clock.Elapsed;

    /// <summary>One of so many, by chance.</summary>
    public int Pick(int count) => chance.Next(count);

    /// <summary>Waits for a while that chance chooses.</summary>
    public Task PauseAsync(int from, int to) => Task.Delay(chance.Next(from, to));

    /// <summary>Members of a provider.</summary>
    public static System.Text.Json.Nodes.JsonObject Limits(int connections = 0, int messagesPerMinute = 0) => new()
    {
        ["limits"] = new System.Text.Json.Nodes.JsonObject { ["connections"] = connections, ["messagesPerMinute"] = messagesPerMinute, ["recipientsPerDay"] = 0, ["messageBytes"] = 0 },
    };

    public static async Task<bool> IsReadyAsync(RunningGateway gateway)
    {
        try
        {
            using var answer = await gateway.Http.GetAsync("/readyz");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public static double Percentile(IReadOnlyCollection<double> values, double share) =>
        values.Count == 0 ? double.NaN : values.Order().ElementAt(Math.Min(values.Count - 1, (int)(values.Count * share)));
}

/// <summary>A row of docs/reliability.md.</summary>
/// <param name="Number">As in the team's table of faults, such as T01.</param>
internal sealed record Result(string Number, string What, string Asked, string Measured, bool Met);
