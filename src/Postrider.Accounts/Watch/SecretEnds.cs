using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Tokens;
using Postrider.Storage;

namespace Postrider.Accounts.Watch;

/// <summary>Reads from an application at Microsoft when its secret ends, where an administrator lets it look at itself (the permission
/// Application.Read.All at Graph): once a week, and once after each change of the provider. Where it may not, nothing happens.</summary>
internal sealed class SecretEnds(Database database, ProviderDirectory providers, ProviderStates states, ProviderSecrets secrets, OAuthEndpoints endpoints,
    TokenEndpoint tokens, IHttpClientFactory clients, TimeProvider time, ILogger<SecretEnds> log) : BackgroundService
{
    private static readonly TimeSpan FirstLook = TimeSpan.FromMinutes(10), LookAgain = TimeSpan.FromHours(1), AskAgain = TimeSpan.FromDays(7);

    private const string IsDue = "(secret_asked_at is null or secret_asked_at <= @before or secret_asked_version <> version)";
    private const string Due = $"select id from providers where client_secret is not null and {IsDue}";

    // Whichever node comes first asks.
    private const string Claim = $"update providers set secret_asked_at = @now, secret_asked_version = version where id = @id and {IsDue}";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var wait = FirstLook; ; wait = LookAgain)
        {
            await Task.Delay(wait, time, stoppingToken);
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception wrong) when (!stoppingToken.IsCancellationRequested)
            {
                AccountsLog.SecretEndsFailed(log, wrong);
            }
        }
    }

    /// <summary>Asks every application that is due, one after the other.</summary>
    internal async Task LookAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var before = (now - AskAgain).ToUnixTimeMilliseconds();
        foreach (var id in await database.ReadAsync(session => session.QueryAsync<string>(Due, new { before }), cancellation))
            if (providers.Find(id) is { } provider && MayHave(provider)
                && await database.WriteAsync(session => session.ExecuteAsync(Claim, new { id, before, now = now.ToUnixTimeMilliseconds() }), cancellation) > 0)
                await AskAsync(provider, cancellation);
    }

    // Applications of several tenants are registered in one that is not known here.
    private static bool MayHave(Provider provider) => provider is { Type: ProviderType.Microsoft, HasClientSecret: true, State: not ProviderState.Disabled, Tenant: not ("common" or "organizations" or "consumers") }
        && ClientAuthentication.Of(provider) is ClientAuthentication.Post or ClientAuthentication.Basic;

    private async Task AskAsync(Provider provider, CancellationToken cancellation)
    {
        var (end, why) = await ReadAsync(provider, cancellation);
        if (end is null)
            AccountsLog.SecretEndUnknown(log, provider.Name, why);
        else if (end != provider.ClientSecretExpiresAt)
        {
            await states.SecretEndsAsync(provider.Id, end.Value);
            AccountsLog.SecretEnds(log, provider.Name, end.Value);
        }
    }

    private async Task<(DateTimeOffset? End, string Why)> ReadAsync(Provider provider, CancellationToken cancellation)
    {
        var (urls, _) = await endpoints.FindAsync(provider, cancellation);
        if (urls is null)
            return (null, "its token endpoint is not known");
        string? secret;
        try
        {
            secret = await secrets.ClientSecretAsync(provider.Id, cancellation);
        }
        catch (TokenVaultException unreadable)
        {
            return (null, unreadable.Message);
        }
        if (secret is null)
            return (null, "it has none");
        var cloud = MicrosoftCloud.Of(provider);
        var proof = new ClientProof.Secret(secret, ClientAuthentication.Of(provider) == ClientAuthentication.Basic);
        if (await tokens.ClientCredentialsAsync(provider, urls.Token, [proof], cloud.GraphScope, cancellation) is not TokenAnswer.Granted granted)
            return (null, "it gets no token for Graph");
        using var timeOut = new CancellationTokenSource(TokenEndpoint.TimeOut, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeOut.Token, cancellation);
        using var client = clients.CreateClient(AccountsOptions.HttpClientName);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(cloud.GraphAddress(provider), $"v1.0/applications(appId='{Uri.EscapeDataString(provider.ClientId)}')?$select=passwordCredentials"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", granted.AccessToken);
        try
        {
            using var response = await client.SendAsync(request, stop.Token);
            if (!response.IsSuccessStatusCode)
                return (null, $"Graph answered {(int)response.StatusCode}");
            var application = JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(stop.Token), GraphJson.Default.GraphApplication);
            return EndOf(secret, application?.PasswordCredentials ?? []) is { } end ? (end, "") : (null, "none of its secrets begins like ours");
        }
        catch (Exception wrong) when (wrong is HttpRequestException or JsonException or IOException || (wrong is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return (null, wrong.Message);
        }
    }

    /// <summary>The application tells the first three letters of each secret. Of two that begin alike, the first to end is taken: an early warning does no harm.</summary>
    private static DateTimeOffset? EndOf(string secret, IEnumerable<GraphPassword> credentials) =>
        credentials.Where(one => one is { Hint.Length: > 0 } && secret.StartsWith(one.Hint, StringComparison.Ordinal)).Select(one => one.EndDateTime).Min();
}

internal sealed record GraphApplication(IReadOnlyList<GraphPassword>? PasswordCredentials);

/// <param name="Hint">The secret's first three letters.</param>
internal sealed record GraphPassword(string? Hint, DateTimeOffset? EndDateTime);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(GraphApplication))]
internal sealed partial class GraphJson : JsonSerializerContext;
