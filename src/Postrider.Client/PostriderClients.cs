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

    public Task<ClientView> GetAsync(string name, CancellationToken cancellation = default) =>
        connection.GetAsync(Path(name), PostriderJson.Default.ClientView, cancellation);

    /// <summary>Changes some of its members.</summary>
    public Task<ClientView> ChangeAsync(string name, ClientChange members, CancellationToken cancellation = default) =>
        connection.AskAsync(HttpMethod.Patch, Path(name), ApiConnection.Json(members, PostriderJson.Default.ClientChange), PostriderJson.Default.ClientView, cancellation);

    /// <summary>Makes another password; the answer holds the only copy. The old one works beside it for a while.</summary>
    public Task<ClientCreated> RotateAsync(string name, ClientRotation rotation, CancellationToken cancellation = default) =>
        connection.PostAsync($"{Path(name)}/password", ApiConnection.Json(rotation, PostriderJson.Default.ClientRotation), PostriderJson.Default.ClientCreated, cancellation);

    /// <summary>Ends the password before the present one now.</summary>
    public Task EndPreviousPasswordAsync(string name, CancellationToken cancellation = default) =>
        connection.DeleteAsync($"{Path(name)}/password/previous", cancellation);

    public Task RemoveAsync(string name, CancellationToken cancellation = default) =>
        connection.DeleteAsync(Path(name), cancellation);

    private static string Path(string name) => $"clients/{QueryText.Segment(name)}";
}
