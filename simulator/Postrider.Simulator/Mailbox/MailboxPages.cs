using System.Globalization;
using System.Text;

namespace Postrider.Simulator;

/// <summary>Shows people what arrived. Everything in it comes from strangers and is encoded.</summary>
internal static class MailboxPages
{
    private const int Newest = 100;
    private const int MostShown = 200_000;

    public static void Map(IEndpointRouteBuilder routes, SimulatorState state)
    {
        routes.MapGet("/mailbox", () => List(state));
        routes.MapGet("/mailbox/{id:long}", (long id) => Show(state, id));
    }

    private static IResult List(SimulatorState state)
    {
        var count = state.Messages.Count;
        var newest = state.Messages.Read(after: count - Newest).Reverse().ToList();
        var refused = state.Messages.Refused;
        return Page.Show("Mailbox", Html.Of($"""
            <h1>Mailbox</h1>
            <p>{Amount(count, "message")} arrived, {refused.Count} refused after their data. <span class="dim">This page renews itself every 5 seconds.</span></p>
            {(newest.Count == 0 ? Html.Of($"<p>Nothing yet. Send something to any address.</p>") : Table(newest))}
            {(refused.Count == 0 ? Html.None : Html.Of($"<h2>Refused</h2>\n{RefusedTable(refused.Reverse().Take(20))}"))}
            <h2>Addresses that go wrong on purpose</h2>
            <table>
            {Html.Join(MagicRecipients.List.Select(m => Html.Of($"<tr><td><code>{m.Address}</code></td><td>{m.Effect}</td></tr>\n")))}</table>
            <p class="dim">What follows a plus sign in the local part is free: <code>451-2+first@example.org</code>.</p>
            """), refreshSeconds: 5, wide: true);
    }

    private static Html Table(IEnumerable<ReceivedMessage> messages) => Html.Of($"""
        <table class="list">
        <thead><tr><th>Time</th><th>Account</th><th>From</th><th>To</th><th>Subject</th><th>Mechanism</th></tr></thead>
        <tbody>
        {Html.Join(messages.Select(m => Html.Of($"""
            <tr><td data-label="Time">{Time(m)}</td><td data-label="Account">{m.Account}</td><td data-label="From">{m.From}</td><td data-label="To">{Recipients(m)}</td><td data-label="Subject"><a href="/mailbox/{m.Id}">{Title(m)}</a>{(m.ReplySent ? Html.None : Html.Of($" <span class=\"bad\">reply not sent</span>"))}</td><td data-label="Mechanism">{m.Mechanism} {m.TlsVersion}</td></tr>

            """)))}</tbody>
        </table>
        """);

    private static Html RefusedTable(IEnumerable<ReceivedMessage> messages) => Html.Of($"""
        <table class="list">
        <thead><tr><th>Time</th><th>Account</th><th>To</th><th>Subject</th><th>Reply</th></tr></thead>
        <tbody>
        {Html.Join(messages.Select(m => Html.Of($"""
            <tr><td data-label="Time">{Time(m)}</td><td data-label="Account">{m.Account}</td><td data-label="To">{Recipients(m)}</td><td data-label="Subject">{Title(m)}</td><td data-label="Reply">{m.Reply}</td></tr>

            """)))}</tbody>
        </table>
        """);

    private static IResult Show(SimulatorState state, long id)
    {
        if (state.Messages.Find(id) is not { } message)
            return Page.Show("Not found", Html.Of($"<h1>No such message</h1><p><a href=\"/mailbox\">Mailbox</a></p>"), status: 404);
        var raw = state.Messages.Raw(id);
        return Page.Show(Title(message), Html.Of($"""
            <p><a href="/mailbox">Mailbox</a></p>
            <h1>{Title(message)}</h1>
            <table>
            <tr><th>Received</th><td>{Time(message)}</td></tr>
            <tr><th>Account</th><td>{message.Account} (signed in as {message.AuthenticatedAs} with {message.Mechanism}, {message.TlsVersion})</td></tr>
            <tr><th>Envelope</th><td>{message.From} → {string.Join(", ", message.To)}</td></tr>
            <tr><th>Message-ID</th><td><code>{message.MessageId}</code></td></tr>
            <tr><th>Size</th><td>{message.Size} bytes, {(message.Chunked ? "BDAT" : "DATA")}</td></tr>
            <tr><th>SHA-256</th><td><code>{message.Sha256}</code></td></tr>
            <tr><th>Reply</th><td><code>{message.Reply}</code>{(message.ReplySent ? "" : " (not sent: the connection was reset)")}</td></tr>
            </table>
            {Source(raw)}
            """), wide: true);
    }

    private static Html Source(byte[]? raw)
    {
        if (raw is null)
            return Html.Of($"<p class=\"dim\">The message itself is not kept, only its hash.</p>");
        var text = Encoding.UTF8.GetString(raw.AsSpan(0, Math.Min(raw.Length, MostShown)));
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var (headers, body) = end < 0 ? (text, "") : (text[..end], text[(end + 4)..]);
        return Html.Of($"""
            <h2>Headers</h2>
            <pre>{headers}</pre>
            <h2>Raw source of the body</h2>
            <pre>{body}</pre>
            {(raw.Length > MostShown ? Html.Of($"<p class=\"dim\">Cut after {MostShown} bytes.</p>") : Html.None)}
            """);
    }

    private static string Time(ReceivedMessage message) => message.ReceivedAt.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Title(ReceivedMessage message) => string.IsNullOrEmpty(message.Subject) ? "(no subject)" : message.Subject;

    private static string Recipients(ReceivedMessage message) =>
        message.To.Count <= 3 ? string.Join(", ", message.To) : $"{message.To[0]} and {message.To.Count - 1} more";

    private static string Amount(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";
}
