using Postrider.Accounts.Providers;
using Postrider.Client;
using Postrider.Mail.Delivery;
using Postrider.Mail.History;
using Postrider.Mail.Intake;

namespace Postrider.Server.Api;

/// <summary>Messages as the wire shows them, with the reason of a wait that is the provider's and not theirs.</summary>
internal sealed class MessageViews(ProviderDirectory providers, ClientDirectory clients, DeliveryActivity activity)
{
    public MessageSummary Summary(StoredMessage message) => Fill(message, new MessageSummary
    {
        Id = message.Id, State = State(message), AcceptedAt = Moment(message.AcceptedAt), Provider = Name(message.ProviderId),
        Source = message.Source, From = message.MailFrom, Subject = message.Subject, Size = message.Size,
        RecipientCount = message.Recipients.Count, To = [.. message.Recipients.Take(MessageHistory.RecipientsNamed).Select(one => one.Address)],
    });

    public MessageDetail Detail(StoredMessage message) => Fill(message, new MessageDetail
    {
        Id = message.Id, State = State(message), AcceptedAt = Moment(message.AcceptedAt), Provider = Name(message.ProviderId),
        Source = message.Source, From = message.MailFrom, Subject = message.Subject, Size = message.Size,
        RecipientCount = message.Recipients.Count, To = [.. message.Recipients.Take(MessageHistory.RecipientsNamed).Select(one => one.Address)],
        MessageId = message.HeaderId, RemoteMessageId = message.RemoteId, ExpiresAt = Moment(message.ExpiresAt),
        Recipients = [.. message.Recipients.Select(one => new MessageRecipient
        {
            Address = one.Address, State = one.State == "queued" ? State(message) : one.State, MayHaveBeenSent = IsUncertain(one),
            Reply = one.Reply, Cause = one.Cause, Remedy = one.Remedy, UpdatedAt = Moment(one.UpdatedAt),
        })],
        Attempts = [.. message.Attempts.Select(attempt => new MessageAttempt
        {
            Number = attempt.Number, Provider = Name(attempt.ProviderId), StartedAt = Moment(attempt.StartedAt),
            FinalDotAt = attempt.DotAt is { } dot ? Moment(dot) : null, FinishedAt = Moment(attempt.FinishedAt), Outcome = attempt.Outcome,
            Stage = attempt.Stage, Reply = attempt.Reply, Cause = attempt.Cause, Remedy = attempt.Remedy, Transcript = attempt.Transcript,
            Recipients = [.. message.Replies.Where(reply => reply.Attempt == attempt.Number)
                .Select(reply => new RecipientReply { Address = reply.Address, Outcome = reply.Outcome, Reply = reply.Reply })],
        })],
        Events = Story(message), Reports = [.. message.Reports.Select(ReportsApi.View)],
    });

    private T Fill<T>(StoredMessage message, T view) where T : MessageSummary
    {
        var last = message.Attempts.Count > 0 ? message.Attempts[^1] : null;
        var (reply, cause, remedy) = message.FinishedAt is null ? Waiting(message, last) : (last?.Reply, last?.Cause, last?.Remedy);
        return view with
        {
            FinishedAt = message.FinishedAt is { } finished ? Moment(finished) : null,
            Client = message.ClientId is { } client ? clients.Find(client)?.Name ?? client : null,
            Submitter = message.Submitter,
            MayHaveBeenSent = message.Recipients.Any(IsUncertain),
            AttemptCount = last?.Number ?? 0,
            NextAttemptAt = message is { FinishedAt: null, Sending: false, HeldAt: null } && message.DueAt is { } due ? Moment(due) : null,
            Reply = reply, Cause = cause, Remedy = remedy,
        };
    }

    private (string? Reply, string? Cause, string? Remedy) Waiting(StoredMessage message, StoredAttempt? last)
    {
        if (message.HeldAt is not null)
            return (last?.Reply, message.HeldReason, $"Release it when it may go: postrider message release {message.Id}");
        if (providers.Find(message.ProviderId) is { State: not ProviderState.Ready } provider)
            return (last?.Reply, $"{provider.DisplayName} cannot send now: {provider.StateReason}", provider.Remedy);
        return activity.Of(message.ProviderId)?.Fault is { } fault ? (fault.Reply, fault.Cause, fault.Remedy) : (last?.Reply, last?.Cause, last?.Remedy);
    }

    // What the attempts tell already is not told again; acceptance and the acts of people are.
    private List<MessageEvent> Story(StoredMessage message)
    {
        var who = message.ClientId is { } client ? clients.Find(client)?.Name ?? client : message.Source == "report" ? "postrider" : message.Submitter ?? message.Source;
        List<MessageEvent> events =
        [
            new() { At = Moment(message.AcceptedAt), Kind = "accepted", Actor = who, Detail = message.Recipients.Count == 1 ? $"Stored on disk for one recipient, {message.Size} octets." : $"Stored on disk for {message.Recipients.Count} recipients, {message.Size} octets." },
        ];
        events.AddRange(message.Events.Select(stored => new MessageEvent { At = Moment(stored.At), Kind = stored.Kind, Actor = stored.Actor, Detail = stored.Detail }));
        return [.. events.OrderBy(one => one.At)];
    }

    private static bool IsUncertain(StoredRecipient one) => one.Uncertain && one.State is not ("sent" or "delivered" or "delayed" or "bounced");

    private static string State(StoredMessage message) => message switch
    {
        { FinishedAt: not null } => message.State,
        { Sending: true } => "sending",
        { HeldAt: not null } => "held",
        _ => message.State,
    };

    private string Name(string providerId) => providers.Find(providerId)?.Name ?? providerId;

    private static DateTimeOffset Moment(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
