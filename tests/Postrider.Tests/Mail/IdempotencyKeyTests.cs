using Postrider.Mail.Queue;

namespace Postrider.Tests.Mail;

public class IdempotencyKeyTests
{
    private static readonly IdempotencyKey Key = new("caller", "key", "fingerprint");

    [Fact]
    public async Task A_repeated_request_answers_with_the_first_message()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync(queue.New() with { Idempotency = Key });
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => queue.Worker.AddAsync(queue.New() with { Idempotency = Key }, CancellationToken.None)));
        Assert.All(results, result => Assert.Equal(new AddResult.AlreadyAdded(id), result));
        Assert.Equal(1, await queue.CountAsync("messages"));
    }

    [Fact]
    public async Task The_key_of_another_request_is_refused_and_the_key_of_another_caller_is_another_key()
    {
        await using var queue = await TestQueue.OpenAsync();
        await queue.AddAsync(queue.New() with { Idempotency = Key });
        Assert.IsType<AddResult.KeyReused>(await queue.Worker.AddAsync(queue.New() with { Idempotency = Key with { Fingerprint = "other" } }, CancellationToken.None));
        await queue.AddAsync(queue.New() with { Idempotency = Key with { Owner = "somebody else" } });
        Assert.Equal(2, await queue.CountAsync("messages"));
    }

    [Fact]
    public async Task A_key_is_remembered_for_its_time_and_then_forgotten()
    {
        await using var queue = await TestQueue.OpenAsync();
        var id = await queue.AddAsync(queue.New() with { Idempotency = Key });
        queue.Clock.Advance(queue.Options.IdempotencyWindow - TimeSpan.FromSeconds(1));
        Assert.Equal(new AddResult.AlreadyAdded(id), await queue.Worker.AddAsync(queue.New() with { Idempotency = Key }, CancellationToken.None));
        queue.Clock.Advance(TimeSpan.FromSeconds(1));
        await queue.AddAsync(queue.New() with { Idempotency = Key with { Key = "another" } });
        Assert.Equal(1, await queue.CountAsync("idempotency_keys"));
        await queue.AddAsync(queue.New() with { Idempotency = Key });
    }
}
