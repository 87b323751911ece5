using System.Diagnostics.Metrics;
using Postrider.Accounts;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Watch;
using Postrider.Mail;
using Postrider.Mail.Alerts;
using Postrider.Mail.Waiting;
using Postrider.Storage;

namespace Postrider.Server.Hosting;

/// <summary>What can be read off at any moment: how much waits, what ends when, how much room there is. It is looked up now and then, and
/// not for each collector that asks.</summary>
internal sealed class Gauges : LateService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(15);

    private const string Tokens = "select provider_id, expires_at from tokens where expires_at is not null";
    private const string Lives = "select provider_id, max(begun_at) as expires_at from grant_lives where ended_at is null group by provider_id";

    private readonly Meter meter = new(AccountsMeters.MeterName);
    private readonly Database database;
    private readonly ProviderDirectory providers;
    private readonly QueueCounts counts;
    private readonly AlertWatch watch;
    private readonly DiskSpace disk;
    private readonly DoorCertificates certificates;
    private readonly TimeProvider time;
    private readonly ILogger<Gauges> log;
    private Seen seen = new();

    private sealed class MomentRow
    {
        public string ProviderId { get; init; } = "";
        public long ExpiresAt { get; init; }
    }

    private sealed class Seen
    {
        public QueueCount Queue { get; init; } = new(default, []);
        public IReadOnlyList<MomentRow> Tokens { get; init; } = [];
        public IReadOnlyList<MomentRow> Grants { get; init; } = [];
    }

    public Gauges(Database database, ProviderDirectory providers, QueueCounts counts, AlertWatch watch, DiskSpace disk, DoorCertificates certificates, TimeProvider time, ILogger<Gauges> log)
    {
        (this.database, this.providers, this.counts, this.watch, this.disk, this.certificates, this.time, this.log) = (database, providers, counts, watch, disk, certificates, time, log);
        meter.CreateObservableUpDownCounter("postrider.queue.depth", Depth, "{message}", "Messages that wait");
        meter.CreateObservableGauge("postrider.queue.oldest_age", () => seen.Queue.Moving.Select(waiting => Of(waiting.ProviderId, Seconds(waiting.OldestMovingAt!.Value) * -1)), "s", "How long the oldest message has waited");
        meter.CreateObservableGauge("postrider.token.expiry", () => seen.Tokens.Select(token => Of(token.ProviderId, Seconds(token.ExpiresAt))), "s", "Until the access token ends");
        meter.CreateObservableGauge("postrider.consent.age", () => seen.Grants.Select(grant => Of(grant.ProviderId, Seconds(grant.ExpiresAt) * -1)), "s", "Since somebody signed in");
        meter.CreateObservableGauge("postrider.secret.expiry", Secrets, "s", "Until the application's secret ends, where its end was entered");
        meter.CreateObservableGauge("postrider.certificate.expiry", Certificates, "s", "Until the certificate of a door ends");
        meter.CreateObservableGauge("postrider.provider.ready", () => this.providers.All.Select(provider => Of(provider.Id, provider.State == ProviderState.Ready ? 1 : 0)), "1", "1 while mail flows through the provider");
        meter.CreateObservableUpDownCounter("postrider.alert.open", Alerts, "{alert}", "What is wrong now");
        meter.CreateObservableGauge("postrider.storage.free", () => this.disk.Now().Free, "By", "Free space on the disk that holds the mail");
    }

    protected override async Task WatchAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
            try
            {
                await LookAsync(stoppingToken);
                await Task.Delay(LookEvery, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception wrong)
            {
                MetricsLog.LookFailed(log, wrong);
                await Task.Delay(LookEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        var queue = await counts.CountAsync(cancellation);
        seen = await database.ReadAsync(async session => new Seen { Tokens = await session.QueryAsync<MomentRow>(Tokens), Grants = await session.QueryAsync<MomentRow>(Lives), Queue = queue }, cancellation);
    }

    private IEnumerable<Measurement<long>> Depth() =>
        seen.Queue.Moving.Select(waiting => new Measurement<long>(waiting.Moving, new("connection", Name(waiting.ProviderId)), new KeyValuePair<string, object?>("state", "queued")))
            .Concat(seen.Queue.Providers.Where(waiting => waiting.Held > 0).Select(held => new Measurement<long>(held.Held, new("connection", Name(held.ProviderId)), new KeyValuePair<string, object?>("state", "held"))));

    private IEnumerable<Measurement<double>> Secrets() => providers.All.Where(provider => provider is { HasClientSecret: true, ClientSecretExpiresAt: not null })
        .Select(provider => Of(provider.Id, (provider.ClientSecretExpiresAt!.Value - time.GetUtcNow()).TotalSeconds));

    private IEnumerable<Measurement<double>> Certificates() => certificates.Smtp is { } certificate
        ? [new((DoorCertificates.End(certificate) - time.GetUtcNow()).TotalSeconds, new KeyValuePair<string, object?>("door", "smtp"))] : [];

    private IEnumerable<Measurement<long>> Alerts() => new[] { FindingSeverity.Warning, FindingSeverity.Error }
        .Select(severity => new Measurement<long>(watch.Findings.Count(finding => finding.Severity == severity), new KeyValuePair<string, object?>("severity", severity == FindingSeverity.Error ? "error" : "warning")));

    private Measurement<double> Of(string providerId, double value) => new(value, new KeyValuePair<string, object?>("connection", Name(providerId)));

    private string Name(string providerId) => providers.Find(providerId)?.Name ?? "removed";

    private double Seconds(DateTimeOffset moment) => (moment - time.GetUtcNow()).TotalSeconds;

    private double Seconds(long milliseconds) => Seconds(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));

    public override void Dispose()
    {
        meter.Dispose();
        base.Dispose();
    }
}

internal static partial class MetricsLog
{
    [LoggerMessage(5201, LogLevel.Warning, "What the metrics show could not be looked up; it is tried again")]
    public static partial void LookFailed(ILogger log, Exception why);
}
