using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Postrider.Accounts.Failures;
using Postrider.Mail.Alerts;
using Postrider.Mail.Delivery;
using Postrider.Mail.Doctor;
using Postrider.Mail.History;
using Postrider.Mail.Intake;
using Postrider.Mail.Queue;
using Postrider.Mail.Tracking;
using Postrider.Mail.Trends;
using Postrider.Mail.Waiting;
using Postrider.Smtp;

namespace Postrider.Mail;

public static class MailServices
{
    /// <summary>Adds everything that happens to a message once it is handed in.</summary>
    public static IServiceCollection AddMail(this IServiceCollection services) => services
        .AddSingleton<GatewayName>()
        .AddSingleton(Random.Shared)
        .AddSingleton(FailureCatalog.Default).AddSingleton<FailureExplainer>()
        .AddSingleton<SmtpTimeouts>()
        .AddSingleton<MessageIntake>().AddSingleton<MessageResend>()
        .AddSingleton<Router>()
        .AddSingleton<ClientDirectory>()
        .AddSingleton<ClientQuotas>()
        .AddSingleton<MessageQueue>()
        .AddSingleton<SuppressionList>().AddSingleton<Reports>().AddSingleton<ReportMailboxes>().AddSingleton<MailboxReader>()
        .AddSingleton<ContentStore>()
        .AddSingleton<RetrySchedule>()
        .AddSingleton<FailureNotice>()
        .AddSingleton<ReplyClassifier>()
        .AddSingleton<SmtpDelivery>()
        .AddSingleton<SeenServers>()
        .AddSingleton<LaneLeases>()
        .AddSingleton<FormerProcess>()
        .AddSingleton<SendingHold>()
        .AddSingleton<Nodes>()
        .AddSingleton<Permits>()
        .AddSingleton<DeliveryActivity>().AddSingleton<SharedActivity>()
        .AddSingleton<Failover>()
        .AddSingleton<MessageHistory>()
        .AddSingleton<QueueCounts>().AddSingleton<QueueReport>()
        .AddSingleton<ServerSteps>().AddSingleton<PlatformStep>().AddSingleton<TokenSteps>().AddSingleton<SendersStep>().AddSingleton<SignInSteps>().AddSingleton<MessageStep>().AddSingleton<MailboxStep>()
        .AddSingleton(services => new ProviderDoctor(services.GetRequiredService<ServerSteps>(), services.GetRequiredService<PlatformStep>(), services.GetRequiredService<TokenSteps>(),
            services.GetRequiredService<SignInSteps>(), services.GetRequiredService<MailboxStep>(), services.GetRequiredService<MessageStep>(), services.GetRequiredService<TimeProvider>()))
        .AddAlerts()
        .AddSingleton<IValidateOptions<MailOptions>, ValidMailOptions>()
        .AddSingleton<Retention>()
        .AddHostedService<RetentionService>()
        .AddSingleton<TrendHistory>().AddHostedService<TrendService>()
        .AddHostedService<MailboxService>()
        .AddHostedService<DeliveryService>();

    private sealed class ValidMailOptions : IValidateOptions<MailOptions>
    {
        public ValidateOptionsResult Validate(string? name, MailOptions options) =>
            options.Validate().ToList() is { Count: > 0 } wrong ? ValidateOptionsResult.Fail(wrong) : ValidateOptionsResult.Success;
    }
}
