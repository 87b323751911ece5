using Microsoft.AspNetCore.Html;
using Postrider.Accounts.Providers;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Ui;

/// <summary>A state has one colour, one shape and one word everywhere.</summary>
internal static class State
{
    public static IHtmlContent Of(ProviderState state) => state switch
    {
        ProviderState.Ready => Badge("ok", "●", T["Ready"]),
        ProviderState.NeedsConsent => Badge("warn", "◐", T["Connect it"]),
        ProviderState.NeedsAttention => Badge("bad", "▲", T["Needs you"]),
        ProviderState.Paused => Badge("held", "❚❚", T["Paused"]),
        _ => Badge("muted", "○", T["Off"]),
    };

    /// <param name="mayHaveBeenSent">The connection ended after the final dot.</param>
    public static IHtmlContent OfMessage(string state, bool mayHaveBeenSent = false) => mayHaveBeenSent ? Badge("held", "?", T["May have been sent"]) : state switch
    {
        "queued" => Badge("muted", "○", Word(state)),
        "sending" => Badge("accent", "◔", Word(state)),
        "sent" => Badge("ok", "✓", Word(state)),
        "delivered" => Badge("ok", "✓✓", Word(state)),
        "delayed" or "deferred" => Badge("warn", "◷", Word(state)),
        "bounced" => Badge("bad", "↩", Word(state)),
        "failed" or "refused" => Badge("bad", "✕", Word(state)),
        "held" => Badge("held", "❚❚", Word(state)),
        "cancelled" => Badge("muted", "–", Word(state)),
        _ => Badge("muted", "○", Word(state)),
    };

    /// <summary>The word of a message's state.</summary>
    public static string Word(string state) => state switch
    {
        "queued" => T["Queued"], "sending" => T["Sending"], "sent" => T["Sent"], "delivered" => T["Delivered"], "delayed" or "deferred" => T["Delayed"],
        "bounced" => T["Bounced"], "failed" or "refused" => T["Failed"], "held" => T["Held"], "cancelled" => T["Cancelled"],
        _ => state.Length > 0 ? char.ToUpperInvariant(state[0]) + state[1..] : T["Unknown"],
    };

    public static IHtmlContent Badge(string colour, string shape, string word) => new HtmlContentBuilder()
        .AppendHtml($"""<span class="state {colour}"><span class="shape" aria-hidden="true">{shape}</span>""").Append(word).AppendHtml("</span>");
}
