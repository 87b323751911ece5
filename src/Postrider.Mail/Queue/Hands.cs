using Postrider.Smtp;

namespace Postrider.Mail.Queue;

/// <summary>The lanes of this process that wait for mail with a session open. What is accepted meanwhile is stored as claimed for one of
/// them, and leaves without having been looked for.</summary>
internal sealed class Hands
{
    /// <summary>What a hand is held out for; what needs more of its server goes the long way.</summary>
    public const SmtpBody Most = SmtpBody.EightBitMime;

    /// <summary>A lane does not keep its connection, and what it has been given, for a commit that hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock guard = new();

    /// <summary>Those with room, by provider.</summary>
    private readonly Dictionary<string, List<Hand>> open = [];

    /// <param name="room">How many messages it has room for.</param>
    /// <param name="filled">Told when the first of them is there.</param>
    public Hand Open(string providerId, int room, Action filled)
    {
        var hand = new Hand(this, providerId, room, filled);
        lock (guard)
            WithRoom(providerId).Add(hand);
        return hand;
    }

    /// <summary>Promises a message that is about to be stored to the lane that has waited least, whose session is the surest to be alive.</summary>
    /// <returns>Null when none waits with room for it.</returns>
    public Promise? Promise(string providerId)
    {
        lock (guard)
        {
            if (!open.TryGetValue(providerId, out var waiting) || waiting is not [.., var hand])
                return null;
            hand.Promised++;
            if (!hand.HasRoom)
                waiting.Remove(hand);
            return new Promise(hand);
        }
    }

    private List<Hand> WithRoom(string providerId) => open.TryGetValue(providerId, out var waiting) ? waiting : open[providerId] = [];

    /// <summary>The hand of one lane, for as long as it waits.</summary>
    internal sealed class Hand(Hands hands, string providerId, int room, Action filled)
    {
        private readonly List<ClaimedMessage> messages = [];
        private readonly TaskCompletionSource settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool closed, withdrawn;

        internal int Promised { get; set; }

        internal bool HasRoom => Promised + messages.Count < room;

        /// <summary>Takes what it holds. What has been promised is being committed and is waited for, a second at most: what comes then
        /// goes back to the queue.</summary>
        /// <param name="stopping">Ends the waiting.</param>
        public async Task<IReadOnlyList<ClaimedMessage>> CloseAsync(CancellationToken stopping)
        {
            lock (hands.guard)
            {
                closed = true;
                hands.WithRoom(providerId).Remove(this);
                if (Promised == 0)
                    return messages;
            }
            await settled.Task.WaitAsync(Patience, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (hands.guard)
                withdrawn = true;
            return messages;
        }

        /// <param name="message">Null: the promise is broken.</param>
        /// <returns>False when its lane waits for it no more.</returns>
        internal bool Settle(ClaimedMessage? message)
        {
            lock (hands.guard)
            {
                Promised--;
                if (withdrawn)
                    return false;
                if (message is not null)
                    messages.Add(message);
                else if (!closed && !hands.WithRoom(providerId).Contains(this))
                    hands.WithRoom(providerId).Add(this);
                if (closed && Promised == 0)
                    settled.TrySetResult();
            }
            if (message is not null)
                filled();
            return true;
        }
    }
}

/// <summary>A place in a lane's hand for a message that is being stored. It is broken unless it is kept.</summary>
internal sealed class Promise(Hands.Hand hand) : IDisposable
{
    private bool settled;

    /// <summary>The message, as it is stored: claimed, and its final dot marked.</summary>
    public ClaimedMessage? Message { get; set; }

    /// <summary>Puts the message, which is on disk now, into the hand.</summary>
    /// <returns>False when its lane waits for it no more.</returns>
    public bool Keep()
    {
        settled = true;
        return hand.Settle(Message);
    }

    public void Dispose()
    {
        if (!settled)
            hand.Settle(null);
    }
}
