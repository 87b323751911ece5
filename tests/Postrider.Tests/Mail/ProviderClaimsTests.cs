using Postrider.Mail.Delivery;
using Postrider.Mail.Queue;

namespace Postrider.Tests.Mail;

/// <summary>Lanes that ask while a claim is on its way are served by the next one together.</summary>
public class ProviderClaimsTests
{
    [Fact]
    public async Task Everyone_gets_one_before_anyone_gets_two_and_nobody_more_than_asked_for()
    {
        await using var queue = await TestQueue.OpenAsync();
        var claims = new ProviderClaims(TestQueue.Provider, queue.Worker);
        var ids = new List<string>();
        for (var message = 0; message < 8; message++)
            ids.Add(await queue.AddAsync());
        int[] most = [1, 4, 1, 4];
        var shares = await TakeAllAsync(queue, claims, most);
        Assert.Equal([1, 3, 1, 3], shares.Select(share => share.Count));
        Assert.Equal(ids.Order(), shares.SelectMany(share => share).Select(message => message.Id).Order());
    }

    [Fact]
    public async Task Where_there_are_enough_for_all_they_are_dealt_by_trains()
    {
        await using var queue = await TestQueue.OpenAsync();
        var claims = new ProviderClaims(TestQueue.Provider, queue.Worker);
        for (var message = 0; message < 25; message++)
            await queue.AddAsync();
        var shares = await TakeAllAsync(queue, claims, [1, 8, 8, 9]);
        var order = shares.Skip(1).SelectMany(share => share).Select(message => message.Id).Order(StringComparer.Ordinal).ToList();
        Assert.Equal([1, 8, 8, 8], shares.Select(share => share.Count));
        for (var lane = 0; lane < 3; lane++)
            Assert.Equal([.. order.Skip(4 * lane).Take(4), .. order.Skip(12 + 4 * lane).Take(4)], shares[lane + 1].Select(message => message.Id));
    }

    [Fact]
    public async Task Only_what_leaves_at_once_from_its_own_lane_is_marked()
    {
        await using var queue = await TestQueue.OpenAsync();
        var claims = new ProviderClaims(TestQueue.Provider, queue.Worker);
        for (var message = 0; message < 6; message++)
            await queue.AddAsync();
        var shares = await TakeAllAsync(queue, claims, [1, 3, 2], share => [share[0]]);
        Assert.Equal([true, true, false, false, true, false], shares.SelectMany(share => share).Select(message => message.FinalDotAt is not null));
    }

    [Fact]
    public async Task Whoever_asks_when_nothing_is_left_gets_nothing_and_a_closed_database_is_told_to_all()
    {
        var queue = await TestQueue.OpenAsync();
        var claims = new ProviderClaims(TestQueue.Provider, queue.Worker);
        await queue.AddAsync();
        Assert.Equal(1, (await TakeAllAsync(queue, claims, [2, 2, 2])).Sum(share => share.Count));
        await queue.DisposeAsync();
        foreach (var one in Enumerable.Range(0, 3).Select(_ => claims.TakeAsync(1, share => share, CancellationToken.None)).ToList())
            await Assert.ThrowsAsync<Postrider.Storage.StorageException>(() => one);
    }

    /// <summary>One asks ahead of the others: while its claim waits for the writer, the others gather.</summary>
    private static async Task<IReadOnlyList<IReadOnlyList<ClaimedMessage>>> TakeAllAsync(TestQueue queue, ProviderClaims claims, int[] most,
        Func<IReadOnlyList<ClaimedMessage>, IReadOnlyList<ClaimedMessage>>? leaving = null)
    {
        var gate = new TaskCompletionSource();
        var busy = queue.Database.WriteAsync(async _ => await gate.Task);
        var all = most.Select(max => claims.TakeAsync(max, share => share.Count == 0 ? [] : leaving?.Invoke(share) ?? [], CancellationToken.None)).ToList();
        gate.SetResult();
        await busy;
        return [.. (await Task.WhenAll(all)).Select(one => one.Share)];
    }
}
