using System.Net.Http.Headers;

namespace Postrider.Client;

/// <summary>A Postrider gateway as .NET code sees it: one property a noun of <c>/api/v1</c>.
/// Refusals come as <see cref="PostriderException"/>; a server that cannot be reached as <see cref="HttpRequestException"/>.</summary>
public sealed class PostriderClient
{
    /// <param name="http">With <see cref="HttpClient.BaseAddress"/> set to the gateway (without <c>/api/v1</c>) and the
    /// key as its bearer authorization. It stays the caller's to dispose.</param>
    public PostriderClient(HttpClient http)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (http.BaseAddress is null)
            throw new ArgumentException("Set BaseAddress to the gateway, such as http://127.0.0.1:8080/.", nameof(http));

        var connection = new ApiConnection(http);
        Messages = new PostriderMessages(connection);
        Providers = new PostriderProviders(connection);
        Clients = new PostriderClients(connection);
        Keys = new PostriderKeys(connection);
        Queue = new PostriderQueue(connection);
        Console = new PostriderConsole(connection);
        Alerts = new PostriderAlerts(connection);
        Secrets = new PostriderSecrets(connection);
        Webhooks = new PostriderWebhooks(connection);
        Reports = new PostriderReports(connection);
        Suppressions = new PostriderSuppressions(connection);
    }

    public PostriderMessages Messages { get; }
    public PostriderProviders Providers { get; }
    public PostriderClients Clients { get; }
    public PostriderKeys Keys { get; }
    public PostriderQueue Queue { get; }
    public PostriderConsole Console { get; }
    public PostriderAlerts Alerts { get; }
    public PostriderSecrets Secrets { get; }
    public PostriderWebhooks Webhooks { get; }
    public PostriderReports Reports { get; }
    public PostriderSuppressions Suppressions { get; }

    /// <summary>Points <paramref name="http"/> at a gateway and gives it a key.</summary>
    /// <param name="http">Its base address and authorization are replaced.</param>
    /// <param name="server">The gateway's address; a path in it is kept, so a gateway behind a prefix works.</param>
    /// <param name="key">An API key.</param>
    public static PostriderClient For(HttpClient http, Uri server, string key)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(server);

        // Relative addresses replace what follows the last slash: without it a prefix would be lost.
        http.BaseAddress = server.AbsolutePath.EndsWith('/') ? server : new UriBuilder(server) { Path = server.AbsolutePath + "/" }.Uri;
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return new PostriderClient(http);
    }
}
