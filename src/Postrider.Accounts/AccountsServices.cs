using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Postrider.Accounts.Consent;
using Postrider.Accounts.Import;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Sealing;
using Postrider.Accounts.Tokens;
using Postrider.Accounts.Watch;
using Postrider.Storage;

namespace Postrider.Accounts;

/// <summary>Puts the Accounts room together. The host registers <see cref="Database"/>.</summary>
public static class AccountsServices
{
    private const int LargestAnswer = 1024 * 1024;

    public static IServiceCollection AddAccounts(this IServiceCollection services, AccountsOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSealing(options);
        services.AddHttpClient(AccountsOptions.HttpClientName, client =>
            {
                client.MaxResponseContentBufferSize = LargestAnswer;
                // Requests bring their own time-out, on the clock that tests can move.
                client.Timeout = Timeout.InfiniteTimeSpan;
            })
            // A redirect would carry the secret to an address that nobody configured.
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
            .RemoveAllLoggers();
        services.AddSingleton<ProviderSecrets>();
        services.AddSingleton<ProviderDirectory>();
        services.AddSingleton<ProviderStates>();
        services.AddSingleton<UnfinishedProviders>();
        services.AddSingleton<ProviderImport>();
        services.AddSingleton<PlatformProbe>();
        services.AddSingleton<TokenStore>();
        services.AddSingleton<TokenLives>();
        services.AddSingleton<TokenEndpoint>();
        services.AddSingleton<ClientCertificates>();
        services.AddSingleton<ClientProofs>();
        services.AddSingleton<AudienceRepair>();
        services.AddSingleton<GrantKeeper>();
        services.AddSingleton<OAuthEndpoints>();
        services.AddSingleton<TokenRefresh>();
        services.AddSingleton<PendingConsents>();
        services.AddSingleton(provider => new TokenKeeper(provider.GetRequiredService<ProviderDirectory>(), provider.GetRequiredService<TokenRefresh>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<TokenKeeper>>()));
        services.AddSingleton(provider => new ConsentFlow(provider.GetRequiredService<ProviderDirectory>(), provider.GetRequiredService<PendingConsents>(),
            provider.GetRequiredService<OAuthEndpoints>(), provider.GetRequiredService<TokenEndpoint>(), provider.GetRequiredService<ClientProofs>(),
            provider.GetRequiredService<GrantKeeper>(), provider.GetRequiredService<AccountsOptions>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ConsentFlow>>()));
        services.AddSingleton(provider => new DeviceFlow(provider.GetRequiredService<ProviderDirectory>(), provider.GetRequiredService<OAuthEndpoints>(), provider.GetRequiredService<TokenEndpoint>(),
            provider.GetRequiredService<ClientProofs>(), provider.GetRequiredService<GrantKeeper>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ConsentFlow>>()));
        services.AddSingleton<IFindingSource, SecretFindings>().AddSingleton<IFindingSource, CertificateFindings>().AddSingleton<IFindingSource, GrantFindings>();
        services.AddHostedService<AccountsStart>();
        services.AddSingleton<SecretEnds>().AddHostedService(provider => provider.GetRequiredService<SecretEnds>());
        services.AddSingleton<TokenUpkeep>().AddHostedService(provider => provider.GetRequiredService<TokenUpkeep>());
        return services;
    }

    /// <summary>Reads the providers before any door opens.</summary>
    private sealed class AccountsStart(ProviderDirectory directory, Database database, KeyRing keys) : IHostedLifecycleService
    {
        public async Task StartingAsync(CancellationToken cancellationToken)
        {
            // Two nodes that start at once must not each begin a ring of their own.
            if (database.IsShared)
                await database.WriteAsync(async session =>
                {
                    await session.LockAsync("key ring");
                    if (await session.SingleAsync<long>("select count(*) from key_ring") == 0)
                        keys.Add();
                }, cancellationToken);
            await directory.LoadAsync(cancellationToken);
        }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
