using Microsoft.AspNetCore.Html;
using Postrider.Mail.Tracking;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Ui;

/// <summary>What came back, in words: what a report says, and what it is about.</summary>
internal static class Returned
{
    public static IReadOnlyList<(string Value, string Text)> Kinds => [("", T["Any"]), .. Reports.Kinds.Select(kind => (kind, Word(kind)))];

    public static IReadOnlyList<(string Value, string Text)> Classes => [("", T["Anything"]), .. BounceClass.All.Select(about => (about, About(about)))];

    public static IHtmlContent Badge(string kind) => kind switch
    {
        "bounce" or "complaint" => State.Badge("bad", "↩", Word(kind)),
        "delay" => State.Badge("warn", "◷", Word(kind)),
        "delivery" => State.Badge("ok", "✓✓", Word(kind)),
        "unread" => State.Badge("warn", "?", Word(kind)),
        _ => State.Badge("muted", "○", Word(kind)),
    };

    public static string Word(string kind) => kind switch
    {
        "bounce" => T["Bounced"],
        "delay" => T["Delayed"],
        "delivery" => T["Delivered"],
        "relay" => T["Handed on"],
        "receipt" => T["Read receipt"],
        "complaint" => T["Called spam"],
        "reply" => T["Automatic answer"],
        _ => T["Not understood"],
    };

    public static string About(string about) => about switch
    {
        BounceClass.Address => T["No such address"],
        BounceClass.Full => T["Mailbox full"],
        BounceClass.Mailbox => T["Mailbox takes no mail"],
        BounceClass.Size => T["Too large"],
        BounceClass.Server => T["The server's own trouble"],
        BounceClass.Routing => T["Server not reached"],
        BounceClass.Content => T["Content not taken"],
        BounceClass.Policy => T["Refused by policy or as spam"],
        BounceClass.Expired => T["Tried for too long"],
        _ => T["Another reason"],
    };
}
