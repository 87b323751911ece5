namespace Postrider.Client;

/// <summary>Receivers of events over HTTP, signed as Standard Webhooks describes.</summary>
public sealed class PostriderWebhooks
{
    private readonly ApiConnection connection;

    internal PostriderWebhooks(ApiConnection connection) => this.connection = connection;

    public Task<Page<WebhookView>> ListAsync(CancellationToken cancellation = default) =>
        connection.GetAsync("webhooks", PostriderJson.Default.PageWebhookView, cancellation);

    public Task<WebhookView> GetAsync(string name, CancellationToken cancellation = default) =>
        connection.GetAsync(Path(name), PostriderJson.Default.WebhookView, cancellation);

    /// <summary>Adds one; the answer holds the only copy of its secret.</summary>
    public Task<WebhookCreated> AddAsync(WebhookInput webhook, CancellationToken cancellation = default) =>
        connection.PostAsync("webhooks", ApiConnection.Json(webhook, PostriderJson.Default.WebhookInput), PostriderJson.Default.WebhookCreated, cancellation);

    public Task<WebhookView> ChangeAsync(string name, WebhookInput members, CancellationToken cancellation = default) =>
        connection.AskAsync(HttpMethod.Patch, Path(name), ApiConnection.Json(members, PostriderJson.Default.WebhookInput), PostriderJson.Default.WebhookView, cancellation);

    public Task RemoveAsync(string name, CancellationToken cancellation = default) => connection.DeleteAsync(Path(name), cancellation);

    /// <summary>Makes another secret; the old one signs beside it for a day.</summary>
    public Task<WebhookCreated> RenewSecretAsync(string name, CancellationToken cancellation = default) =>
        connection.PostAsync($"{Path(name)}/secret", null, PostriderJson.Default.WebhookCreated, cancellation);

    /// <summary>Sends an event of type <c>webhook.test</c> now.</summary>
    public Task<WebhookDeliveryView> TestAsync(string name, CancellationToken cancellation = default) =>
        connection.PostAsync($"{Path(name)}/test", null, PostriderJson.Default.WebhookDeliveryView, cancellation);

    public Task<Page<WebhookDeliveryView>> DeliveriesAsync(string name, string? cursor = null, CancellationToken cancellation = default) =>
        connection.GetAsync(QueryText.With($"{Path(name)}/deliveries", ("cursor", cursor)), PostriderJson.Default.PageWebhookDeliveryView, cancellation);

    /// <summary>Delivers something again, under the same id.</summary>
    public Task<WebhookDeliveryView> ReplayAsync(string name, string delivery, CancellationToken cancellation = default) =>
        connection.PostAsync($"{Path(name)}/deliveries/{QueryText.Segment(delivery)}/replay", null, PostriderJson.Default.WebhookDeliveryView, cancellation);

    private static string Path(string name) => $"webhooks/{QueryText.Segment(name)}";
}
