using System.Net.Sockets;
using Postrider.Accounts.Failures;
using Postrider.Accounts.Providers;
using Postrider.Mail.Queue;
using Postrider.Smtp;
using FailureStage = Postrider.Accounts.Failures.SmtpStage;
using SmtpStage = Postrider.Smtp.SmtpStage;

namespace Postrider.Mail.Delivery;

/// <summary>Says what a result means: for each recipient, and for the provider as a whole. What a reply means is the catalogue's knowledge;
/// here it becomes an outcome.</summary>
public sealed class ReplyClassifier(FailureCatalog catalog)
{
    /// <param name="Account">Set when the reply concerns the provider and not the message: the message is given back untouched.</param>
    public sealed record Verdict(
        IReadOnlyList<RecipientOutcome> Recipients, KnownFailure? Account, string Stage, string Reply, string? Cause, string? Remedy, bool SplitNow)
    {
        public string? RemoteId { get; init; }

        /// <summary>Set when nobody was sent it for trouble of the server that says nothing about the message, which pays for finding out.</summary>
        public KnownFailure? Server { get; init; }

        /// <summary>The server had an answer that is about this message.</summary>
        public bool IsAnswered { get; init; }
    }

    public Verdict Judge(Provider provider, ClaimedMessage message, SendResult result)
    {
        var outcomes = new List<RecipientOutcome>(message.Recipients.Count);
        KnownFailure? account = null, worst = null;
        var stage = StageOf(result);
        for (var at = 0; at < message.Recipients.Count; at++)
        {
            var number = message.Recipients[at].Number;
            if (result.IsAccepted(at))
            {
                outcomes.Add(new RecipientOutcome(number, OutcomeKind.Sent, result.FinalReply!.Verbatim));
                continue;
            }
            var reply = result.ReplyFor(at);
            if (reply is null)
            {
                outcomes.Add(Unanswered(number, result));
                continue;
            }
            var known = Explain(provider, message.MailFrom, ReplyStage(result, at), reply, message.Recipients[at].Address);
            if (ConcernsAccount(known))
                account ??= known;
            worst = worst is null || known.Class == RetryClass.Permanent ? known : worst;
            var kind = known.ProbablyDelivered ? OutcomeKind.Sent : known.Class == RetryClass.Permanent ? OutcomeKind.Failed : OutcomeKind.Deferred;
            outcomes.Add(new RecipientOutcome(number, kind, reply.Verbatim, known.Cause, known.Remedy));
        }
        var anySent = outcomes.Exists(outcome => outcome.Kind == OutcomeKind.Sent);
        var server = !anySent && worst is { Class: RetryClass.Transient, Scope: FailureScope.Session } ? worst : null;
        return new Verdict(outcomes, anySent || result.State == SendState.Uncertain ? null : account, stage, Reply(result), worst?.Cause, worst?.Remedy,
            SplitNow: anySent && result.RecipientReplies.Any(reply => reply is { Code: 452, Enhanced: { Subject: 5, Detail: 3 } }))
        {
            RemoteId = anySent ? MessageIdIn(result.FinalReply) : null,
            Server = server, IsAnswered = server is null && (anySent || worst is not null),
        };
    }

    /// <param name="from">The sender that was named; null when none was yet.</param>
    public KnownFailure Explain(Provider provider, string? from, FailureStage stage, SmtpReply reply, string? recipient = null) =>
        catalog.ForReply(provider.Type, stage, reply.Code, reply.Enhanced?.ToString(), reply.Text).Fill(Values(provider, from, recipient));

    public KnownFailure Explain(Provider provider, SmtpConnectionException lost) => (lost.Reply is { } reply
        ? catalog.ForReply(provider.Type, Stage(lost.Stage), reply.Code, reply.Enhanced?.ToString(), reply.Text)
        : catalog.ForNetwork(Stage(lost.Stage), Fault(lost))).Fill(Values(provider, null, null));

    // Limits and faults of the account that show in a reply to one message would show in the reply to every other.
    private static bool ConcernsAccount(KnownFailure known) =>
        known.Class is (RetryClass.RateLimited or RetryClass.Configuration or RetryClass.Authentication)
        && known.Scope is (FailureScope.Account or FailureScope.Tenant or FailureScope.Session);

    private static RecipientOutcome Unanswered(int number, SendResult result) => result.State == SendState.Uncertain
        ? new RecipientOutcome(number, OutcomeKind.Uncertain, result.Error?.Message ?? "No answer came after the final dot.",
            "The connection ended after the whole message was sent and before the provider answered: it may have been sent.",
            "Nothing to do: it is sent again with the same Message-ID, so that a second copy can be recognised.")
        : new RecipientOutcome(number, OutcomeKind.Deferred, result.Error?.Message ?? "The connection ended before the message was sent.",
            "The connection to the provider ended while the message was on its way.", "Nothing to do: it is tried again.");

    private static string Reply(SendResult result) => result switch
    {
        { State: SendState.Uncertain or SendState.Lost } => result.Error?.Message ?? "The connection ended.",
        { MailReply: { IsPositive: false } mail } => mail.Verbatim,
        { FinalReply: { } final, State: SendState.Completed } => final.Verbatim,
        _ => result.RecipientReplies.FirstOrDefault(reply => reply is { IsPositive: false })?.Verbatim
             ?? (result.FinalReply ?? result.DataReply ?? result.MailReply)?.Verbatim ?? "No reply.",
    };

    private static string StageOf(SendResult result) => result switch
    {
        { Error: { } lost } => Wire(lost.Stage),
        { MailReply: { IsPositive: false } } => Wire(SmtpStage.Mail),
        { State: SendState.Completed } => Wire(SmtpStage.FinalReply),
        { FinalReply: { IsPositive: false } } when result.RecipientReplies.Any(reply => reply is { IsPositive: true }) => Wire(SmtpStage.FinalReply),
        { RecipientReplies: var replies } when replies.Any(reply => reply is { IsPositive: false }) => Wire(SmtpStage.Rcpt),
        _ => Wire(SmtpStage.Data),
    };

    private static FailureStage ReplyStage(SendResult result, int recipient) =>
        result.MailReply is { IsPositive: false } ? FailureStage.Mail
        : result.RecipientReplies[recipient] is { IsPositive: false } ? FailureStage.Rcpt
        : result.FinalReply is not null ? FailureStage.Final : FailureStage.Data;

    private static FailureStage Stage(SmtpStage stage) => stage switch
    {
        SmtpStage.Resolve or SmtpStage.Connect => FailureStage.Connect,
        SmtpStage.Tls => FailureStage.Tls,
        SmtpStage.Greeting => FailureStage.Greeting,
        SmtpStage.Ehlo => FailureStage.Ehlo,
        SmtpStage.Auth => FailureStage.Auth,
        SmtpStage.Mail => FailureStage.Mail,
        SmtpStage.Rcpt => FailureStage.Rcpt,
        SmtpStage.Data or SmtpStage.Content => FailureStage.Data,
        SmtpStage.FinalReply => FailureStage.Final,
        _ => FailureStage.Reset,
    };

    private static NetworkFault Fault(SmtpConnectionException lost) => lost.Fault switch
    {
        SmtpFault.NotResolved => NetworkFault.NameNotFound,
        // A firewall that rejects says "no route"; a machine where nothing listens says "refused".
        SmtpFault.Unreachable when lost.InnerException is System.Net.Sockets.SocketException { SocketErrorCode: SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown } => NetworkFault.Unreachable,
        SmtpFault.Unreachable => NetworkFault.Refused,
        SmtpFault.TimedOut => NetworkFault.TimedOut,
        SmtpFault.NoStartTls => NetworkFault.TlsNotOffered,
        SmtpFault.InjectedBytes => NetworkFault.ClearTextBehindStartTls,
        SmtpFault.TlsFailed => NetworkFault.TlsFailed,
        SmtpFault.CertificateExpired => NetworkFault.CertificateExpired,
        SmtpFault.CertificateNameMismatch => NetworkFault.CertificateWrongName,
        SmtpFault.CertificateUntrusted => NetworkFault.CertificateNotTrusted,
        _ => NetworkFault.ConnectionLost,
    };

    /// <summary>The stage in the contract's words.</summary>
    public static string Wire(SmtpStage stage) => stage switch
    {
        SmtpStage.FinalReply => "finalReply",
        _ => stage.ToString().ToLowerInvariant(),
    };

    // Exchange reports the Message-ID in force: 250 2.0.0 OK <id@host> [Hostname=…] (git-send-email, --outlook-id-fix).
    private static string? MessageIdIn(SmtpReply? reply)
    {
        var (from, to) = (reply?.Text.IndexOf('<') ?? -1, reply?.Text.IndexOf('>') ?? -1);
        return from >= 0 && to > from && reply!.Text.AsSpan(from, to - from).Contains('@') ? reply.Text[from..(to + 1)] : null;
    }

    private static Dictionary<string, string> Values(Provider provider, string? from, string? recipient)
    {
        var values = ProviderWords.Of(provider);
        if (from is not null)
            values[Placeholders.From] = from;
        if (recipient is not null)
            values[Placeholders.Recipient] = recipient;
        return values;
    }
}
