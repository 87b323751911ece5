using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Crashes;

/// <summary>Sessions that hand in numbered messages, one after another, and the history of what they were told. A session whose
/// connection is lost opens another; a message that got no answer is never repeated, so that every copy beyond the first is the gateway's.</summary>
internal sealed class SubmissionLoad(IPEndPoint door, int seed)
{
    private readonly ConcurrentDictionary<int, bool> accepted = new();
    private readonly ConcurrentDictionary<int, bool> unanswered = new();
    private readonly ConcurrentBag<int> refusals = [];
    private readonly List<(int AtLeast, TaskCompletionSource Reached)> waiting = [];
    private int last;
    private int connectionsLost;

    /// <summary>Message-IDs that were answered with 250.</summary>
    public IReadOnlySet<string> Accepted => accepted.Keys.Select(MessageId).ToHashSet();

    /// <summary>Message-IDs whose content was sent and never answered: they may arrive or not.</summary>
    public IReadOnlySet<string> Unanswered => unanswered.Keys.Select(MessageId).ToHashSet();

    /// <summary>The codes of replies other than those of a message's usual way.</summary>
    public IReadOnlyCollection<int> Refusals => refusals;

    /// <summary>Connections that ended without a word.</summary>
    public int ConnectionsLost => connectionsLost;

    /// <summary>Hands in mail until so many messages have been accepted.</summary>
    /// <param name="every">Of each session a message; the sessions take turns. One whose last answer was late begins at once. Zero: as fast as it goes.</param>
    public Task RunAsync(int sessions, int messages, CancellationToken cancellation, TimeSpan every = default) =>
        Task.WhenAll(Enumerable.Range(0, sessions).Select(session => Task.Run(() => SessionAsync(messages, new Beat(every, every / sessions * session), cancellation), CancellationToken.None)));

    /// <summary>Completes when so many messages have been accepted.</summary>
    public Task AcceptedAsync(int atLeast)
    {
        lock (waiting)
        {
            if (accepted.Count >= atLeast)
                return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Add((atLeast, reached));
            return reached.Task;
        }
    }

    private async Task SessionAsync(int messages, Beat beat, CancellationToken cancellation)
    {
        while (accepted.Count < messages && !cancellation.IsCancellationRequested)
            try
            {
                using var dialogue = await SubmissionDialogue.OpenAsync(door, cancellation);
                while (accepted.Count < messages && !cancellation.IsCancellationRequested)
                {
                    await beat.NextAsync(cancellation);
                    await HandInAsync(dialogue, Interlocked.Increment(ref last), cancellation);
                }
            }
            catch (SmtpRefusedException refused)
            {
                refusals.Add(refused.Code);
            }
            catch (IOException)
            {
                Interlocked.Increment(ref connectionsLost);
                await Task.Delay(10, CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                return;
            }
    }

    private async Task HandInAsync(SubmissionDialogue dialogue, int number, CancellationToken cancellation)
    {
        await dialogue.BeginAsync(Installation.Mailbox, Recipient(number), cancellation);
        unanswered[number] = true;
        await dialogue.FinishAsync(Content(number), cancellation);
        unanswered.TryRemove(number, out _);
        lock (waiting)
        {
            accepted[number] = true;
            foreach (var (_, reached) in waiting.Where(one => one.AtLeast <= accepted.Count))
                reached.TrySetResult();
            waiting.RemoveAll(one => one.AtLeast <= accepted.Count);
        }
    }

    // Every other provider's answer takes a while, so that many deliveries stand between final dot and answer at any moment.
    private static string Recipient(int number) => number % 2 == 0 ? $"slow-25+{number}@example.org" : $"someone+{number}@example.org";

    private string MessageId(int number) => $"<{seed}.{number}@load.example>";

    /// <summary>The content that a Message-ID of this load was handed in with.</summary>
    public string Content(string messageId) => Content(int.Parse(messageId.AsSpan(messageId.IndexOf('.', StringComparison.Ordinal) + 1,
        messageId.IndexOf('@', StringComparison.Ordinal) - messageId.IndexOf('.', StringComparison.Ordinal) - 1), System.Globalization.CultureInfo.InvariantCulture));

    private string Content(int number)
    {
        var chance = new Random(HashCode(seed, number));
        var lines = Enumerable.Range(0, chance.Next(1, 80)).Select(line => $"{line} {chance.NextInt64():x16}{chance.NextInt64():x16}{chance.NextInt64():x16}\r\n");
        return $"From: App <{Installation.Mailbox}>\r\nTo: {Recipient(number)}\r\nSubject: load {number}\r\n"
            + $"Date: Mon, 04 May 2026 10:00:00 +0000\r\nMessage-ID: {MessageId(number)}\r\n\r\n{string.Concat(lines)}";
    }

    private static int HashCode(int seed, int number) => unchecked((seed * 397) ^ number);

    /// <summary>When a session's messages are due.</summary>
    private sealed class Beat(TimeSpan every, TimeSpan first)
    {
        private readonly Stopwatch clock = Stopwatch.StartNew();
        private TimeSpan due = first;

        public async Task NextAsync(CancellationToken cancellation)
        {
            if (due - clock.Elapsed is var early && early > TimeSpan.Zero)
                await Task.Delay(early, cancellation);
            // What was late is not made up for in a burst.
            due = due + every > clock.Elapsed ? due + every : clock.Elapsed;
        }
    }
}
