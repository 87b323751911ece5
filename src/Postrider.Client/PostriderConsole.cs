namespace Postrider.Client;

/// <summary>The console in the browser, as far as a key may do something about it.</summary>
public sealed class PostriderConsole
{
    private readonly ApiConnection connection;

    internal PostriderConsole(ApiConnection connection) => this.connection = connection;

    /// <summary>A link that works once. Treat it like a password until it is used.</summary>
    /// <param name="name">Whose password it sets; null while there is no owner yet, to make the first.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<ConsoleLink> LinkAsync(string? name, CancellationToken cancellation = default) => MakeAsync(new ConsoleLinkQuestion { Name = name }, cancellation);

    /// <summary>A link for one who has lost the device: codes and passkeys of that person are taken away.</summary>
    public Task<ConsoleLink> ResetAsync(string name, CancellationToken cancellation = default) => MakeAsync(new ConsoleLinkQuestion { Name = name, ResetWays = true }, cancellation);

    private Task<ConsoleLink> MakeAsync(ConsoleLinkQuestion question, CancellationToken cancellation) =>
        connection.PostAsync("console/link", ApiConnection.Json(question, PostriderJson.Default.ConsoleLinkQuestion), PostriderJson.Default.ConsoleLink, cancellation);

    /// <summary>Who did what, from where, in the console and over the interface; the newest first.</summary>
    /// <param name="filter">Which acts.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cursor">From <see cref="Page{T}.NextCursor"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<Page<AuditView>> AuditAsync(AuditQuestion filter, int? limit = null, string? cursor = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return connection.GetAsync(QueryText.With("audit", [.. filter.Parameters, ("limit", limit?.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("cursor", cursor)]), PostriderJson.Default.PageAuditView, cancellation);
    }

    /// <summary>Whether the audit is as it was written.</summary>
    public Task<AuditVerification> VerifyAuditAsync(CancellationToken cancellation = default) => connection.GetAsync("audit/verify", PostriderJson.Default.AuditVerification, cancellation);
}
