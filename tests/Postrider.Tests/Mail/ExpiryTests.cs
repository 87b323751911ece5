using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Postrider.Mail.History;
using Postrider.Mail.Queue;
using Postrider.Server;

namespace Postrider.Tests.Mail;

/// <summary>Five days, and then the sender is told.</summary>
public class ExpiryTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("postrider-expiry-").FullName;

    [Fact]
    public async Task A_message_that_found_no_way_out_in_its_time_fails_visibly_and_its_sender_is_told()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 5, 4, 10, 0, 0, TimeSpan.Zero));
        await using var gateway = await GatewayApp.CreateAsync(
            new GatewayArguments { Data = directory, Http = "127.0.0.1:0", Smtp = "127.0.0.1:0" }, services => services.AddSingleton<TimeProvider>(clock), cancellation);
        var (queue, history) = (gateway.Services.GetRequiredService<MessageQueue>(), gateway.Services.GetRequiredService<MessageHistory>());
        var id = MessageIds.New(clock);
        await queue.AddAsync(new NewMessage
        {
            Id = id, ProviderId = "unusable", Source = "smtp", MailFrom = "app@example.org", Recipients = ["a@example.org", "b@example.org"], HeaderFrom = "app@example.org",
            Subject = "Invoice", HeaderId = "<1@example.org>", Content = StoredBytes.From("Subject: Invoice\r\n\r\nHello\r\n"u8.ToArray()),
        }, cancellation);
        // Before the start: five days of everybody's timers take their time.
        clock.Advance(TimeSpan.FromDays(5) - TimeSpan.FromMinutes(1));
        await gateway.StartAsync(cancellation);
        var waiting = (await history.FindAsync(id, cancellation))!;
        Assert.Equal("queued", waiting.State);

        while ((await history.FindAsync(id, cancellation))!.State != "failed")
        {
            clock.Advance(TimeSpan.FromSeconds(5));
            // Once its time is over the clock leaves a slow machine time for the work that it has started.
            await Task.Delay(clock.GetUtcNow().ToUnixTimeMilliseconds() < waiting.ExpiresAt ? 10 : 250, cancellation);
        }
        var message = (await history.FindAsync(id, cancellation))!;
        Assert.Equal(("refused", "expired"), (message.Attempts[0].Outcome, message.Attempts[0].Stage!));
        Assert.All(message.Recipients, recipient => Assert.Contains("was tried until 2026-05-09 10:00", recipient.Cause, StringComparison.Ordinal));
        Assert.InRange(message.FinishedAt!.Value, message.ExpiresAt, message.ExpiresAt + 120_000);
        var notice = Assert.Single(await history.ListAsync(new MessageFilter { To = "app@example.org" }, cancellation));
        Assert.Equal(("report", "Not delivered: Invoice", "queued"), (notice.Source, notice.Subject, notice.State));
    }

    public void Dispose() => Directory.Delete(directory, recursive: true);
}
