using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Postrider.Accounts.Providers;
using Postrider.Mail.Queue;
using Postrider.Storage;

namespace Postrider.Mail.Delivery;

/// <summary>Gives lanes where several nodes share them: a provider that allows three connections has three rows, whoever holds them.
/// A node that dies loses its rows after the length of a lease; one that is cut off closes its connections before.</summary>
internal sealed class LaneLeases(Database database, MessageQueue queue, TimeProvider time, IOptions<MailOptions> options)
{
    private const string ForgetEnded = "delete from lanes where provider_id = @provider and until <= @now";
    private const string SelectTaken = "select number from lanes where provider_id = @provider";
    private const string Insert = "insert into lanes (provider_id, number, owner, until) values (@provider, @number, @owner, @until)";
    private const string Renew =
        "update lanes set until = @until where provider_id = @ProviderId and number = @Number and owner = @owner and until > @now";
    private const string Delete = "delete from lanes where provider_id = @ProviderId and number = @Number and owner = @owner";

    private readonly ConcurrentDictionary<(string, int), LaneLease> held = new();

    /// <returns>Null when all lanes are taken.</returns>
    public async Task<LaneLease?> TakeAsync(Provider provider, CancellationToken cancellation)
    {
        if (!database.IsShared || provider.Limits.Connections == 0)
            return LaneLease.Unlimited;
        var lease = await database.WriteAsync(async session =>
        {
            await session.LockAsync($"lanes {provider.Id}");
            var now = time.GetUtcNow();
            await session.ExecuteAsync(ForgetEnded, new { provider = provider.Id, now = now.ToUnixTimeMilliseconds() });
            var taken = await session.QueryAsync<int>(SelectTaken, new { provider = provider.Id });
            if (taken.Count >= provider.Limits.Connections)
                return null;
            var (number, until) = (Enumerable.Range(1, taken.Count + 1).Except(taken).First(), now + options.Value.Lease);
            await session.ExecuteAsync(Insert, new { provider = provider.Id, number, owner = queue.Owner, until = until.ToUnixTimeMilliseconds() });
            return new LaneLease(provider.Id, number, until);
        }, cancellation);
        if (lease is not null)
            held[(lease.ProviderId, lease.Number)] = lease;
        return lease;
    }

    /// <summary>Whether it is still a right to a connection under the limit of today: numbers are the lowest that are free.</summary>
    public bool Covers(LaneLease lease, Provider provider) =>
        !database.IsShared || provider.Limits.Connections == 0 || (lease != LaneLease.Unlimited && lease.Number <= provider.Limits.Connections);

    /// <summary>Keeps what this node knows that it holds for another length of the lease; what else bears its name must end.</summary>
    public async Task RenewAsync(CancellationToken cancellation)
    {
        if (held.IsEmpty)
            return;
        var now = time.GetUtcNow();
        var until = now + options.Value.Lease;
        var renewed = await database.WriteAsync(async session =>
        {
            var kept = new List<LaneLease>();
            foreach (var lease in held.Values)
                if (await session.ExecuteAsync(Renew, new
                {
                    lease.ProviderId, lease.Number, owner = queue.Owner, now = now.ToUnixTimeMilliseconds(), until = until.ToUnixTimeMilliseconds(),
                }) > 0)
                    kept.Add(lease);
            return kept;
        }, cancellation);
        foreach (var lease in renewed)
            lease.Until = until;
    }

    /// <summary>Gives a lane back when its connection has been closed.</summary>
    public async Task ReturnAsync(LaneLease lease)
    {
        // A lane that came after its end may have its number.
        if (!held.TryRemove(KeyValuePair.Create((lease.ProviderId, lease.Number), lease)))
            return;
        try
        {
            await database.WriteAsync(session => session.ExecuteAsync(Delete, new { lease.ProviderId, lease.Number, owner = queue.Owner }));
        }
        catch (StorageException)
        {
            // It ends by itself.
        }
    }
}

/// <summary>The right to one connection, until a moment.</summary>
internal sealed class LaneLease(string providerId, int number, DateTimeOffset until)
{
    public static LaneLease Unlimited { get; } = new("", 0, DateTimeOffset.MaxValue);

    private long untilTicks = until.UtcTicks;

    public string ProviderId { get; } = providerId;
    public int Number { get; } = number;

    /// <summary>After this the connection must be closed: another node may have opened one in its place.</summary>
    public DateTimeOffset Until
    {
        get => new(Interlocked.Read(ref untilTicks), TimeSpan.Zero);
        set => Interlocked.Exchange(ref untilTicks, value.UtcTicks);
    }
}
