using System.CommandLine;
using System.Globalization;
using Postrider.Client;

namespace Postrider.Cli;

/// <summary>What waits, by provider and age, and when it will have gone.</summary>
internal static class QueueCommand
{
    private const int DefaultLimit = 100, CountedEachTime = 100_000;
    private static readonly Option<int?> Limit = new("--limit") { HelpName = "number", Description = $"How many at most, up to 500 (default {DefaultLimit})." };
    private static readonly Option<string?> Cursor = new("--cursor") { HelpName = "text", Description = "Go on after a list; its nextCursor with --json." };

    public static Command Create()
    {
        var queue = Show();
        queue.Add(new Verb("hold", "Send nothing until 'queue release'. Mail is taken as always.", "queue hold").Does(HoldAsync));
        var release = new Verb("release", "Let mail go again, after 'queue hold' or a restore.", "queue release").Does(ReleaseAsync);
        release.Add(Confirmation.Yes);
        queue.Add(release);
        queue.Add(new Verb("differences", "In a restored copy that is held: what the installation that was backed up has dealt with since, message by message.", "queue differences", "queue differences --json")
            { Limit, Cursor }.Does(DifferencesAsync));
        return queue;
    }

    private static async Task HoldAsync(Call call)
    {
        var hold = await call.AskAsync(server => server.Queue.HoldAsync(call.Cancellation));
        call.Output.Show(hold, PostriderJson.Default.HoldView, _ => call.Output.Say($"Held: {Number(hold.Waiting)} messages wait. 'postrider queue release' lets them go."));
    }

    private static async Task ReleaseAsync(Call call)
    {
        var before = await call.AskAsync(server => server.Queue.HeldAsync(call.Cancellation));
        if (before is { Held: true, BackupMadeAt: { } made })
        {
            if (!call.Json)
                WriteDifference(call, before);
            if (!await Confirmation.AskUnlessScriptedAsync(call,
                $"This is a copy of {made:yyyy-MM-dd HH:mm} UTC. {Number(before.Waiting)} messages wait, {Number(before.FromBackup)} of them from before the backup{(before.ComparedAt is null ? ": they may have been sent since" : "")}. {Number(before.HeldOneByOne)} are held one by one and stay so. Send the others?"))
                return;
        }
        var after = await call.AskAsync(server => server.Queue.ReleaseAsync(call.Cancellation));
        call.Output.Show(after, PostriderJson.Default.HoldView, _ => call.Output.Say(before.Held ? $"Released: {Number(after.Waiting)} messages go." : "Nothing was held as a whole."));
    }

    private static async Task DifferencesAsync(Call call)
    {
        var page = await call.AskAsync(server => server.Queue.DifferencesAsync(call.Get(Cursor), call.Get(Limit) ?? DefaultLimit, call.Cancellation));
        call.Output.Show(page, PostriderJson.Default.PageDifferenceView, _ => call.Output.Table(page.Items, "No difference is known: this is no restored copy that is held, it was not compared, or nothing has changed.",
            new("MESSAGE", one => one.Id, whole: true), new("PROVIDER", one => one.Provider), new("ACCEPTED", one => Moments.At(one.AcceptedAt, call.Terminal.Time), whole: true),
            new("THERE", one => one.Kind, whole: true), new("AT", one => one.At is { } at ? Moments.At(at, call.Terminal.Time) : "–", whole: true),
            new("SENT TO", one => Number(one.Reached), whole: true), new("WAITING", one => Number(one.Waiting), whole: true), new("FROM", one => one.From), new("SUBJECT", one => one.Subject)));
    }

    /// <summary>What has become of the mail of a restored copy since its backup, by provider.</summary>
    private static void WriteDifference(Call call, HoldView hold)
    {
        string Moment(DateTimeOffset? moment) => moment is { } known ? Moments.At(known, call.Terminal.Time) : "–";
        List<Column<HeldProvider>> columns =
        [
            new("PROVIDER", one => one.Provider, whole: true), new("WAITING", one => Number(one.Waiting), whole: true), new("FROM BACKUP", one => Number(one.FromBackup), whole: true),
            new("FIRST", one => Moment(one.OldestAt), whole: true), new("LAST", one => Moment(one.NewestAt), whole: true), new("HELD", one => Number(one.HeldOneByOne), whole: true),
        ];
        if (hold.ComparedAt is not null)
            columns.AddRange([new("SENT SINCE", one => Number(one.SentSince), whole: true), new("ENDED", one => Number(one.EndedSince), whole: true), new("PARTLY", one => Number(one.PartlySince), whole: true), new("IN DOUBT", one => Number(one.UncertainSince), whole: true)]);
        call.Output.Table(hold.Providers, "Nothing waits, and nothing is different.", [.. columns]);
        call.Output.Say(hold.ComparedAt is { } at
            ? $"Compared with the installation that was backed up at {at:yyyy-MM-dd HH:mm} UTC; message by message: 'postrider queue differences'.{(hold.WaitingThere > 0 ? $" {Number(hold.WaitingThere.Value)} more waited there and not here." : "")}"
            : $"Not compared with the installation that was backed up: what it has sent since is not known. 'postrider restore --compare' asks it. What waits of the backup: 'postrider message list --state queued --until {hold.BackupMadeAt:yyyy-MM-ddTHH:mm:ssZ}'.");
    }

    private static Verb Show() => new Verb("queue", "Tell what waits to be sent, why, and when it will have gone.",
        "queue",
        "queue --json",
        "message hold --provider microsoft365 --client newsletter --yes").Does(ShowAsync);

    private static async Task ShowAsync(Call call)
    {
        var queue = await call.AskAsync(server => server.Queue.GetAsync(call.Cancellation));
        var hold = await call.AskAsync(server => server.Queue.HeldAsync(call.Cancellation));
        call.Output.Show(queue, PostriderJson.Default.QueueView, _ =>
        {
            Write(call, queue);
            if (hold.BackupMadeAt is not null)
                WriteDifference(call, hold);
            if (hold.Held)
                call.Output.Say($"Held as a whole since {hold.Since:yyyy-MM-dd HH:mm} UTC{(hold.BackupMadeAt is { } made ? $", restored from a backup of {made:yyyy-MM-dd HH:mm} UTC" : "")}: nothing is sent until 'postrider queue release'.");
        });
    }

    private static void Write(Call call, QueueView queue)
    {
        call.Output.Table(queue.Providers, "Nothing waits: every message has its outcome.",
        [
            new("PROVIDER", provider => provider.Provider, whole: true),
            new("STATE", provider => provider.State == "removed" ? new Spectre.Console.Text("removed") : StateMark.OfProvider(provider.State).Text, Whole: true),
            new("WAITING", provider => Number(provider.Waiting), whole: true),
            .. Enumerable.Range(0, queue.Providers.Count > 0 ? queue.Providers[0].Ages.Count : 0)
                .Select(age => new Column<ProviderQueueView>(Head(queue.Providers[0].Ages, age), provider => Number(provider.Ages[age].Count), whole: true)),
            new("HELD", provider => Number(provider.Held), whole: true),
            new("LAST MINUTE", provider => provider.MessagesPerMinute is { } limit ? $"{provider.SentInLastMinute} of {limit}" : Number(provider.SentInLastMinute), whole: true),
            new("EMPTY", provider => provider.EmptyAt is { } moment ? Moments.At(moment, call.Terminal.Time) : "–", whole: true),
        ]);
        if (queue is { Waiting: > CountedEachTime, CountedAt: { } at })
            call.Output.Say($"Counted at {at.UtcDateTime:HH:mm:ss} UTC: a queue this long is not counted for each look.");
        foreach (var provider in queue.Providers)
            Explain(call, provider);
        if (queue.Nodes.Count > 0)
            WriteNodes(call, queue.Nodes);
    }

    private static void WriteNodes(Call call, IReadOnlyList<NodeView> nodes)
    {
        call.Output.Table(nodes, "",
        [
            new("NODE", node => node.Name, whole: true), new("STATE", node => node.State, whole: true), new("VERSION", node => node.Version, whole: true),
            new("SINCE", node => Moments.At(node.StartedAt, call.Terminal.Time), whole: true), new("LAST SEEN", node => Moments.At(node.SeenAt, call.Terminal.Time), whole: true),
            new("IN HAND", node => Number(node.Leases), whole: true), new("LANES", node => node.Lanes is { } lanes ? Number(lanes) : "–", whole: true),
        ]);
        foreach (var node in nodes.Where(node => node.Warning is not null))
            call.Output.Say($"{Plain.Text(node.Name)}: {Plain.Text(node.Warning!)}");
    }

    private static void Explain(Call call, ProviderQueueView provider)
    {
        if (provider is { RecipientsPerDay: { } perDay, RecipientsToday: { } today })
            call.Output.Say($"{provider.Provider}: {Number(today)} of {Number(perDay)} recipients in the last 24 hours.");
        if (provider.HeldBack is { } back)
            Say(call, $"{provider.Provider}: {back.Reason}{(back.Until is { } until ? $" Until {Moments.At(until, call.Terminal.Time)}." : "")}", back.Remedy);
        foreach (var reason in provider.Reasons)
            Say(call, $"{provider.Provider}: {reason.Count} × {reason.Reason}", reason.Remedy);
    }

    private static void Say(Call call, string reason, string? remedy)
    {
        call.Output.Say(Plain.Text(reason));
        if (remedy is not null)
            call.Output.Say($"  {Plain.Text(remedy)}");
    }

    private static string Head(IReadOnlyList<QueueAge> ages, int at) =>
        ages[at].UpToMinutes is { } minutes ? $"≤{Length(minutes)}" : $">{Length(ages[at - 1].UpToMinutes ?? 0)}";

    private static string Length(int minutes) => minutes switch
    {
        >= 1440 => $"{minutes / 1440}d",
        >= 60 => $"{minutes / 60}h",
        _ => $"{minutes}m",
    };

    private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
