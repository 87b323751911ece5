using Postrider.Accounts.Providers;
using Postrider.Mail.Delivery;

namespace Postrider.Mail.Waiting;

/// <summary>When a queue will be empty, from the pace that its provider allows or, where there is no limit, from what left in the last minute.</summary>
internal static class QueueForecast
{
    /// <param name="waiting">Messages that may go as soon as it is their turn.</param>
    /// <param name="sentToday">Recipients in the last 24 hours.</param>
    /// <returns>Null when the queue does not move, or nothing is known of its pace.</returns>
    public static DateTimeOffset? EmptyAt(Provider provider, ProviderActivity? doing, long waiting, long sentToday, DateTimeOffset now)
    {
        if (provider.State != ProviderState.Ready)
            return null;
        if (waiting <= 0)
            return now;
        var begins = doing?.Fault is { } fault && fault.Until > now ? fault.Until : now;
        var limits = doing?.Limits ?? provider.Limits;
        if (limits.MessagesPerMinute <= 0 && doing is not { SentInLastMinute: > 0 })
            return null;
        double perMinute = limits.MessagesPerMinute > 0 ? limits.MessagesPerMinute : doing!.SentInLastMinute;
        var sending = TimeSpan.FromMinutes(waiting / perMinute);
        if (limits.RecipientsPerDay <= 0)
            return begins + sending;
        // What does not fit into today's rest goes out at so many a day.
        var today = Math.Max(0, limits.RecipientsPerDay - sentToday);
        var days = waiting <= today ? TimeSpan.Zero : TimeSpan.FromDays(Math.Ceiling((waiting - today) / (double)limits.RecipientsPerDay));
        return begins + (days > sending ? days : sending);
    }
}
