using Postrider.Accounts.Providers;
using Postrider.Accounts.Watch;
using Postrider.Mail.Delivery;
using Postrider.Storage;

namespace Postrider.Server.Console.ProviderSetup;

/// <summary>A provider as a list shows it.</summary>
/// <param name="SentInLastMinute">Messages.</param>
/// <param name="TokenEndsAt">Null where there is no token.</param>
/// <param name="LastSentAt">When one of its newest messages was sent; null when none of them was.</param>
internal sealed record ProviderRow(Provider Provider, int SentInLastMinute, DateTimeOffset? TokenEndsAt, DateTimeOffset? LastSentAt);

/// <summary>What stands beside a provider's name in a list.</summary>
internal sealed class ProviderRows(Database database, DeliveryActivity activity, TokenLives lives)
{
    // As many of the newest are looked at: a provider that fails for days costs no more.
    private const string LastSent = """
        select max(finished_at) from (select finished_at, state from messages where provider_id = @id order by id desc limit 200) m where state in ('sent', 'delivered', 'delayed')
        """;

    public async Task<IReadOnlyList<ProviderRow>> OfAsync(IReadOnlyList<Provider> providers, CancellationToken cancellation)
    {
        var rows = new List<ProviderRow>(providers.Count);
        foreach (var provider in providers)
        {
            var sent = await database.ReadAsync(session => session.FirstOrDefaultAsync<long?>(LastSent, new { id = provider.Id }), cancellation);
            var token = provider.Type == ProviderType.Password ? null : (await lives.OfAsync(provider, cancellation)).ExpiresAt;
            rows.Add(new(provider, activity.Of(provider.Id)?.SentInLastMinute ?? 0, token, sent is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null));
        }
        return rows;
    }
}
