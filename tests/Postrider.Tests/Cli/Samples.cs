using System.Text.Json;
using Postrider.Client;

namespace Postrider.Tests.Cli;

/// <summary>Answers as the gateway writes them.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    public static string Message(string state, params (string Address, string State)[] recipients) =>
        JsonSerializer.Serialize(Detail(state, recipients), PostriderJson.Default.MessageDetail);

    public static string Page(string? nextCursor, params string[] ids) => JsonSerializer.Serialize(
        new Page<MessageSummary> { Items = [.. ids.Select(id => Detail("queued", ("a@example.org", "queued")) with { Id = id })], NextCursor = nextCursor },
        PostriderJson.Default.PageMessageSummary);

    public static MessageDetail Detail(string state, params (string Address, string State)[] recipients) => new()
    {
        Id = "01J8",
        State = state,
        AcceptedAt = Noon,
        Provider = "m",
        Client = "erp",
        Source = "smtp",
        From = "me@contoso.com",
        Subject = "Invoice 42",
        Size = 4300,
        RecipientCount = recipients.Length,
        To = [.. recipients.Select(recipient => recipient.Address)],
        MessageId = "<1@contoso.com>",
        ExpiresAt = Noon.AddDays(5),
        Recipients = [.. recipients.Select(recipient => new MessageRecipient { Address = recipient.Address, State = recipient.State, UpdatedAt = Noon })],
        Attempts = [],
        Events = [],
    };
}
