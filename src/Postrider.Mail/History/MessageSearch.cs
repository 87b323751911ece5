using System.Diagnostics;
using System.Text;
using Postrider.Mail.Queue;
using Postrider.Storage;

namespace Postrider.Mail.History;

/// <summary>A filter as statements. Whatever is asked for, the messages are walked along the index of the one condition that narrows most, a
/// window at a time, and the other conditions are looked at for the messages of the window only: what one step costs does not depend on how
/// many messages there are.</summary>
internal sealed class MessageSearch
{
    private const int FirstWindow = 250, LargestWindow = 1000, Growth = 4;

    /// <summary>However slow the machine: who keeps two thousand messages has whole answers.</summary>
    private const long LeastLookedAt = 2000;

    private readonly MessageFilter filter;
    private readonly long now;
    private string? from;
    private int window = FirstWindow;

    /// <param name="reach">Only what an act can do something about.</param>
    public MessageSearch(MessageFilter filter, DateTimeOffset now, MessageReach? reach = null)
    {
        (this.filter, this.now, from) = (filter, now.ToUnixTimeMilliseconds(), filter.After ?? filter.Cursor);
        var rest = new StringBuilder();
        var list = ListOf(filter.State) ?? (reach is { Waiting: true } ? Queue : null);
        var (id, driver) = Driver(list);
        if (filter.State == "sending")
            rest.Append(" and q.lease_owner is not null and q.due_at > @now");
        else if (filter.State == "held")
            rest.Append(" and q.held_at is not null");
        else if (filter.State is not null)
            rest.Append(" and m.state = @state");
        if (filter.ProviderId is not null)
            rest.Append(" and m.provider_id = @provider");
        if (filter.ClientId is not null)
            rest.Append(" and m.client_id = @client");
        if (filter.From is not null)
            rest.Append(" and lower(m.mail_from) = lower(@sender)");
        if (filter.Text is not null)
            rest.Append($" and ({Dialect.Contains("m.subject", "text")} or m.header_id = @exact or m.remote_id = @exact)");
        if (reach is not null)
            rest.Append($" and ({reach.Condition})");
        Rest = rest.ToString();
        // A list of few says it of each without a look at its row.
        Narrow = list is not null && driver != list ? $" where exists (select 1 from {list} and message_id = w.id)" : "";
        Window = $"select {(id == "id" ? "" : "distinct ")}{id} as id from {driver}{(filter.Since is null ? "" : $" and {id} >= @since")}{(filter.Until is null ? "" : $" and {id} < @until")}"
            + $" and {id} {(filter.After is null ? "<" : ">")} @from order by {id} {Order} limit @window";
    }

    /// <summary>The ids of the next messages to look at; the limit is part of it.</summary>
    private string Window { get; }

    /// <summary>What else has to be true of <c>messages m</c> and <c>queue q</c>.</summary>
    private string Rest { get; }

    /// <summary>What can be said of a window's ids without looking at the messages.</summary>
    private string Narrow { get; }

    private string Order => filter.After is null ? "desc" : "asc";

    /// <summary>Walks until enough is found, everything was looked at, or the patience is at its end.</summary>
    /// <param name="select">What to read, from <c>messages m</c> and <c>queue q</c>.</param>
    /// <returns>What was found, and the last id looked at where patience ended before.</returns>
    public async Task<(List<T> Found, string? LookedTo)> WalkAsync<T>(DbSession session, string select, int enough, TimeSpan patience)
    {
        var (found, all, watch) = (new List<T>(), 0L, Stopwatch.StartNew());
        while (true)
        {
            found.AddRange(await session.QueryAsync<T>($"{select} where m.id in (select id from ({Window}) w{Narrow}) {Rest} order by m.id {Order} limit @left", Parameters(enough - found.Count)));
            if (found.Count >= enough)
                return (found, null);
            var looked = await session.SingleAsync<Looked>($"select count(*) as seen, {(filter.After is null ? "min" : "max")}(id) as last from ({Window}) w", Parameters(0));
            if (looked.Seen < window || looked.Last is null)
                return (found, null);
            (from, window) = (looked.Last, Math.Min(window * Growth, LargestWindow));
            all += looked.Seen;
            if (patience > TimeSpan.Zero && watch.Elapsed > patience && all >= LeastLookedAt)
                return (found, from);
        }
    }

    private object Parameters(int left) => new
    {
        now, latest = QueuePlaces.Latest(now), left, window, state = filter.State, provider = filter.ProviderId, client = filter.ClientId, sender = filter.From, to = filter.To,
        since = filter.Since is { } since ? MessageIds.FirstAt(since) : null,
        until = filter.Until is { } until ? MessageIds.FirstAt(until) : null,
        text = Dialect.Pattern(filter.Text),
        exact = filter.Text, from = from ?? BeforeAll,
    };

    // Ids are hexadecimal.
    private const string BeforeAll = "g";

    /// <summary>The condition that has an index with the id behind it, and narrows most.</summary>
    /// <param name="list">Where all of them are listed, if anywhere.</param>
    private (string Id, string Sql) Driver(string? list) => filter switch
    {
        { To: not null } => ("message_id", "recipients where lower(address) = lower(@to)"),
        { From: not null } => ("id", "messages where lower(mail_from) = lower(@sender)"),
        { State: "sending" } => ("message_id", $"{QueuePlaces.InHand} where 1 = 1"),
        _ when list is not null => ("message_id", list),
        { ClientId: not null } => ("id", "messages where client_id = @client and client_id is not null"),
        { ProviderId: not null } => ("id", "messages where provider_id = @provider"),
        _ => ("id", "messages where 1 = 1"),
    };

    private const string Queue = "queue where 1 = 1";

    /// <summary>Where those in a state are listed; null for what was sent, which most are, and for what is being sent.</summary>
    private static string? ListOf(string? state) => state switch
    {
        null or "sent" or "sending" => null,
        // What is held waits as well.
        "queued" or "held" => Queue,
        _ => "other_ends where state = @state",
    };

    private sealed class Looked
    {
        public long Seen { get; init; }
        public string? Last { get; init; }
    }
}
