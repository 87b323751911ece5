using Postrider.Accounts.Tokens;
using Postrider.Storage;

namespace Postrider.Accounts.Sealing;

/// <summary>A column that holds sealed text, each for its own row (<see cref="SecretPlace"/>). Rooms register theirs, so that all of them are found.</summary>
/// <param name="Free">SQL that is true of a row which nobody is about to write; <c>@now</c> in milliseconds.</param>
public sealed record SealedColumn(string Table, string RowColumn, string Column, string Free = "1 = 1");

/// <summary>How many secrets are sealed with a key.</summary>
/// <param name="Head">With what they begin, see <see cref="KeyRing.HeadOf"/>.</param>
public sealed record SealedCount(string Head, long Secrets);

/// <summary>Everything that is sealed in the database, wherever it lies.</summary>
public sealed class SealedSecrets(Database database, TokenVault vault, IEnumerable<SealedColumn> columns, TimeProvider time)
{
    private const int Batch = 200;

    internal static readonly IReadOnlyList<SealedColumn> OfAccounts =
    [
        new("providers", "id", "client_secret"),
        new("providers", "id", "password"),
        new("providers", "id", "service_account_key"),
        new("client_certificates", "id", "private_key"),
        new("consents", "state_hash", "verifier"),
        new("provider_drafts", "id", "secrets"),
        // What a refresh is about to put there would be lost, or would not know its row again.
        new("tokens", "provider_id", "refresh_token", NoRefresh),
        new("tokens", "provider_id", "previous_refresh_token", NoRefresh),
        new("tokens", "provider_id", "access_token", NoRefresh),
    ];

    private const string NoRefresh = "(lease_until is null or lease_until <= @now)";

    public async Task<IReadOnlyList<SealedCount>> CountAsync(CancellationToken cancellation)
    {
        var heads = new Dictionary<string, long>();
        foreach (var column in columns)
            foreach (var count in await database.ReadAsync(session => session.QueryAsync<CountRow>(
                $"select substr({column.Column}, 1, {KeyRing.HeadLength}) as head, count(*) as secrets from {column.Table} where {column.Column} is not null group by 1"), cancellation))
                heads[count.Head] = heads.GetValueOrDefault(count.Head) + count.Secrets;
        return [.. heads.Select(head => new SealedCount(head.Key, head.Value))];
    }

    /// <summary>Those that do not open with the keys that are there.</summary>
    public async Task<IReadOnlyList<SecretPlace>> ClosedAsync(CancellationToken cancellation)
    {
        var closed = new List<SecretPlace>();
        foreach (var column in columns)
            await foreach (var (place, text) in EachAsync(column, "1 = 1", "", cancellation))
                if (Open(place, text) is null)
                    closed.Add(place);
        return closed;
    }

    /// <summary>Seals anew, with the key in force, what another key sealed. A row that is changed meanwhile is left as it was changed.</summary>
    /// <param name="head">Of the key in force.</param>
    /// <returns>How many were sealed anew, and how many are left because a refresh is about to write them.</returns>
    internal async Task<(int Done, int Busy)> SealAnewAsync(string head, CancellationToken cancellation)
    {
        var (done, busy) = (0, 0);
        foreach (var column in columns)
            await foreach (var batch in EachAsync(column, $"substr({column.Column}, 1, {KeyRing.HeadLength}) <> @head", head, cancellation).Chunk(Batch).WithCancellation(cancellation))
            {
                var anew = batch.Select(one => (one.Place, one.Text, Plain: Open(one.Place, one.Text))).Where(one => one.Plain is not null)
                    .Select(one => (one.Place, one.Text, Anew: vault.Seal(one.Place, one.Plain!))).ToList();
                var changed = await database.WriteAsync(async session =>
                {
                    var (rows, now) = (0, time.GetUtcNow().ToUnixTimeMilliseconds());
                    foreach (var (place, text, sealedAnew) in anew)
                        rows += await session.ExecuteAsync($"update {column.Table} set {column.Column} = @sealedAnew where {column.RowColumn} = @row and {column.Column} = @text and {column.Free}",
                            new { sealedAnew, row = place.Row, text, now });
                    return rows;
                }, cancellation);
                (done, busy) = (done + changed, busy + anew.Count - changed);
            }
        return (done, busy);
    }

    private string? Open(SecretPlace place, string text)
    {
        try
        {
            return vault.Open(place, text);
        }
        catch (TokenVaultException)
        {
            return null;
        }
    }

    private async IAsyncEnumerable<(SecretPlace Place, string Text)> EachAsync(SealedColumn column, string where, string head,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var after = ""; ;)
        {
            var from = after;
            var rows = await database.ReadAsync(session => session.QueryAsync<SealedRow>(
                $"select {column.RowColumn} as id, {column.Column} as text from {column.Table} where {column.Column} is not null and {where} and {column.RowColumn} > @from order by {column.RowColumn} limit {Batch}",
                new { head, from }), cancellation);
            foreach (var row in rows)
                yield return (new SecretPlace(column.Table, row.Id, column.Column), row.Text);
            if (rows.Count < Batch)
                yield break;
            after = rows[^1].Id;
        }
    }

    private sealed class CountRow
    {
        public string Head { get; init; } = "";
        public long Secrets { get; init; }
    }

    private sealed class SealedRow
    {
        public string Id { get; init; } = "";
        public string Text { get; init; } = "";
    }
}
