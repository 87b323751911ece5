using System.Text;
using System.Text.Json;
using Postrider.Mail.Queue;
using Postrider.Smtp;

namespace Postrider.Tests.Mail;

/// <summary>What a process has just stored it need not read back: whoever claims a message has the same in hand.</summary>
public class FreshMessagesTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_claimed_by_whom_stored_it_is_what_another_reads()
    {
        await using var queue = await TestQueue.OpenAsync();
        await queue.AddAsync(queue.New("someone@example.org"));
        await queue.AddAsync(queue.New("one@example.org", "two@example.org"));
        await queue.AddAsync(queue.New("smör@example.org") with { ClientId = "client", SmtpUtf8 = true, Body = SmtpBody.BinaryMime, HoldUncertain = true, Subject = "Smör", MailFrom = "" });
        await queue.AddAsync(queue.New() with { Source = "report", ReportOf = "01", Content = StoredBytes.From(new byte[100_000]) });
        queue.Clock.Advance(TimeSpan.FromSeconds(1));

        var own = await queue.Worker.ClaimAsync(TestQueue.Provider, 10, Stop);
        await queue.Worker.ReleaseAsync([.. own]);
        queue.Clock.Advance(TimeSpan.FromSeconds(1));
        var read = await queue.Other.ClaimAsync(TestQueue.Provider, 10, Stop);
        Assert.Equal(4, own.Count);
        Assert.Equal(Told(own, 1), Told(read, 2));
        Assert.All(own, message => Assert.Equal(message.Size <= 65_536, message.Content is not null));
    }

    [Fact]
    public async Task What_was_changed_elsewhere_before_its_first_claim_is_read()
    {
        await using var queue = await TestQueue.OpenAsync();
        var (_, cancelled, expired) = (await queue.AddAsync(), await queue.AddAsync(), await queue.AddAsync());
        await queue.Other.ExpireAsync([expired], "anna", Stop);
        Assert.Equal(queue.Clock.GetUtcNow(), Assert.Single(await queue.Worker.ClaimExpiredAsync(10, Stop)).ExpiresAt);
        await queue.Other.CancelAsync([cancelled], "anna", Stop);
        await queue.Other.RestoreAsync([cancelled], new HashSet<string>(), "anna", Stop);
        Assert.Equal(2, await queue.Other.MoveAsync(TestQueue.Provider, "provider-2", long.MaxValue, 10, "outage", Stop));
        Assert.Equal([("provider-2", "someone@example.org"), ("provider-2", "someone@example.org")],
            (await queue.Worker.ClaimAsync("provider-2", 10, Stop)).Select(message => (message.ProviderId, Assert.Single(message.Recipients).Address)));
    }

    [Fact]
    public async Task More_than_is_remembered_is_claimed_with_its_own_content_all_the_same()
    {
        await using var queue = await TestQueue.OpenAsync();
        var contents = new Dictionary<string, string>();
        for (var number = 0; number < 200; number++)
        {
            var content = $"Subject: {number}\r\n\r\n{new string((char)('a' + number % 26), 60_000)}\r\n";
            contents[await queue.AddAsync(queue.New() with { Content = StoredBytes.From(Encoding.ASCII.GetBytes(content)) })] = content;
        }
        var claimed = await queue.Worker.ClaimAsync(TestQueue.Provider, 256, Stop);
        Assert.Equal(200, claimed.Count);
        Assert.All(claimed, message => Assert.Equal(contents[message.Id], Encoding.ASCII.GetString(message.Content!)));
    }

    [Fact]
    public async Task A_second_attempt_reads_what_is_left_to_do()
    {
        await using var queue = await TestQueue.OpenAsync();
        await queue.AddAsync();
        var first = await queue.ClaimAsync();
        await queue.Worker.RecordAsync(first, queue.Outcome(first, OutcomeKind.Deferred));
        queue.Clock.Advance(TimeSpan.FromMinutes(1));
        var second = await queue.ClaimAsync();
        Assert.Equal((1, 2L), (second.Attempts, second.Fence));
        Assert.Equal(first.Content, second.Content);
    }

    private static string[] Told(IReadOnlyList<ClaimedMessage> claimed, long fence)
    {
        Assert.All(claimed, message => Assert.Equal(fence, message.Fence));
        return [.. claimed.OrderBy(message => message.Id, StringComparer.Ordinal).Select(message => JsonSerializer.Serialize(message).Replace($"\"Fence\":{fence}", "", StringComparison.Ordinal))];
    }
}
