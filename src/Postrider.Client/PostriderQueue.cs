namespace Postrider.Client;

/// <summary>Says what waits, why, and for how long, and where a message would go.</summary>
public sealed class PostriderQueue
{
    private readonly ApiConnection connection;

    internal PostriderQueue(ApiConnection connection) => this.connection = connection;

    public Task<QueueView> GetAsync(CancellationToken cancellation = default) =>
        connection.GetAsync("queue", PostriderJson.Default.QueueView, cancellation);

    /// <summary>Which provider a message would go to, and why.</summary>
    public Task<RouteAnswer> RouteAsync(RouteQuestion question, CancellationToken cancellation = default) =>
        connection.PostAsync("route", ApiConnection.Json(question, PostriderJson.Default.RouteQuestion), PostriderJson.Default.RouteAnswer, cancellation);
}
