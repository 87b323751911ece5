using System.Globalization;

namespace Postrider.Accounts.Watch;

/// <summary>When an end that is known beforehand is warned of: 30, 14, 7 and 1 days before, and when it has come.</summary>
public static class ExpirySteps
{
    private static readonly int[] Days = [1, 7, 14, 30];

    /// <returns>The step that is reached, 0 when the end has come, null when it is far away.</returns>
    public static int? Reached(DateTimeOffset end, DateTimeOffset now) =>
        end <= now ? 0 : Days.Where(days => end - now <= TimeSpan.FromDays(days)).Select(days => (int?)days).FirstOrDefault();

    /// <summary>"on 2027-03-31 (in 12 days)", "on 2026-05-01 (3 days ago)".</summary>
    public static string When(DateTimeOffset end, DateTimeOffset now)
    {
        var days = Math.Abs((end - now).TotalDays);
        var length = days < 1 ? $"{Math.Max(1, Math.Floor(days * 24)):0} h" : Math.Floor(days) is 1 ? "1 day" : $"{Math.Floor(days):0} days";
        return end > now ? string.Create(CultureInfo.InvariantCulture, $"on {end.UtcDateTime:yyyy-MM-dd} (in {length})") : string.Create(CultureInfo.InvariantCulture, $"on {end.UtcDateTime:yyyy-MM-dd} ({length} ago)");
    }
}
