namespace Postrider.Client;

/// <summary>What is wrong, who is told of it, and what is known about errors.</summary>
public sealed class PostriderAlerts
{
    private readonly ApiConnection connection;

    internal PostriderAlerts(ApiConnection connection) => this.connection = connection;

    /// <param name="all">Also what has recovered.</param>
    /// <param name="provider">Only what is about this provider.</param>
    /// <param name="cursor">From <see cref="Page{T}.NextCursor"/>.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends the request.</param>
    public Task<Page<AlertView>> ListAsync(bool all = false, string? provider = null, string? cursor = null, int? limit = null, CancellationToken cancellation = default) =>
        connection.GetAsync(QueryText.With("alerts", ("state", all ? "all" : null), ("provider", provider), ("cursor", cursor), ("limit", limit?.ToString(System.Globalization.CultureInfo.InvariantCulture))),
            PostriderJson.Default.PageAlertView, cancellation);

    public Task<AlertView> GetAsync(string id, CancellationToken cancellation = default) =>
        connection.GetAsync($"alerts/{QueryText.Segment(id)}", PostriderJson.Default.AlertView, cancellation);

    public Task<AlertMailSettings> MailAsync(CancellationToken cancellation = default) =>
        connection.GetAsync("alerts/mail", PostriderJson.Default.AlertMailSettings, cancellation);

    public Task<AlertMailSettings> SetMailAsync(AlertMailSettings settings, CancellationToken cancellation = default) =>
        connection.AskAsync(HttpMethod.Put, "alerts/mail", ApiConnection.Json(settings, PostriderJson.Default.AlertMailSettings), PostriderJson.Default.AlertMailSettings, cancellation);

    /// <summary>What happened after the event that the cursor names, oldest first.</summary>
    public Task<Page<EventView>> EventsAsync(string? cursor = null, string? type = null, int? limit = null, CancellationToken cancellation = default) =>
        connection.GetAsync(QueryText.With("events", ("type", type), ("cursor", cursor), ("limit", limit?.ToString(System.Globalization.CultureInfo.InvariantCulture))),
            PostriderJson.Default.PageEventView, cancellation);

    /// <summary>Looks over the installation itself; <c>steps</c> as in a provider's test.</summary>
    public Task<System.Text.Json.Nodes.JsonObject> DoctorAsync(CancellationToken cancellation = default) =>
        connection.PostAsync("doctor", null, PostriderJson.Default.JsonObject, cancellation);

    /// <summary>What an error means: an SMTP reply, an OAuth error, an AADSTS number, or words of one.</summary>
    public Task<Page<FailureView>> ExplainAsync(string said, string? type = null, CancellationToken cancellation = default) =>
        connection.GetAsync(QueryText.With("failures", ("q", said), ("type", type)), PostriderJson.Default.PageFailureView, cancellation);
}
