using Postrider.Accounts.Providers;
using Postrider.Mail.Delivery;
using Postrider.Mail.Queue;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages;

/// <summary>What the installation that was backed up has dealt with since, message by message, until sending is released.</summary>
internal sealed class DifferencesModel(SendingHold hold, ProviderDirectory providers) : ConsolePage
{
    private const int Rows = 50;

    public IReadOnlyList<Difference> Items { get; private set; } = [];
    public string? Next { get; private set; }
    public bool IsFirst { get; private set; } = true;

    public string NameOf(Difference one) => providers.Find(one.ProviderId)?.DisplayName ?? T["(removed)"];

    public async Task OnGetAsync(string? cursor, CancellationToken cancellation)
    {
        var after = MessageIds.Parse(cursor);
        IsFirst = after is null;
        var found = await hold.DifferencesAsync(after, Rows + 1, cancellation);
        Items = [.. found.Take(Rows)];
        Next = found.Count > Rows ? $"{Url.Content("~/queue/differences")}?cursor={Items[^1].MessageId}" : null;
    }
}
