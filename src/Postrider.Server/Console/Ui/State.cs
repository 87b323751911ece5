using Microsoft.AspNetCore.Html;
using Postrider.Accounts.Providers;

namespace Postrider.Server.Console.Ui;

/// <summary>A state has one colour, one shape and one word everywhere.</summary>
internal static class State
{
    public static IHtmlContent Of(ProviderState state) => state switch
    {
        ProviderState.Ready => Badge("ok", "●", "Ready"),
        ProviderState.NeedsConsent => Badge("warn", "◐", "Connect it"),
        ProviderState.NeedsAttention => Badge("bad", "▲", "Needs you"),
        ProviderState.Paused => Badge("held", "❚❚", "Paused"),
        _ => Badge("muted", "○", "Off"),
    };

    /// <param name="mayHaveBeenSent">The connection ended after the final dot.</param>
    public static IHtmlContent OfMessage(string state, bool mayHaveBeenSent = false) => mayHaveBeenSent ? Badge("held", "?", "May have been sent") : state switch
    {
        "queued" => Badge("muted", "○", "Queued"),
        "sending" => Badge("accent", "◔", "Sending"),
        "sent" => Badge("ok", "✓", "Sent"),
        "delivered" => Badge("ok", "✓✓", "Delivered"),
        "delayed" or "deferred" => Badge("warn", "◷", "Delayed"),
        "bounced" => Badge("bad", "↩", "Bounced"),
        "failed" or "refused" => Badge("bad", "✕", "Failed"),
        "held" => Badge("held", "❚❚", "Held"),
        "cancelled" => Badge("muted", "–", "Cancelled"),
        _ => Badge("muted", "○", state.Length > 0 ? char.ToUpperInvariant(state[0]) + state[1..] : "Unknown"),
    };

    public static IHtmlContent Badge(string colour, string shape, string word) => new HtmlContentBuilder()
        .AppendHtml($"""<span class="state {colour}"><span class="shape" aria-hidden="true">{shape}</span>""").Append(word).AppendHtml("</span>");
}
