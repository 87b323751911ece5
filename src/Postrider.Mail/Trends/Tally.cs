using Postrider.Mail.Queue;

namespace Postrider.Mail.Trends;

/// <summary>What became of attempts since the tally was last taken, by provider and stretch of five minutes. It lives in memory: a process
/// that is killed takes the last half minute of it along, and nothing else.</summary>
internal sealed class Tally(TimeProvider time)
{
    private readonly Lock gate = new();
    private Dictionary<(string ProviderId, long At), Counts> counts = [];

    public void Count(IReadOnlyList<Concluded> concluded)
    {
        var now = time.GetUtcNow();
        lock (gate)
            foreach (var (message, outcome, _) in concluded)
            {
                Of(message.ProviderId, now).Count(outcome, now - message.AcceptedAt);
                Of(TrendHistory.All, now).Count(outcome, now - message.AcceptedAt);
            }
    }

    public IReadOnlyDictionary<(string ProviderId, long At), Counts> Take()
    {
        lock (gate)
        {
            (var taken, counts) = (counts, []);
            return taken;
        }
    }

    /// <summary>It could not be stored: it is taken again with the next.</summary>
    public void GiveBack(IReadOnlyDictionary<(string ProviderId, long At), Counts> taken)
    {
        lock (gate)
            foreach (var (key, given) in taken)
                if (!counts.TryAdd(key, given))
                    counts[key].Add(given);
    }

    private Counts Of(string providerId, DateTimeOffset now)
    {
        var key = (providerId, TrendHistory.StretchOf(now, TrendHistory.FiveMinutes));
        return counts.TryGetValue(key, out var known) ? known : counts[key] = new Counts();
    }

    internal sealed class Counts
    {
        public long Sent { get; private set; }
        public long Failed { get; private set; }
        public long Delayed { get; private set; }
        public Dictionary<int, long> Times { get; } = [];

        public void Count(AttemptOutcome outcome, TimeSpan took)
        {
            if (outcome.Recipients.Any(recipient => recipient.Kind == OutcomeKind.Failed))
                Failed++;
            else if (outcome.Recipients.Any(recipient => recipient.Kind != OutcomeKind.Sent))
                Delayed++;
            else
            {
                Sent++;
                Add(TrendTime.StepOf(took), 1);
            }
        }

        public void Add(Counts other)
        {
            (Sent, Failed, Delayed) = (Sent + other.Sent, Failed + other.Failed, Delayed + other.Delayed);
            foreach (var (step, messages) in other.Times)
                Add(step, messages);
        }

        private void Add(int step, long messages) => Times[step] = Times.GetValueOrDefault(step) + messages;
    }
}
