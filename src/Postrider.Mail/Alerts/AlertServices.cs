using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Sealing;
using Postrider.Accounts.Tokens;
using Postrider.Accounts.Watch;
using Postrider.Mail.Queue;
using Postrider.Mail.Tracking;
using Postrider.Storage;

namespace Postrider.Mail.Alerts;

internal static class AlertServices
{
    private const int LargestAnswer = 64 * 1024;

    /// <summary>Adds the watch over everything, and the ways in which it tells.</summary>
    public static IServiceCollection AddAlerts(this IServiceCollection services)
    {
        services.AddHttpClient(WebhookPost.HttpClientName, client =>
            {
                client.MaxResponseContentBufferSize = LargestAnswer;
                client.Timeout = Timeout.InfiniteTimeSpan;
            })
            .ConfigurePrimaryHttpMessageHandler(provider =>
            {
                var options = provider.GetRequiredService<IOptions<AlertOptions>>();
                return new SocketsHttpHandler
                {
                    AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                    ConnectCallback = (context, cancellation) => AddressGuard.ConnectAsync(context, options.Value.AllowPrivateNetworks, cancellation),
                };
            })
            .RemoveAllLoggers();
        services.AddSingleton<IValidateOptions<AlertOptions>, ValidAlertOptions>();
        services.AddSingleton<WebhookPost>().AddSingleton<WebhookQueue>().AddSingleton<MessageEvents>().AddSingleton<ReconnectLinks>();
        services.AddSingleton(all => new EventFeed(all.GetRequiredService<Database>(), all.GetRequiredService<ProviderDirectory>(), all.GetRequiredService<WebhookQueue>(), all.GetRequiredService<TimeProvider>()));
        services.AddSingleton(new SealedColumn("webhooks", "id", "secret")).AddSingleton(new SealedColumn("webhooks", "id", "previous_secret"));
        services.AddSingleton(all => new Webhooks(all.GetRequiredService<Database>(), all.GetRequiredService<TokenVault>(), all.GetRequiredService<WebhookQueue>(), all.GetRequiredService<TimeProvider>()));
        services.AddSingleton(all => new Incidents(all.GetRequiredService<Database>(), all.GetRequiredService<EventFeed>(), all.GetRequiredService<TimeProvider>(), all.GetRequiredService<IOptions<AlertOptions>>()));
        services.AddSingleton(all => new AlertMail(all.GetRequiredService<Database>(), all.GetRequiredService<MessageQueue>(), all.GetRequiredService<Incidents>(), all.GetRequiredService<ProviderDirectory>(),
            all.GetRequiredService<ReconnectLinks>(), all.GetRequiredService<GatewayName>(), all.GetRequiredService<TimeProvider>(), all.GetRequiredService<IOptions<AlertOptions>>(), all.GetRequiredService<ILogger<AlertMail>>()));
        services.AddSingleton<IFindingSource, ProviderFindings>().AddSingleton<IFindingSource, QueueFindings>().AddSingleton<IFindingSource, WebhookFindings>().AddSingleton<IFindingSource, NodeFindings>()
            .AddSingleton<IFindingSource, SuspectFindings>().AddSingleton<IFindingSource, TransactionFindings>();
        services.AddSingleton(all => new AlertWatch(all.GetServices<IFindingSource>(), all.GetRequiredService<Incidents>(), all.GetRequiredService<AlertMail>(), all.GetRequiredService<EventFeed>(),
            all.GetRequiredService<ProviderDirectory>(), all.GetRequiredService<TimeProvider>(), all.GetRequiredService<IOptions<AlertOptions>>(), all.GetRequiredService<ILogger<AlertWatch>>()));
        return services.AddHostedService<WebhookSender>().AddHostedService<MessageEventsStart>().AddHostedService(all => all.GetRequiredService<AlertWatch>());
    }

    /// <summary>Begins to follow the queue before it is worked on.</summary>
    private sealed class MessageEventsStart(MessageEvents events, MessageQueue queue, Reports reports) : Microsoft.Extensions.Hosting.IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            events.Follow(queue, reports);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class ValidAlertOptions : IValidateOptions<AlertOptions>
    {
        public ValidateOptionsResult Validate(string? name, AlertOptions options) =>
            options.Validate().ToList() is { Count: > 0 } wrong ? ValidateOptionsResult.Fail(wrong) : ValidateOptionsResult.Success;
    }
}
