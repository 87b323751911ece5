using System.Text;
using Postrider.Mail.Queue;

namespace Postrider.Mail.History;

/// <summary>A filter as statements. Whatever is asked for, the messages are walked along the index of the one condition that narrows most, a
/// window at a time, and the other conditions are looked at for the messages of the window only: what one step costs does not depend on how
/// many messages there are.</summary>
internal sealed class MessageSearch
{
    private const int FirstWindow = 250, LargestWindow = 4000, Growth = 4;

    private readonly MessageFilter filter;
    private readonly long now;
    private string? from;
    private int window = FirstWindow;

    public MessageSearch(MessageFilter filter, DateTimeOffset now)
    {
        (this.filter, this.now, from) = (filter, now.ToUnixTimeMilliseconds(), filter.After ?? filter.Cursor);
        var rest = new StringBuilder();
        var (id, driver) = Driver();
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
            rest.Append(" and (m.subject /*postgres:i*/like @text escape '\\' or m.header_id = @exact or m.remote_id = @exact)");
        Rest = rest.ToString();
        Window = $"select {(id == "id" ? "" : "distinct ")}{id} as id from {driver}{(filter.Since is null ? "" : $" and {id} >= @since")}{(filter.Until is null ? "" : $" and {id} < @until")}"
            + $" and {id} {(filter.After is null ? "<" : ">")} @from order by {id} {Order} limit @window";
    }

    /// <summary>The ids of the next messages to look at; the limit is part of it.</summary>
    public string Window { get; }

    /// <summary>What else has to be true of <c>messages m</c> and <c>queue q</c>.</summary>
    public string Rest { get; }

    public string Order => filter.After is null ? "desc" : "asc";

    public object Parameters(int left) => new
    {
        now, left, window, state = filter.State, provider = filter.ProviderId, client = filter.ClientId, sender = filter.From, to = filter.To,
        since = filter.Since is { } since ? MessageIds.FirstAt(since) : null,
        until = filter.Until is { } until ? MessageIds.FirstAt(until) : null,
        text = filter.Text is { } text ? $"%{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%" : null,
        exact = filter.Text, from = from ?? BeforeAll,
    };

    /// <returns>False at the end.</returns>
    public bool Advance(long seen, string? last)
    {
        if (seen < window || last is null)
            return false;
        (from, window) = (last, Math.Min(window * Growth, LargestWindow));
        return true;
    }

    // Ids are hexadecimal.
    private const string BeforeAll = "g";

    /// <summary>The condition that has an index with the id behind it, and narrows most.</summary>
    private (string Id, string Sql) Driver() => filter switch
    {
        { To: not null } => ("message_id", "recipients where lower(address) = lower(@to)"),
        { From: not null } => ("id", "messages where lower(mail_from) = lower(@sender)"),
        { State: "sending" } => ("message_id", "queue where lease_owner is not null"),
        { State: "held" } => ("message_id", "queue where 1 = 1"),
        // The second condition names the index, which holds what is not sent.
        { State: not null and not "sent" } => ("id", "messages where state = @state and state <> 'sent'"),
        { ClientId: not null } => ("id", "messages where client_id = @client and client_id is not null"),
        { ProviderId: not null } => ("id", "messages where provider_id = @provider"),
        _ => ("id", "messages where 1 = 1"),
    };
}
