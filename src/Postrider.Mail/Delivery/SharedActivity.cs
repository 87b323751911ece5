using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Postrider.Accounts.Providers;
using Postrider.Mail.Queue;
using Postrider.Storage;

namespace Postrider.Mail.Delivery;

/// <summary>What a provider has said of the pace of its mailbox. It concerns every node, and outlives a restart.</summary>
/// <param name="Share">How much of its pace it is given from then on.</param>
public sealed record ProviderWord(ProviderFault Fault, double Share, DateTimeOffset SaidAt);

/// <summary>What nodes tell each other of the providers they send through.</summary>
internal sealed class SharedActivity(Database database, MessageQueue queue, TimeProvider time, IOptions<MailOptions> options)
{
    private const string PutWord = """
        insert into provider_words (provider_id, said_at, share, stage, reply, cause, remedy, since, until)
        values (@provider, @said, @Share, @Stage, @Reply, @Cause, @Remedy, @since, @until)
        on conflict (provider_id) do update set said_at = @said, share = @Share, stage = @Stage, reply = @Reply, cause = @Cause, remedy = @Remedy,
                                                since = @since, until = @until
        where provider_words.said_at <= @said
        """;
    private const string SelectWords = "select * from provider_words";
    private const string DeleteWord = "delete from provider_words where provider_id = @provider and said_at <= @now";
    private const string PutSending = """
        insert into node_sending (provider_id, node_id, said_at, connections, sent_in_last_minute, sent_at)
        values (@ProviderId, @owner, @now, @Connections, @SentInLastMinute, @sent)
        on conflict (provider_id, node_id) do update set said_at = @now, connections = @Connections, sent_in_last_minute = @SentInLastMinute, sent_at = @sent
        """;
    private const string SelectOthers = "select * from node_sending where node_id <> @owner";
    private const string ForgetSending = "delete from node_sending where said_at < @old";

    /// <summary>Longer than any failover waits by default: when a node that has died sent last is still known then.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    private ILookup<string, Sending> others = Array.Empty<Sending>().ToLookup(row => row.ProviderId);
    private ConcurrentDictionary<string, ProviderWord> words = [];

    /// <summary>What was last said at a provider, as far as it was looked for.</summary>
    public ProviderWord? WordOf(string providerId) => words.GetValueOrDefault(providerId);

    /// <summary>Stores it for the others, and for the time after a restart.</summary>
    public Task SayAsync(string providerId, ProviderWord word)
    {
        words[providerId] = word;
        return database.WriteAsync(session => session.ExecuteAsync(PutWord, new
        {
            provider = providerId, said = Milliseconds(word.SaidAt), word.Share, word.Fault.Stage, word.Fault.Reply, word.Fault.Cause, word.Fault.Remedy,
            since = Milliseconds(word.Fault.Since), until = Milliseconds(word.Fault.Until),
        }));
    }

    /// <summary>Somebody changed or mended the provider: what was said before does not count any more.</summary>
    public Task ForgetAsync(string providerId) =>
        database.WriteAsync(session => session.ExecuteAsync(DeleteWord, new { provider = providerId, now = Milliseconds(time.GetUtcNow()) }));

    /// <summary>Looks for what was said.</summary>
    public async Task<IReadOnlyDictionary<string, ProviderWord>> LoadWordsAsync(CancellationToken cancellation) =>
        words = new((await database.ReadAsync(session => session.QueryAsync<Word>(SelectWords), cancellation)).ToDictionary(row => row.ProviderId, row => row.Read()));

    /// <summary>Tells the other nodes what this one sends, and hears what they do.</summary>
    public async Task ExchangeAsync(IReadOnlyList<(string ProviderId, ProviderActivity Activity)> ours, CancellationToken cancellation)
    {
        var (now, owner) = (Milliseconds(time.GetUtcNow()), queue.Owner);
        await database.WriteAsync(async session =>
        {
            foreach (var (id, activity) in ours)
                await session.ExecuteLaterAsync(PutSending, new { ProviderId = id, owner, now, Connections = activity.Lanes, activity.SentInLastMinute, sent = Optional(activity.SentAt) });
            await session.ExecuteAsync(ForgetSending, new { old = now - (long)Kept.TotalMilliseconds });
        }, cancellation);
        others = (await database.ReadAsync(session => session.QueryAsync<Sending>(SelectOthers, new { owner }), cancellation)).ToLookup(row => row.ProviderId);
    }

    /// <summary>What happens at a provider on all nodes.</summary>
    /// <param name="own">On this one; null when nothing has happened here.</param>
    public ProviderActivity? Together(string providerId, ProviderActivity? own, SendingLimits? limits)
    {
        var (theirs, live) = (others[providerId], Milliseconds(time.GetUtcNow() - options.Value.Lease));
        if (!theirs.Any() || (own is null && limits is null))
            return own;
        own ??= new ProviderActivity(null, 0, limits!, 0);
        return own with
        {
            Lanes = own.Lanes + theirs.Where(row => row.SaidAt >= live).Sum(row => row.Connections),
            SentInLastMinute = own.SentInLastMinute + theirs.Where(row => row.SaidAt >= live).Sum(row => row.SentInLastMinute),
            SentElsewhereAt = theirs.Max(row => row.SentAt) is { } sent ? DateTimeOffset.FromUnixTimeMilliseconds(sent) : null,
        };
    }

    private static long Milliseconds(DateTimeOffset moment) => moment.ToUnixTimeMilliseconds();

    private static long? Optional(DateTimeOffset? moment) => moment?.ToUnixTimeMilliseconds();

    private sealed class Sending
    {
        public string ProviderId { get; init; } = "";
        public long SaidAt { get; init; }
        public int Connections { get; init; }
        public int SentInLastMinute { get; init; }
        public long? SentAt { get; init; }
    }

    private sealed class Word
    {
        public string ProviderId { get; init; } = "";
        public long SaidAt { get; init; }
        public double Share { get; init; }
        public string Stage { get; init; } = "";
        public string Reply { get; init; } = "";
        public string Cause { get; init; } = "";
        public string Remedy { get; init; } = "";
        public long Since { get; init; }
        public long Until { get; init; }

        public ProviderWord Read() => new(
            new ProviderFault(Stage, Reply, Cause, Remedy, DateTimeOffset.FromUnixTimeMilliseconds(Until), DateTimeOffset.FromUnixTimeMilliseconds(Since)),
            Share, DateTimeOffset.FromUnixTimeMilliseconds(SaidAt));
    }
}
