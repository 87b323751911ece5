using Postrider.Accounts.Providers;
using Postrider.Storage;

namespace Postrider.Mail.Delivery;

/// <summary>Whether a message may leave now.</summary>
/// <param name="At">When; a moment that has come means that the permit was given.</param>
/// <param name="DaySpent">It waits for the limit of the day, and not for its place in the minute.</param>
public readonly record struct Permit(DateTimeOffset At, bool Given, bool DaySpent);

/// <summary>Gives permits to send through providers that have a limit, one transaction each: they count what was sent before a restart,
/// and what every other process sends through the same provider.</summary>
public sealed class Permits(Database database, TimeProvider time)
{
    private const string SelectMinute =
        "select at, messages from permits where provider_id = @provider and at > @from order by at";
    private const string SelectDay =
        "select minute, recipients from minutes_of_sending where provider_id = @provider and minute > @from order by minute";
    private const string Give = """
        insert into permits (provider_id, at, messages) values (@provider, @now, @messages)
        on conflict (provider_id, at) do update set messages = permits.messages + @messages
        """;
    private const string Count = """
        insert into minutes_of_sending (provider_id, minute, messages, recipients) values (@provider, @minute, @messages, @recipients)
        on conflict (provider_id, minute) do update set messages = minutes_of_sending.messages + @messages,
                                                        recipients = minutes_of_sending.recipients + @recipients
        """;
    private const string ForgetPermits = "delete from permits where provider_id = @provider and at <= @from";
    private const string ForgetMinutes = "delete from minutes_of_sending where provider_id = @provider and minute <= @from";

    /// <summary>When the next message may leave, without taking the permit.</summary>
    public Task<Permit> NextAsync(string providerId, SendingLimits limits, CancellationToken cancellation) =>
        database.ReadAsync(session => JudgeAsync(session, providerId, limits, recipients: 1), cancellation);

    /// <summary>Takes the permit for messages that leave at once, when they may.</summary>
    public Task<Permit> TakeAsync(string providerId, SendingLimits limits, int messages, int recipients, CancellationToken cancellation) =>
        database.WriteAsync(async session =>
        {
            // Who judges must see what everybody before has taken.
            await session.LockAsync($"permits {providerId}");
            var permit = await JudgeAsync(session, providerId, limits, recipients);
            if (!permit.Given)
                return permit;
            var now = permit.At.ToUnixTimeMilliseconds();
            await session.ExecuteAsync(ForgetPermits, new { provider = providerId, from = now - PaceRule.Minute - PaceRule.Slack });
            await session.ExecuteAsync(ForgetMinutes, new { provider = providerId, from = now - PaceRule.Day - PaceRule.Minute });
            await session.ExecuteAsync(Give, new { provider = providerId, now, messages });
            await session.ExecuteAsync(Count, new { provider = providerId, minute = now - now % PaceRule.Minute, messages, recipients });
            return permit;
        }, cancellation);

    /// <summary>What a provider with a limit has sent in the last minute and the last day.</summary>
    public Task<(long InMinute, long InDay)> UsedAsync(string providerId, CancellationToken cancellation) =>
        database.ReadAsync(async session =>
        {
            var now = Now();
            return ((long)(await MinuteAsync(session, providerId, now)).Count, (await DayAsync(session, providerId, now)).Sum(minute => minute.Recipients));
        }, cancellation);

    private async Task<Permit> JudgeAsync(DbSession session, string providerId, SendingLimits limits, int recipients)
    {
        var now = Now();
        var next = limits.MessagesPerMinute > 0 ? PaceRule.Next(await MinuteAsync(session, providerId, now), limits.MessagesPerMinute, now) : now;
        var room = limits.RecipientsPerDay > 0 ? PaceRule.Room(await DayAsync(session, providerId, now), limits.RecipientsPerDay, recipients, now) : now;
        var at = Math.Max(next, room);
        return new Permit(DateTimeOffset.FromUnixTimeMilliseconds(at), at <= now, room > next);
    }

    private static async Task<List<long>> MinuteAsync(DbSession session, string provider, long now) =>
        [.. (await session.QueryAsync<GivenPermit>(SelectMinute, new { provider, from = now - PaceRule.Minute - PaceRule.Slack }))
            .SelectMany(given => Enumerable.Repeat(given.At, given.Messages))];

    private static Task<IReadOnlyList<SentMinute>> DayAsync(DbSession session, string provider, long now) =>
        session.QueryAsync<SentMinute>(SelectDay, new { provider, from = now - PaceRule.Day - PaceRule.Minute });

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed class GivenPermit
    {
        public long At { get; init; }
        public int Messages { get; init; }
    }
}
