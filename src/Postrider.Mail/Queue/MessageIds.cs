using System.Globalization;

namespace Postrider.Mail.Queue;

/// <summary>Message ids are UUIDs of version 7 (RFC 9562) in 32 hexadecimal digits: their order is that of acceptance,
/// so the list of messages needs no other index for its time, and a page of it no other cursor.</summary>
public static class MessageIds
{
    public static string New(TimeProvider time) => Guid.CreateVersion7(time.GetUtcNow()).ToString("N");

    /// <summary>Accepts the id with and without dashes, in either case.</summary>
    public static string? Parse(string? text) => Guid.TryParse(text, out var id) ? id.ToString("N") : null;

    /// <summary>When the message with that id was accepted.</summary>
    public static DateTimeOffset TimeOf(string id) =>
        DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(id.AsSpan(0, 12), NumberStyles.HexNumber, CultureInfo.InvariantCulture));

    /// <summary>The smallest id of a message accepted at that moment: its first 48 bits are the milliseconds.</summary>
    public static string FirstAt(DateTimeOffset moment) =>
        Math.Max(0, moment.ToUnixTimeMilliseconds()).ToString("x12", CultureInfo.InvariantCulture) + new string('0', 20);
}
