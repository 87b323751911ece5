using System.CommandLine;
using Postrider.Client;

namespace Postrider.Cli;

/// <summary>What became of messages, and what to do about them.</summary>
internal static class MessageCommand
{
    private const int DefaultLimit = 50;

    // So that a message is a line or two on a screen; 'show' has all of it.
    private const int SubjectOnScreen = 32;

    private static readonly Argument<string> Id = new("id") { Description = "The message's id." };
    private static readonly Option<string[]> To = new("--to") { HelpName = "address", Description = "Its recipients; those of the message when left out.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<int?> Limit = new("--limit") { HelpName = "number", Description = $"How many at most (default {DefaultLimit})." };
    private static readonly Option<string?> Cursor = new("--cursor") { HelpName = "text", Description = "Go on after a list; its nextCursor with --json." };

    public static Command Create() => new Command("message", "What became of messages.")
    {
        MessageOptions.AddTo(new Verb("list", "List messages, the newest first.",
            "message list",
            "message list --state failed --since 2h",
            "message list --to someone@example.org --json") { Limit, Cursor })
            .Does(ListAsync),
        new Verb("show", "Tell the story of one message.", "message show 01J8ZC2M") { Id }.Does(ShowAsync),
        MessageChange.Create("retry", "Try messages again now.", "Retry", "Retrying",
            (messages, id, cancellation) => messages.RetryAsync(id, cancellation),
            (messages, filter, progress, cancellation) => messages.RetryAllAsync(filter, progress, cancellation)),
        new Verb("resend", "Send a message once more as a new one: the same content under a Message-ID of its own.",
            "message resend 01J8ZC2M", "message resend 01J8ZC2M --to someone@example.org") { Id, To }.Does(ResendAsync),
        MessageChange.Create("cancel", "Take messages out of the queue.", "Cancel", "Cancelled",
            (messages, id, cancellation) => messages.CancelAsync(id, cancellation),
            (messages, filter, progress, cancellation) => messages.CancelAllAsync(filter, progress, cancellation)),
        MessageChange.Create("hold", "Hold messages back until they are released; they do not expire meanwhile.", "Hold", "Holding",
            (messages, id, cancellation) => messages.HoldAsync(id, cancellation),
            (messages, filter, progress, cancellation) => messages.HoldAllAsync(filter, progress, cancellation)),
        MessageChange.Create("release", "Let held messages go again.", "Release", "Released",
            (messages, id, cancellation) => messages.ReleaseAsync(id, cancellation),
            (messages, filter, progress, cancellation) => messages.ReleaseAllAsync(filter, progress, cancellation)),
        MessageChange.Create("expire", "Give messages up now, as if their time were over; their senders are told.", "Give up", "Given up:",
            (messages, id, cancellation) => messages.ExpireAsync(id, cancellation),
            (messages, filter, progress, cancellation) => messages.ExpireAllAsync(filter, progress, cancellation)),
    };

    private static async Task ListAsync(Call call)
    {
        var limit = call.Get(Limit) ?? DefaultLimit;
        if (limit < 1)
            throw new UsageException("--limit is 1 or more.");
        var page = await PagesAsync(call, MessageOptions.Read(call), limit);
        call.Output.Show(page, PostriderJson.Default.PageMessageSummary, _ => Write(call, page));
    }

    // The server gives fewer at a time than a person may ask for.
    private static async Task<Page<MessageSummary>> PagesAsync(Call call, MessageFilter filter, int limit)
    {
        var items = new List<MessageSummary>();
        var cursor = call.Get(Cursor);
        do
        {
            var page = await call.AskAsync(server => server.Messages.PageAsync(filter, Math.Min(limit - items.Count, PostriderMessages.LargestPage), cursor, call.Cancellation));
            items.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null && items.Count < limit);
        return new Page<MessageSummary> { Items = items, NextCursor = cursor };
    }

    private static void Write(Call call, Page<MessageSummary> page)
    {
        call.Output.Table(page.Items, "No such messages.",
            new("STATE", message => StateMark.OfMessage(message.State, message.MayHaveBeenSent).Text, Whole: true),
            new("ID", message => message.Id, whole: true),
            new("ACCEPTED", message => Moments.Since(message.AcceptedAt, call.Terminal.Time), whole: true),
            new("TO", Recipients),
            new("SUBJECT", message => call.Terminal.OutIsTerminal ? Plain.Cut(message.Subject, SubjectOnScreen) : message.Subject),
            new("PROVIDER", message => message.Provider));
        if (page.NextCursor is not null)
            call.Output.Say($"There are more: add --limit, or --cursor {page.NextCursor}");
    }

    private static string Recipients(MessageSummary message) => message.To.Count switch
    {
        0 => "–",
        _ when message.RecipientCount > 1 => $"{message.To[0]} +{message.RecipientCount - 1}",
        _ => message.To[0],
    };

    private static async Task ResendAsync(Call call)
    {
        var accepted = await call.AskAsync(server => server.Messages.ResendAsync(call.Get(Id), call.Get(To), call.Cancellation));
        call.Output.Show(accepted, PostriderJson.Default.MessageAccepted, _ => call.Output.Say($"Accepted as {accepted.Id}."));
    }

    private static async Task ShowAsync(Call call)
    {
        var message = await call.AskAsync(server => server.Messages.GetAsync(call.Get(Id), call.Cancellation));
        call.Output.Show(message, PostriderJson.Default.MessageDetail, _ => MessageStory.Write(call, message));
    }
}
