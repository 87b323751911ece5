namespace Postrider.Client;

/// <summary>The keys that stored secrets are sealed with.</summary>
public sealed class PostriderSecrets
{
    private readonly ApiConnection connection;

    internal PostriderSecrets(ApiConnection connection) => this.connection = connection;

    public Task<SecretsView> GetAsync(CancellationToken cancellation = default) => connection.GetAsync("secrets", PostriderJson.Default.SecretsView, cancellation);

    /// <summary>Makes a new key and begins to seal everything with it, while mail goes on; one that runs already goes on.</summary>
    public Task<SecretsView> RotateAsync(CancellationToken cancellation = default) => connection.PostAsync("secrets/rotate", null, PostriderJson.Default.SecretsView, cancellation);

    /// <summary>Takes a key out of the ring for good, once nothing is sealed with it.</summary>
    public Task RemoveKeyAsync(string id, CancellationToken cancellation = default) => connection.DeleteAsync($"secrets/keys/{QueryText.Segment(id)}", cancellation);
}
