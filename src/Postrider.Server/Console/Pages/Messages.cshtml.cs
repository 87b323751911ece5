using Postrider.Accounts.Providers;
using Postrider.Client;
using Postrider.Mail.History;
using Postrider.Mail.Queue;
using Postrider.Server.Api;
using MessageFilter = Postrider.Mail.History.MessageFilter;

namespace Postrider.Server.Console.Pages;

internal sealed class MessagesModel(MessageHistory history, MessageViews views, ProviderDirectory providers) : ConsolePage
{
    public static readonly IReadOnlyList<string> States = ["queued", "sending", "held", "sent", "bounced", "failed", "cancelled"];

    public string? Q { get; private set; }
    public string? State { get; private set; }
    public string? Provider { get; private set; }
    public string? From { get; private set; }
    public string? To { get; private set; }
    public IReadOnlyList<MessageSummary> Items { get; private set; } = [];
    public IReadOnlyList<Provider> Providers => providers.All;

    /// <summary>The address of the next page; null when this is the last.</summary>
    public string? Next { get; private set; }

    public bool IsFiltered => new[] { Q, State, Provider, From, To }.Any(text => text is not null);

    public async Task OnGetAsync(string? q, string? state, string? provider, string? from, string? to, string? cursor, CancellationToken cancellation)
    {
        (Q, State, Provider, From, To) = (Given(q), States.Contains(state) ? state : null, providers.Find(provider ?? "")?.Name, Given(from), Given(to));
        var filter = new MessageFilter
        {
            Text = Q, State = State, ProviderId = providers.Find(Provider ?? "")?.Id, From = From, To = To,
            Cursor = cursor is null ? null : MessageIds.Parse(cursor),
        };
        var rows = await history.ListAsync(filter, cancellation);
        Items = [.. rows.Select(views.Summary)];
        if (rows.Count == filter.Limit)
            Next = Url.Content("~/messages") + QueryString.Create(new[] { ("q", Q), ("state", State), ("provider", Provider), ("from", From), ("to", To), ("cursor", rows[^1].Id) }
                .Where(pair => pair.Item2 is not null).Select(pair => KeyValuePair.Create(pair.Item1, pair.Item2)));
    }

    private static string? Given(string? text) => text?.Trim() is { Length: > 0 } given ? given : null;
}
