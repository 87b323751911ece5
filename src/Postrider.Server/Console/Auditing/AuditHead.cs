using System.Globalization;
using Postrider.Accounts.Watch;
using Postrider.Server.Hosting;
using Postrider.Storage;

namespace Postrider.Server.Console.Auditing;

/// <summary>Keeps the head of the audit's chain outside the database: in the data directory within a minute, in the log every hour. Whoever
/// cuts the end off in the database is told apart from one in whose time nothing happened.</summary>
internal sealed partial class AuditHead(DataDirectory data, Database database, TimeProvider time, ILogger<AuditHead> log) : BackgroundService, IFindingSource
{
    private static readonly TimeSpan KeepEvery = TimeSpan.FromMinutes(1), LogEvery = TimeSpan.FromHours(1);

    private const string SelectHash = "select hash from audit_log where seq = @Number";

    private string File => Path.Combine(data.Path, "audit.head");

    /// <summary>What was kept last; null when nothing was yet.</summary>
    public ChainHead? Kept
    {
        get
        {
            try
            {
                return System.IO.File.Exists(File) && System.IO.File.ReadAllText(File).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [var number, var hash, var at]
                    ? new(long.Parse(number, CultureInfo.InvariantCulture), hash, DateTimeOffset.Parse(at, CultureInfo.InvariantCulture)) : null;
            }
            catch (FormatException)
            {
                return null;
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var logged = (Number: 0L, At: time.GetUtcNow() - LogEvery);
        while (!stoppingToken.IsCancellationRequested)
            try
            {
                if (await KeepAsync(stoppingToken) is { } head && head.Number != logged.Number && time.GetUtcNow() - logged.At >= LogEvery)
                {
                    logged = (head.Number, time.GetUtcNow());
                    Head(head.Number, head.Hash);
                }
                await Task.Delay(KeepEvery, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception wrong)
            {
                NotKept(wrong);
                await Task.Delay(KeepEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await KeepAsync(CancellationToken.None);
        }
        catch (Exception wrong)
        {
            NotKept(wrong);
        }
    }

    /// <summary>Writes the head down, unless what was written down before is not in the chain any more: that stays, as the proof.</summary>
    public async Task<ChainHead?> KeepAsync(CancellationToken cancellation)
    {
        var row = await database.ReadAsync(session => session.FirstOrDefaultAsync<AuditEntry>(AuditChain.SelectHead), cancellation);
        if (row is null || (Kept is { } kept && (row.Seq == kept.Number || !await IsThereAsync(kept, cancellation))))
            return null;
        var head = new ChainHead(row.Seq!.Value, row.Hash ?? "", DateTimeOffset.FromUnixTimeMilliseconds(row.At));
        var part = File + ".part";
        await System.IO.File.WriteAllTextAsync(part, string.Create(CultureInfo.InvariantCulture, $"{head.Number} {head.Hash} {head.At:O}\n"), cancellation);
        System.IO.File.Move(part, File, overwrite: true);
        return head;
    }

    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellation) => Kept is not { } kept || await IsThereAsync(kept, cancellation) ? []
        : [new("audit", FindingKind.Audit, FindingSeverity.Error, "The audit is not as it was written.", $"At {kept.At.UtcDateTime:yyyy-MM-dd HH:mm} UTC this node wrote down row {kept.Number}; it is gone, or another one.",
            $"See where the chain breaks:\n    postrider audit verify\nIf the database was restored from a backup, that is why: take {File} away.") { Local = true }];

    private async Task<bool> IsThereAsync(ChainHead kept, CancellationToken cancellation) =>
        await database.ReadAsync(session => session.FirstOrDefaultAsync<string>(SelectHash, new { kept.Number }), cancellation) == kept.Hash;

    [LoggerMessage(5301, LogLevel.Information, "The head of the audit is row {Number}, {Hash}")]
    private partial void Head(long number, string hash);

    [LoggerMessage(5302, LogLevel.Warning, "The head of the audit could not be written down; it is tried again")]
    private partial void NotKept(Exception why);
}
