using Microsoft.AspNetCore.Html;
using Postrider.Mail.Tracking;

namespace Postrider.Server.Console.Ui;

/// <summary>What came back, in words: what a report says, and what it is about.</summary>
internal static class Returned
{
    public static IReadOnlyList<(string Value, string Text)> Kinds { get; } = [("", "Any"), .. Reports.Kinds.Select(kind => (kind, Word(kind)))];

    public static IReadOnlyList<(string Value, string Text)> Classes { get; } = [("", "Anything"), .. BounceClass.All.Select(about => (about, About(about)))];

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
        "bounce" => "Bounced",
        "delay" => "Delayed",
        "delivery" => "Delivered",
        "relay" => "Handed on",
        "receipt" => "Read receipt",
        "complaint" => "Called spam",
        "reply" => "Automatic answer",
        _ => "Not understood",
    };

    public static string About(string about) => about switch
    {
        BounceClass.Address => "No such address",
        BounceClass.Full => "Mailbox full",
        BounceClass.Mailbox => "Mailbox takes no mail",
        BounceClass.Size => "Too large",
        BounceClass.Server => "The server's own trouble",
        BounceClass.Routing => "Server not reached",
        BounceClass.Content => "Content not taken",
        BounceClass.Policy => "Refused by policy or as spam",
        BounceClass.Expired => "Tried for too long",
        _ => "Another reason",
    };
}
