using System.CommandLine;
using Postrider.Client;

namespace Postrider.Cli;

/// <summary>Acts on messages, such as retry and cancel: of messages by id, or of all that a filter means after saying how many those are.</summary>
internal sealed class MessageChange
{
    private static readonly Argument<string[]> Ids = new("id") { Description = "Messages; or name them by a filter.", Arity = ArgumentArity.ZeroOrMore };

    private readonly string name, word, done;
    private readonly Func<PostriderMessages, string, CancellationToken, Task<MessagesChanged>> one;
    private readonly Func<PostriderMessages, MessageFilter, IProgress<int>, CancellationToken, Task<MessagesChanged>> all;

    private MessageChange(
        string name, string word, string done,
        Func<PostriderMessages, string, CancellationToken, Task<MessagesChanged>> one,
        Func<PostriderMessages, MessageFilter, IProgress<int>, CancellationToken, Task<MessagesChanged>> all) =>
        (this.name, this.word, this.done, this.one, this.all) = (name, word, done, one, all);

    public static Command Create(
        string name, string description, string word, string done,
        Func<PostriderMessages, string, CancellationToken, Task<MessagesChanged>> one,
        Func<PostriderMessages, MessageFilter, IProgress<int>, CancellationToken, Task<MessagesChanged>> all) =>
        MessageOptions.AddTo(new Verb(name, description,
            $"message {name} 01J8ZC2M 01J8ZC2N",
            $"message {name} --provider microsoft365 --since 1d --yes") { Ids, Confirmation.Yes })
            .Does(new MessageChange(name, word, done, one, all).RunAsync);

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
        var soFar = new SoFar(call, done);
        try
        {
            var changed = await call.AskAsync(server => all(server.Messages, filter, soFar, call.Cancellation));
            soFar.Clear();
            Say(call, changed);
            return CommandLine.Done;
        }
        catch when (soFar.Count > 0)
        {
            soFar.Clear();
            if (!call.Json)
                await call.Terminal.Error.WriteLineAsync($"postrider: {done} {Plain.Count(soFar.Count, "message")} before it ended. The same command goes on with the rest.");
            throw;
        }
    }

    private async Task<bool> AgreedAsync(Call call, MessageFilter filter)
    {
        if (!call.Terminal.InIsTerminal || call.Json)
            throw new UsageException("there is nobody to ask. Add --yes to change all messages of the filter.");

        var count = await call.AskAsync(server => server.Messages.CountAsync(name, filter, call.Cancellation));
        if (count == 0)
        {
            call.Output.Say($"There is nothing to {word.ToLowerInvariant()}.");
            return false;
        }

        return await Confirmation.AskAsync(call, $"{word} {Plain.Count(count, "message")}?");
    }

    private void Say(Call call, MessagesChanged changed) => call.Output.Show(
        changed, PostriderJson.Default.MessagesChanged,
        _ => call.Output.Say($"{done} {Plain.Count(changed.Count, "message")}."));

    // On a terminal one line that changes; a log gets none.
    private sealed class SoFar(Call call, string done) : IProgress<int>
    {
        public int Count { get; private set; }

        public void Report(int value)
        {
            Count = value;
            if (call.Terminal.OutIsTerminal)
                call.Terminal.Error.Write($"\r{done} {Plain.Count(value, "message")} so far\u001b[K");
        }

        public void Clear()
        {
            if (Count > 0 && call.Terminal.OutIsTerminal)
                call.Terminal.Error.Write("\r\u001b[K");
        }
    }
}
