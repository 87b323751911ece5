using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Postrider.Storage;

namespace Postrider.Accounts.Sealing;

/// <summary>A key and what is sealed with it.</summary>
public sealed record KeyUse(Guid Id, DateTimeOffset CreatedAt, bool IsCurrent, bool IsLocked, long Secrets);

/// <param name="SecretsWithoutKey">Sealed with keys that the ring does not hold.</param>
/// <param name="StartedAt">Of the last rotation.</param>
/// <param name="FinishedAt">Null while it runs.</param>
public sealed record SecretStatus(IReadOnlyList<KeyUse> Keys, long SecretsWithoutKey, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt)
{
    public bool IsRotating => StartedAt is not null && FinishedAt is null;
}

/// <summary>What came of taking a key out of the ring.</summary>
public abstract record KeyRemoval
{
    private KeyRemoval()
    {
    }

    public sealed record Removed : KeyRemoval;

    public sealed record Unknown : KeyRemoval;

    public sealed record Refused(string Cause, string Remedy) : KeyRemoval;
}

/// <summary>Seals every stored secret anew with a new key while mail goes on. One that a stop has interrupted goes on with the next start.</summary>
public sealed partial class SecretRotation(Database database, SealedSecrets secrets, KeyRing ring, TimeProvider time, ILogger<SecretRotation> log) : BackgroundService
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1), AfterFailure = TimeSpan.FromSeconds(10);

    /// <summary>By then whatever was being sealed with the key before, here or on another node, is in the database.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(15);

    private readonly Channel<bool> asked = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public async Task<SecretStatus> StatusAsync(CancellationToken cancellation)
    {
        var counts = (await secrets.CountAsync(cancellation)).ToDictionary(count => count.Head, count => count.Secrets);
        var keys = ring.Keys.Select(key => new KeyUse(key.Id, key.CreatedAt, key.IsCurrent, key.IsLocked, counts.GetValueOrDefault(KeyRing.HeadOf(key.Id)))).ToList();
        var last = await LastAsync(cancellation);
        return new(keys, counts.Values.Sum() - keys.Sum(key => key.Secrets), At(last?.StartedAt), At(last?.FinishedAt));
    }

    /// <summary>Begins one; where one runs, it is that one.</summary>
    public async Task<SecretStatus> BeginAsync(CancellationToken cancellation)
    {
        if (await LastAsync(cancellation) is not { FinishedAt: null })
        {
            ring.Add();
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            await database.WriteAsync(session => session.ExecuteAsync("""
                insert into secret_rotation (id, started_at) values (1, @now) on conflict (id) do update set started_at = @now, finished_at = null
                """, new { now }), cancellation);
            database.Tell(KeyRing.Changes);
            Began(ring.Current);
        }
        asked.Writer.TryWrite(true);
        return await StatusAsync(cancellation);
    }

    /// <summary>Takes a key that seals nothing any more out of the ring.</summary>
    public async Task<KeyRemoval> RemoveAsync(Guid id, CancellationToken cancellation)
    {
        var status = await StatusAsync(cancellation);
        if (status.Keys.FirstOrDefault(key => key.Id == id) is not { } key)
            return new KeyRemoval.Unknown();
        if (key.IsCurrent)
            return new KeyRemoval.Refused("It is the key in force.", "Make another one first: postrider secrets rotate");
        if (status.IsRotating || key.Secrets > 0)
            return new KeyRemoval.Refused(key.Secrets > 0 ? $"{key.Secrets} stored secrets are sealed with it." : "Secrets are being sealed anew.",
                status.IsRotating ? "Wait until that has ended: postrider secrets status" : "Seal them with another key: postrider secrets rotate");
        ring.Remove(id);
        database.Tell(KeyRing.Changes);
        Removed(id);
        return new KeyRemoval.Removed();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        asked.Writer.TryWrite(true);
        while (await asked.Reader.WaitToReadAsync(stoppingToken))
        {
            asked.Reader.TryRead(out _);
            while (!await TryAsync(stoppingToken))
                await Task.Delay(AfterFailure, time, stoppingToken);
        }
    }

    private async Task<bool> TryAsync(CancellationToken stopping)
    {
        try
        {
            if (await LastAsync(stopping) is { FinishedAt: null } last)
                await RotateAsync(At(last.StartedAt)!.Value, stopping);
            return true;
        }
        catch (Exception wrong) when (wrong is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            Failed(wrong);
            return false;
        }
    }

    private async Task RotateAsync(DateTimeOffset began, CancellationToken stopping)
    {
        var total = 0;
        while (true)
        {
            ring.Follow();
            var (done, busy) = await secrets.SealAnewAsync(KeyRing.HeadOf(ring.Current ?? ring.Add()), stopping);
            total += done;
            if (done == 0 && busy == 0 && time.GetUtcNow() >= began + Settled)
                break;
            await Task.Delay(Again, time, stopping);
        }
        await database.WriteAsync(session => session.ExecuteAsync("update secret_rotation set finished_at = @now where id = 1 and finished_at is null",
            new { now = time.GetUtcNow().ToUnixTimeMilliseconds() }), stopping);
        Ended(total);
    }

    private Task<Row?> LastAsync(CancellationToken cancellation) =>
        database.ReadAsync(session => session.FirstOrDefaultAsync<Row>("select started_at, finished_at from secret_rotation where id = 1"), cancellation);

    private static DateTimeOffset? At(long? milliseconds) => milliseconds is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;

    private sealed class Row
    {
        public long? StartedAt { get; init; }
        public long? FinishedAt { get; init; }
    }

    [LoggerMessage(2021, LogLevel.Information, "Stored secrets are being sealed anew with the key {Key}")]
    private partial void Began(Guid? key);

    [LoggerMessage(2022, LogLevel.Information, "{Secrets} stored secrets were sealed anew")]
    private partial void Ended(int secrets);

    [LoggerMessage(2023, LogLevel.Information, "The key {Key} was taken out of the key ring")]
    private partial void Removed(Guid key);

    [LoggerMessage(2024, LogLevel.Warning, "Sealing stored secrets anew was interrupted; it goes on")]
    private partial void Failed(Exception why);
}
