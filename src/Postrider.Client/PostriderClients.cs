namespace Postrider.Client;

/// <summary>The applications and devices that may hand in mail over SMTP.</summary>
public sealed class PostriderClients
{
    private readonly ApiConnection connection;

    internal PostriderClients(ApiConnection connection) => this.connection = connection;

    public Task<Page<ClientView>> ListAsync(CancellationToken cancellation = default) =>
        connection.GetAsync("clients", PostriderJson.Default.PageClientView, cancellation);

    /// <summary>Adds a client; the answer holds the only copy of its password.</summary>
    public Task<ClientCreated> AddAsync(ClientInput client, CancellationToken cancellation = default) =>
        connection.PostAsync(
            "clients", ApiConnection.Json(client, PostriderJson.Default.ClientInput), PostriderJson.Default.ClientCreated, cancellation);

    public Task RemoveAsync(string name, CancellationToken cancellation = default) =>
        connection.DeleteAsync($"clients/{QueryText.Segment(name)}", cancellation);
}
