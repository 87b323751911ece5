namespace Postrider.Client;

/// <summary>Says what waits, why, and for how long.</summary>
public sealed class PostriderQueue
{
    private readonly ApiConnection connection;

    internal PostriderQueue(ApiConnection connection) => this.connection = connection;

    public Task<QueueView> GetAsync(CancellationToken cancellation = default) =>
        connection.GetAsync("queue", PostriderJson.Default.QueueView, cancellation);
}
