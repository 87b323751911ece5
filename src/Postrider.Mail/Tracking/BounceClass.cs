using Postrider.Smtp;

namespace Postrider.Mail.Tracking;

/// <summary>What a bounce is about, by its status (RFC 3463).</summary>
public static class BounceClass
{
    public const string Address = "address", Full = "full", Mailbox = "mailbox", Size = "size", Server = "server", Routing = "routing", Content = "content", Policy = "policy", Expired = "expired", Other = "other";

    /// <summary>Every class, in the order of a list to choose from.</summary>
    public static readonly IReadOnlyList<string> All = [Address, Full, Mailbox, Size, Server, Routing, Content, Policy, Expired, Other];

    public static string Of(string? status, string? diagnostic) => !EnhancedCode.TryParse(status, out var code) ? Other : code switch
    {
        _ when NoSuchAddress(status, diagnostic) => Address,
        { Subject: 1 } => Address,
        { Subject: 2, Detail: 2 } => Full,
        { Subject: 2, Detail: 3 } or { Subject: 3, Detail: 4 } => Size,
        { Subject: 2 } => Mailbox,
        { Subject: 3 } => Server,
        { Subject: 4, Detail: 7 or 300 } => Expired,
        { Subject: 4 } => Routing,
        { Subject: 5 or 6 } => Content,
        { Subject: 7 } => Policy,
        _ => Other,
    };

    /// <summary>Waiting helps nothing: the address or its domain is not there. Exchange says so with 5.4.1 as well, which elsewhere means a server that
    /// did not answer.</summary>
    public static bool NoSuchAddress(string? status, string? diagnostic) => status is "5.1.1" or "5.1.10" or "5.1.2" or "5.1.6"
        || (status == "5.4.1" && diagnostic?.Contains("Recipient address rejected", StringComparison.OrdinalIgnoreCase) == true);
}
