using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Postrider.Accounts.Providers;

namespace Postrider.Mail.Tracking;

/// <summary>Looks every few minutes into the mailboxes whose reports are to be read. What fails is told once, and tried again.</summary>
internal sealed partial class MailboxService(ProviderDirectory providers, ReportMailboxes mailboxes, MailboxReader reader, TimeProvider time, IOptions<MailOptions> options, ILogger<MailboxService> log) : BackgroundService
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                foreach (var provider in providers.All.Where(provider => provider is { ReadReports: true, State: ProviderState.Ready or ProviderState.Paused }))
                    await LookAsync(provider, stoppingToken);
                await Task.Delay(options.Value.ReadReportsEvery < LongestPause ? options.Value.ReadReportsEvery : LongestPause, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping: the next look goes on where this one ended.
        }
    }

    private async Task LookAsync(Provider provider, CancellationToken stopping)
    {
        try
        {
            if (await mailboxes.TakeAsync(provider.Id, stopping) is not { } place)
                return;
            var trouble = await reader.ReadAsync(provider, place, stopping);
            await mailboxes.LookedAsync(provider.Id, trouble);
            if (trouble is not null && trouble.Cause != place.Trouble)
                NotRead(provider.Name, trouble.Cause, trouble.Remedy.ReplaceLineEndings(" "));
        }
        catch (Exception wrong) when (wrong is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            // The lease ends by itself.
            Failed(wrong, provider.Name);
        }
    }

    [LoggerMessage(3030, LogLevel.Warning, "The mailbox of {Provider} is not read for reports: {Cause} {Remedy}")]
    private partial void NotRead(string provider, string cause, string remedy);

    [LoggerMessage(3031, LogLevel.Error, "Reading the mailbox of {Provider} for reports failed; it is tried again")]
    private partial void Failed(Exception why, string provider);
}
