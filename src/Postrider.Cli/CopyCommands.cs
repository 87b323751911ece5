using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Postrider.Server;
using Postrider.Server.Upkeep;
using Postrider.Storage;
using Postrider.Storage.Copies;

namespace Postrider.Cli;

/// <summary>Copies of a whole installation: to keep, to bring back, to move to PostgreSQL.</summary>
internal static class CopyCommands
{
    private static readonly Option<string?> Database = new("--database")
    {
        HelpName = "connection string", Description = "Where the data are, if not in the data directory; or POSTRIDER__Database.",
    };
    private static readonly Option<string> To = new("--to") { HelpName = "connection string", Required = true, Description = "An empty PostgreSQL database: Host=…;Database=… or postgres://…" };
    private static readonly Option<string?> Compare = new("--compare")
    {
        HelpName = "dir or connection string", Description = "The installation that was backed up, if it can still be read: what it has sent since is not sent again.",
    };
    private static readonly Argument<string> BackupFile = new("file") { Description = "The backup." };

    public static IEnumerable<Command> Create() => [BackUp(), Restore(), Migrate()];

    private static Verb BackUp()
    {
        var verb = new Verb("backup", "Copy an installation with its keys into one file, while it runs. Whoever has the file can read the mail and use the mailboxes.",
            "backup /var/backups/postrider.backup --data /var/lib/postrider").Does(async call =>
        {
            var file = call.Get(BackupFile);
            var messages = await TryAsync(() => Copies.BackUpAsync(Data(call), Where(call), file, Progress(call), call.Cancellation));
            var bytes = new FileInfo(file).Length;
            call.Output.Show(new JsonObject { ["file"] = file, ["bytes"] = bytes, ["messages"] = messages }, _ =>
                call.Output.Say(string.Create(CultureInfo.InvariantCulture, $"{file}: {bytes / 1024.0 / 1024.0:0.0} MB, {messages:N0} messages, with the key ring. Keep it as safe as the mailboxes.")));
        });
        verb.Add(BackupFile);
        verb.Add(Database);
        return verb;
    }

    private static Verb Restore()
    {
        var verb = new Verb("restore", "Bring a backup back into an empty data directory. It starts held: nothing is sent until 'postrider queue release'.",
            "restore /var/backups/postrider.backup --data /var/lib/postrider",
            "restore postrider.backup --data ./new --compare ./broken",
            "restore postrider.backup --data ./new --database \"Host=db.example.org;Database=postrider;Username=postrider\"").Does(async call =>
        {
            var report = await TryAsync(() => Copies.RestoreAsync(call.Get(BackupFile), Data(call), Where(call), call.Get(Compare), Progress(call), call.Cancellation));
            var told = new JsonObject { ["messages"] = report.Messages, ["waiting"] = report.Waiting, ["madeAt"] = report.MadeAt, ["held"] = true };
            if (report.Since is { } since)
                told["since"] = Told(since);
            call.Output.Show(told, _ => Tell(call, report));
        });
        verb.Add(BackupFile);
        verb.Add(Database);
        verb.Add(Compare);
        return verb;
    }

    private static void Tell(Call call, RestoreReport report)
    {
        call.Output.Say(string.Create(CultureInfo.InvariantCulture, $"Restored {report.Messages:N0} messages as they were at {report.MadeAt:yyyy-MM-dd HH:mm} UTC. {report.Waiting:N0} of them wait to be sent."));
        if (report.Since is { } since)
            Tell(call, since);
        else
            call.Output.Say("Some of them may have been sent since the backup was made. --compare with the old installation finds out which.");
        call.Output.Say($"It starts held: it takes mail and sends none. Look at {(report.Since is null ? "" : "'postrider queue differences' and ")}'postrider queue', then 'postrider queue release'. The installation that was backed up must not run any more.");
    }

    private static JsonObject Told(Compared since) => new()
    {
        ["sent"] = since.Of(DifferenceKind.Sent), ["ended"] = since.Of(DifferenceKind.Ended), ["partly"] = since.Of(DifferenceKind.Partly),
        ["uncertain"] = since.Of(DifferenceKind.Uncertain), ["held"] = since.Of(DifferenceKind.Held), ["unknown"] = since.Of(DifferenceKind.Unknown), ["waitingThere"] = since.WaitingThere,
    };

    private static void Tell(Call call, Compared since)
    {
        call.Output.Say("Compared with the installation that was backed up, of what waited in the backup:");
        foreach (var (count, what) in new[]
        {
            (since.Of(DifferenceKind.Sent), "sent there since: they count as sent here."),
            (since.Of(DifferenceKind.Ended), "ended there otherwise: they failed, bounced or were cancelled, and have that end here."),
            (since.Of(DifferenceKind.Partly), "sent there to some of their recipients: only the others wait here."),
            (since.Of(DifferenceKind.Uncertain), "may have been sent there: a release sends them again, unless their app has a person decide."),
            (since.Of(DifferenceKind.Held), "held there since: they are held here one by one."),
            (since.Of(DifferenceKind.Unknown), "not known there any more: they are held one by one ('postrider message list --state held')."),
        })
            if (count > 0)
                call.Output.Say($"  {count,9:N0}  {what}");
        if (since.Messages.Count == 0)
            call.Output.Say("  Nothing has changed.");
        if (since.WaitingThere > 0)
            call.Output.Say($"{since.WaitingThere:N0} more wait there and not in this copy: most were accepted after the backup. They are sent only by that installation, or handed in anew.");
    }

    private static Verb Migrate()
    {
        var verb = new Verb("migrate", "Copy an installation on SQLite, which must be stopped, to PostgreSQL, and compare every row. The source stays as it is.",
            "migrate --data /var/lib/postrider --to \"Host=db.example.org;Database=postrider;Username=postrider\"").Does(async call =>
        {
            var tables = await TryAsync(() => Copies.MoveAsync(Data(call), null, call.Get(To)!, Progress(call), call.Cancellation));
            var rows = tables.Sum(table => table.Rows);
            call.Output.Show(new JsonObject { ["rows"] = rows, ["tables"] = new JsonArray([.. tables.Select(Told)]) }, _ =>
            {
                call.Output.Say(string.Create(CultureInfo.InvariantCulture, $"Copied {rows:N0} rows of {tables.Count} tables; the copy was read again and is the same."));
                foreach (var table in tables.Where(table => table.Rows > 0))
                    call.Output.Say(string.Create(CultureInfo.InvariantCulture, $"  {table.Name,-24} {table.Rows,12:N0}  {table.Checksum}"));
                call.Output.Say("Start it with the same --data and --database (or POSTRIDER__Database) from now on. Do not start it on the old database again: both would send what waits.");
            });
        });
        verb.Add(To);
        return verb;
    }

    private static JsonObject Told(CopiedTable table) => new() { ["name"] = table.Name, ["rows"] = table.Rows, ["checksum"] = table.Checksum };

    private static string Data(Call call) => DataDirectory.Find(call)?.Path
        ?? throw new UsageException("which data directory? Name it with --data DIR, or set POSTRIDER_DATA.");

    private static string? Where(Call call) => call.Get(Database) ?? call.Terminal.Variable("POSTRIDER__Database");

    private static async Task<T> TryAsync<T>(Func<Task<T>> act)
    {
        try
        {
            return await act();
        }
        catch (GatewayUsageException wrong)
        {
            throw new UsageException(wrong.Message);
        }
        catch (Exception wrong) when (wrong is GatewayException or StorageException or IOException or UnauthorizedAccessException)
        {
            throw new FailedException(wrong.Message);
        }
    }

    // On a terminal one line that changes; a log gets none.
    private static Telling Progress(Call call) => new(call.Terminal);

    private sealed class Telling(Terminal terminal) : IProgress<CopyProgress>
    {
        public void Report(CopyProgress value)
        {
            if (terminal.OutIsTerminal)
                terminal.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{value.Table}: {value.Rows:N0} of {value.Of:N0} rows\u001b[K{(value.Rows == value.Of ? "\r\u001b[K" : "")}"));
        }
    }
}
