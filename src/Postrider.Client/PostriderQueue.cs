namespace Postrider.Client;

/// <summary>Says what waits, why, and for how long, and where a message would go.</summary>
public sealed class PostriderQueue
{
    private readonly ApiConnection connection;

    internal PostriderQueue(ApiConnection connection) => this.connection = connection;

    public Task<QueueView> GetAsync(CancellationToken cancellation = default) =>
        connection.GetAsync("queue", PostriderJson.Default.QueueView, cancellation);

    /// <summary>Whether all mail is kept back.</summary>
    public Task<HoldView> HeldAsync(CancellationToken cancellation = default) =>
        connection.GetAsync("queue/hold", PostriderJson.Default.HoldView, cancellation);

    /// <summary>One page of what the installation that was backed up has dealt with since, in a restored copy that is held, the oldest first.</summary>
    /// <param name="cursor">From <see cref="Page{T}.NextCursor"/>.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends the request.</param>
    public Task<Page<DifferenceView>> DifferencesAsync(string? cursor = null, int? limit = null, CancellationToken cancellation = default) =>
        connection.GetAsync(QueryText.With("queue/differences", ("cursor", cursor), ("limit", limit?.ToString(System.Globalization.CultureInfo.InvariantCulture))), PostriderJson.Default.PageDifferenceView, cancellation);

    /// <summary>Keeps all mail back until it is released; mail is taken as always.</summary>
    public Task<HoldView> HoldAsync(CancellationToken cancellation = default) =>
        connection.PostAsync("queue/hold", null, PostriderJson.Default.HoldView, cancellation);

    /// <summary>Lets mail go again, after a hold or a restore.</summary>
    public Task<HoldView> ReleaseAsync(CancellationToken cancellation = default) =>
        connection.PostAsync("queue/release", null, PostriderJson.Default.HoldView, cancellation);

    /// <summary>Which provider a message would go to, and why.</summary>
    public Task<RouteAnswer> RouteAsync(RouteQuestion question, CancellationToken cancellation = default) =>
        connection.PostAsync("route", ApiConnection.Json(question, PostriderJson.Default.RouteQuestion), PostriderJson.Default.RouteAnswer, cancellation);
}
