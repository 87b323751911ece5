using Postrider.Client;

namespace Postrider.Cli;

/// <summary>Waits for a message's outcome and shows it.</summary>
internal static class FinalState
{
    public static async Task<int> AwaitAsync(Call call, string id, TimeSpan patience)
    {
        using var over = new CancellationTokenSource(patience, call.Terminal.Time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(over.Token, call.Cancellation);
        using var look = new PeriodicTimer(call.Terminal.LookEvery, call.Terminal.Time);
        try
        {
            MessageDetail message;
            while (!IsFinal(message = await call.AskAsync(server => server.Messages.GetAsync(id, ends.Token))))
                await look.WaitForNextTickAsync(ends.Token);
            call.Output.Show(message, PostriderJson.Default.MessageDetail, _ => MessageStory.Write(call, message));
            return message.Recipients.All(recipient => recipient.State is "sent" or "delivered" or "delayed") ? CommandLine.Done : CommandLine.Failed;
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            throw new FailedException($"{id} is accepted but still on its way after {patience.TotalSeconds:0} s; it is not lost. Look again: postrider message show {id}");
        }
        catch (OperationCanceledException)
        {
            throw new FailedException($"stopped waiting; {id} is accepted and goes on. Look again: postrider message show {id}");
        }
    }

    // The message's own state is the worst of its recipients', which may be final while others still wait.
    private static bool IsFinal(MessageDetail message) => message.Recipients.All(recipient =>
        recipient.State is "sent" or "delivered" or "delayed" or "bounced" or "failed" or "cancelled");
}
