using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Watch;

namespace Postrider.Mail.Alerts;

/// <summary>Looks for what is wrong, again and again and whenever a provider changes, and lets it be told.</summary>
public sealed class AlertWatch : LateService
{
    // A change is often followed by another within the same moment; one look sees both.
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(200);

    private readonly IReadOnlyList<IFindingSource> sources;
    private readonly Incidents incidents;
    private readonly AlertMail mail;
    private readonly EventFeed feed;
    private readonly ProviderDirectory providers;
    private readonly TimeProvider time;
    private readonly AlertOptions options;
    private readonly ILogger<AlertWatch> log;
    private readonly SemaphoreSlim changed = new(0, 1);
    private readonly SemaphoreSlim oneLook = new(1, 1);
    private DateTimeOffset cleanedAt;

    internal AlertWatch(IEnumerable<IFindingSource> sources, Incidents incidents, AlertMail mail, EventFeed feed, ProviderDirectory providers, TimeProvider time,
        IOptions<AlertOptions> options, ILogger<AlertWatch> log)
    {
        (this.sources, this.incidents, this.mail, this.feed, this.providers, this.time, this.options, this.log) = ([.. sources], incidents, mail, feed, providers, time, options.Value, log);
        providers.Changed += _ => Poke();
        providers.Removed += _ => Poke();
    }

    /// <summary>What was found at the last look.</summary>
    public IReadOnlyList<Finding> Findings { get; private set; } = [];

    protected override async Task WatchAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
            try
            {
                await LookAsync(stoppingToken);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                await Task.WhenAny(Task.Delay(options.LookEvery, time, either.Token), changed.WaitAsync(either.Token));
                await either.CancelAsync();
                await Task.Delay(Gather, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception wrong)
            {
                AlertLog.LookFailed(log, "incidents", wrong);
                await Task.Delay(options.LookEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
    }

    /// <summary>One look: what is wrong becomes incidents, and what is to be told is told.</summary>
    public async Task LookAsync(CancellationToken cancellation)
    {
        await oneLook.WaitAsync(cancellation);
        try
        {
            var found = new List<Finding>();
            var whole = true;
            foreach (var source in sources)
                try
                {
                    found.AddRange(await source.LookAsync(cancellation));
                }
                catch (Exception wrong) when (wrong is not OperationCanceledException)
                {
                    // What it would have said must not be taken for recovered.
                    whole = false;
                    AlertLog.LookFailed(log, source.GetType().Name, wrong);
                }
            Findings = found;
            foreach (var (incident, turn) in await incidents.ReconcileAsync(found, whole, cancellation))
                Say(incident, turn);
            await mail.SendDueAsync(cancellation);
            if (time.GetUtcNow() - cleanedAt > TimeSpan.FromHours(1))
            {
                cleanedAt = time.GetUtcNow();
                await feed.ForgetAsync(cleanedAt - options.KeepFor);
            }
        }
        finally
        {
            oneLook.Release();
        }
    }

    private void Say(Incident incident, IncidentTurn turn)
    {
        if (turn == IncidentTurn.Recovered)
            AlertLog.Recovered(log, incident.Title);
        else if (incident.Severity == FindingSeverity.Error)
            AlertLog.Wrong(log, incident.Title, incident.Detail, incident.Remedy.ReplaceLineEndings(" "));
        else
            AlertLog.Soon(log, incident.Title, incident.Detail, incident.Remedy.ReplaceLineEndings(" "));
    }

    private void Poke()
    {
        try
        {
            changed.Release();
        }
        catch (SemaphoreFullException)
        {
            // A look is due already.
        }
    }

    public override void Dispose()
    {
        changed.Dispose();
        oneLook.Dispose();
        base.Dispose();
    }
}
