using System.CommandLine;
using Postrider.Client;

namespace Postrider.Cli;

/// <summary>Acts on messages, such as retry and cancel: of messages by id, or of all that a filter means after saying how many those are.</summary>
internal sealed class MessageChange
{
    // Counting means reading the list; past this the exact figure changes nobody's mind.
    private const int CountAtMost = 10_000;

    private static readonly Argument<string[]> Ids = new("id") { Description = "Messages; or name them by a filter.", Arity = ArgumentArity.ZeroOrMore };

    private readonly string word, done;
    private readonly Func<PostriderMessages, string, CancellationToken, Task<MessagesChanged>> one;
    private readonly Func<PostriderMessages, MessageFilter, CancellationToken, Task<MessagesChanged>> all;

    private MessageChange(
        string word, string done,
        Func<PostriderMessages, string, CancellationToken, Task<MessagesChanged>> one,
        Func<PostriderMessages, MessageFilter, CancellationToken, Task<MessagesChanged>> all) =>
        (this.word, this.done, this.one, this.all) = (word, done, one, all);

    public static Command Create(
        string name, string description, string word, string done,
        Func<PostriderMessages, string, CancellationToken, Task<MessagesChanged>> one,
        Func<PostriderMessages, MessageFilter, CancellationToken, Task<MessagesChanged>> all) =>
        MessageOptions.AddTo(new Verb(name, description,
            $"message {name} 01J8ZC2M 01J8ZC2N",
            $"message {name} --provider microsoft365 --since 1d --yes") { Ids, Confirmation.Yes })
            .Does(new MessageChange(word, done, one, all).RunAsync);

    private async Task<int> RunAsync(Call call)
    {
        var ids = call.Get(Ids);
        var filter = MessageOptions.Read(call);
        if (ids.Length > 0 && !filter.IsEmpty)
            throw new UsageException("give ids or a filter, not both.");
        if (ids.Length == 0 && filter.IsEmpty)
            throw new UsageException($"which messages? Give ids, or a filter such as --state failed.");
        return ids.Length > 0 ? await EachAsync(call, ids) : await AllAsync(call, filter);
    }

    // One refusal must not keep the other ids from their turn.
    private async Task<int> EachAsync(Call call, string[] ids)
    {
        var (changed, refused) = (0, 0);
        foreach (var id in ids)
        {
            try
            {
                changed += (await call.AskAsync(server => one(server.Messages, id, call.Cancellation))).Count;
            }
            catch (PostriderException problem) when (ids.Length > 1 && problem.Problem.Status is 404 or 409 or 422)
            {
                refused++;
                await call.Terminal.Error.WriteLineAsync($"postrider: {id}: {Plain.Text(problem.Message)}");
            }
        }

        Say(call, new MessagesChanged { Count = changed });
        return refused == 0 ? CommandLine.Done : CommandLine.Failed;
    }

    private async Task<int> AllAsync(Call call, MessageFilter filter)
    {
        if (!call.Get(Confirmation.Yes) && !await AgreedAsync(call, filter))
            return CommandLine.Failed;
        Say(call, await call.AskAsync(server => all(server.Messages, filter, call.Cancellation)));
        return CommandLine.Done;
    }

    private async Task<bool> AgreedAsync(Call call, MessageFilter filter)
    {
        if (!call.Terminal.InIsTerminal || call.Json)
            throw new UsageException("there is nobody to ask. Add --yes to change all messages of the filter.");

        var count = await CountAsync(call, filter);
        if (count == 0)
        {
            call.Output.Say("No such messages.");
            return false;
        }

        return await Confirmation.AskAsync(call, $"{word} {(count > CountAtMost ? "more than " : "")}{Plain.Count(Math.Min(count, CountAtMost), "message")}?");
    }

    private static async Task<int> CountAsync(Call call, MessageFilter filter)
    {
        var count = 0;
        string? cursor = null;
        do
        {
            var page = await call.AskAsync(server => server.Messages.PageAsync(filter, PostriderMessages.LargestPage, cursor, call.Cancellation));
            count += page.Items.Count;
            cursor = page.NextCursor;
        }
        while (cursor is not null && count <= CountAtMost);
        return count;
    }

    private void Say(Call call, MessagesChanged changed) => call.Output.Show(
        changed, PostriderJson.Default.MessagesChanged,
        _ => call.Output.Say($"{done} {Plain.Count(changed.Count, "message")}."));
}
