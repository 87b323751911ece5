namespace Postrider.Client;

/// <summary>The keys of the HTTP interface.</summary>
public sealed class PostriderKeys
{
    private readonly ApiConnection connection;

    internal PostriderKeys(ApiConnection connection) => this.connection = connection;

    public Task<Page<KeyView>> ListAsync(CancellationToken cancellation = default) =>
        connection.GetAsync("keys", PostriderJson.Default.PageKeyView, cancellation);

    /// <summary>Adds a key; the answer holds the only copy of it.</summary>
    public Task<KeyCreated> AddAsync(KeyInput key, CancellationToken cancellation = default) =>
        connection.PostAsync(
            "keys", ApiConnection.Json(key, PostriderJson.Default.KeyInput), PostriderJson.Default.KeyCreated, cancellation);

    /// <summary>Ends a key at once; it stays in the list as revoked.</summary>
    public Task RevokeAsync(string id, CancellationToken cancellation = default) =>
        connection.DeleteAsync($"keys/{QueryText.Segment(id)}", cancellation);
}
