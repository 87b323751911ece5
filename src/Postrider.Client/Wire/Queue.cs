namespace Postrider.Client;

/// <summary>What waits to be sent.</summary>
public sealed record QueueView
{
    /// <summary>Messages that still have somebody to reach.</summary>
    public required long Waiting { get; init; }
    public required long Sending { get; init; }

    /// <summary>Waiting for a person.</summary>
    public required long Held { get; init; }

    /// <summary>Since when all mail is kept back; left out when it is not.</summary>
    public DateTimeOffset? HeldSince { get; init; }

    /// <summary>When it was counted: now, or with more than a hundred thousand waiting some seconds ago, two for each hundred thousand at most.</summary>
    public DateTimeOffset? CountedAt { get; init; }

    /// <summary>When the oldest of them was accepted.</summary>
    public DateTimeOffset? OldestAt { get; init; }

    /// <summary>Those that have mail waiting, the one with the most first.</summary>
    public required IReadOnlyList<ProviderQueueView> Providers { get; init; }

    /// <summary>The processes that work on it, by name.</summary>
    public IReadOnlyList<NodeView> Nodes { get; init; } = [];
}

/// <summary>A process that works on the queue.</summary>
public sealed record NodeView
{
    /// <summary>Of its machine.</summary>
    public required string Name { get; init; }

    /// <summary>Of its HTTP door.</summary>
    public required string Address { get; init; }
    public required string Version { get; init; }

    /// <summary>live; missing when it has said nothing for the length of a lease.</summary>
    public required string State { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required DateTimeOffset SeenAt { get; init; }

    /// <summary>Messages that it has in hand.</summary>
    public required long Leases { get; init; }

    /// <summary>Rights to a connection that it holds at providers that limit them; left out where it is the only node.</summary>
    public long? Lanes { get; init; }

    /// <summary>How far its machine's clock is ahead of the database's, in seconds; negative when it is behind.</summary>
    public required double ClockAheadSeconds { get; init; }

    /// <summary>What is wrong with it, in words; left out when nothing is.</summary>
    public string? Warning { get; init; }
}

/// <summary>The waiting mail of one provider.</summary>
public sealed record ProviderQueueView
{
    public required string Provider { get; init; }
    public required string DisplayName { get; init; }

    /// <summary>The provider's state; removed when it is no longer there.</summary>
    public required string State { get; init; }
    public required long Waiting { get; init; }
    public required long Sending { get; init; }
    public required long Held { get; init; }

    /// <summary>Handed in for a later moment.</summary>
    public required long Scheduled { get; init; }

    /// <summary>Tried before, and waiting for the next try.</summary>
    public required long Deferred { get; init; }
    public required IReadOnlyList<QueueAge> Ages { get; init; }
    public DateTimeOffset? OldestAt { get; init; }
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>What holds all of them back: the provider's state, a fault on the way, a limit that is used up.</summary>
    public QueueReason? HeldBack { get; init; }

    /// <summary>Why those that were tried wait, the most frequent first; of a long queue, as the newest of them say.</summary>
    public required IReadOnlyList<QueueReason> Reasons { get; init; }

    /// <summary>Connections in use.</summary>
    public required int Connections { get; init; }
    public required int SentInLastMinute { get; init; }

    /// <summary>The pace that the provider takes at the moment; null without a limit.</summary>
    public int? MessagesPerMinute { get; init; }

    /// <summary>Recipients in the last 24 hours, where they are limited.</summary>
    public long? RecipientsToday { get; init; }
    public int? RecipientsPerDay { get; init; }

    /// <summary>When its queue will be empty at this pace; null when it does not move or the pace is not known yet.</summary>
    public DateTimeOffset? EmptyAt { get; init; }
}

/// <summary>Messages that wait for at most so long, and longer than those of the group before.</summary>
public sealed record QueueAge
{
    /// <summary>Minutes; null for all that are older.</summary>
    public int? UpToMinutes { get; init; }
    public required long Count { get; init; }
}

/// <summary>Why mail waits.</summary>
public sealed record QueueReason
{
    public required string Reason { get; init; }
    public string? Remedy { get; init; }

    /// <summary>Until when, where that is known.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>For how many messages; null for all of the provider's.</summary>
    public long? Count { get; init; }
}

/// <summary>Whether all mail is kept back, and what would go if it were released.</summary>
public sealed record HoldView
{
    public required bool Held { get; init; }
    public DateTimeOffset? Since { get; init; }

    /// <summary>When the backup was made that this installation was restored from.</summary>
    public DateTimeOffset? BackupMadeAt { get; init; }
    public required long Waiting { get; init; }

    /// <summary>Of these, accepted before the backup: they may have been sent since by the installation that was backed up.</summary>
    public required long FromBackup { get; init; }

    /// <summary>Of these, held one by one: a release of the whole leaves them where they are.</summary>
    public required long HeldOneByOne { get; init; }

    /// <summary>When the copy was compared with the installation that was backed up; left out when it was not.</summary>
    public DateTimeOffset? ComparedAt { get; init; }

    /// <summary>Messages that waited there then and do not here: most were accepted after the backup.</summary>
    public long? WaitingThere { get; init; }

    /// <summary>The same by provider, and what was done there since the backup.</summary>
    public IReadOnlyList<HeldProvider> Providers { get; init; } = [];
}

/// <summary>What of one provider's mail is kept back, and how messages that waited in the backup have fared since in the installation that was backed up.</summary>
public sealed record HeldProvider
{
    public required string Provider { get; init; }
    public long Waiting { get; init; }

    /// <summary>Of these, accepted before the backup.</summary>
    public long FromBackup { get; init; }
    public long HeldOneByOne { get; init; }

    /// <summary>When the first and the last of those from the backup were accepted.</summary>
    public DateTimeOffset? OldestAt { get; init; }

    /// <inheritdoc cref="OldestAt"/>
    public DateTimeOffset? NewestAt { get; init; }

    /// <summary>Sent there to everybody: they count as sent here.</summary>
    public long SentSince { get; init; }

    /// <summary>Ended there otherwise: they have that end here.</summary>
    public long EndedSince { get; init; }

    /// <summary>Some of their recipients have their outcome; only the others wait here.</summary>
    public long PartlySince { get; init; }

    /// <summary>They may have been sent: a release sends them again, unless their app has a person decide.</summary>
    public long UncertainSince { get; init; }

    /// <summary>Held there, or not known there any more: held here one by one.</summary>
    public long HeldSince { get; init; }
}

/// <summary>A message that waited in the backup, and what the installation that was backed up has done with it since.</summary>
public sealed record DifferenceView
{
    /// <summary>Of the message.</summary>
    public required string Id { get; init; }
    public required string Provider { get; init; }
    public required DateTimeOffset AcceptedAt { get; init; }
    public required string From { get; init; }
    public required string Subject { get; init; }

    /// <summary>sent, ended, partly, uncertain, held or unknown.</summary>
    public required string Kind { get; init; }

    /// <summary>How many recipients were sent it there since the backup.</summary>
    public long Reached { get; init; }

    /// <summary>How many wait here.</summary>
    public long Waiting { get; init; }

    /// <summary>When that was; left out where it is not known.</summary>
    public DateTimeOffset? At { get; init; }
}
