using System.Globalization;
using System.Text;

namespace Postrider.Client;

/// <summary>The addresses that nothing is sent to.</summary>
public sealed class PostriderSuppressions
{
    private readonly ApiConnection connection;

    internal PostriderSuppressions(ApiConnection connection) => this.connection = connection;

    /// <summary>One page, the newest first.</summary>
    /// <param name="text">Part of the address.</param>
    /// <param name="cursor">From <see cref="Page{T}.NextCursor"/>.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends the request.</param>
    public Task<Page<SuppressionView>> ListAsync(string? text = null, string? cursor = null, int? limit = null, CancellationToken cancellation = default) =>
        connection.GetAsync(QueryText.With("suppressions", ("q", text), ("cursor", cursor), ("limit", limit?.ToString(CultureInfo.InvariantCulture))), PostriderJson.Default.PageSuppressionView, cancellation);

    /// <summary>Puts an address on the list; one that is on it stays as it is.</summary>
    public Task<SuppressionView> AddAsync(SuppressionInput suppression, CancellationToken cancellation = default) =>
        connection.PostAsync("suppressions", ApiConnection.Json(suppression, PostriderJson.Default.SuppressionInput), PostriderJson.Default.SuppressionView, cancellation);

    /// <summary>Takes an address off the list.</summary>
    public Task RemoveAsync(string address, CancellationToken cancellation = default) => connection.DeleteAsync($"suppressions/{QueryText.Segment(address)}", cancellation);

    /// <summary>Puts many on the list.</summary>
    /// <param name="lines">An address a line, with a comma and the reason behind it where there is one.</param>
    /// <param name="cancellation">Ends the request; what was added stays.</param>
    public async Task<SuppressionsImported> ImportAsync(string lines, CancellationToken cancellation = default)
    {
        using var body = new StringContent(lines, Encoding.UTF8, "text/csv");
        return await connection.PostAsync("suppressions/import", body, PostriderJson.Default.SuppressionsImported, cancellation);
    }
}
