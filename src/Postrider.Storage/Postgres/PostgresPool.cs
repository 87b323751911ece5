using Npgsql;

namespace Postrider.Storage.Postgres;

/// <summary>The connections that one kind of work may use at a time.</summary>
internal sealed class PostgresPool(NpgsqlDataSource source, int most) : IDisposable
{
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim free = new(most);

    public async Task<NpgsqlConnection> RentAsync(CancellationToken cancellation)
    {
        await free.WaitAsync(cancellation);
        try
        {
            return await source.OpenConnectionAsync(cancellation);
        }
        catch
        {
            free.Release();
            throw;
        }
    }

    public async ValueTask ReturnAsync(NpgsqlConnection connection)
    {
        await connection.DisposeAsync();
        free.Release();
    }

    /// <summary>Waits a while until all of them have been given back.</summary>
    public async Task EndAsync()
    {
        for (var one = 0; one < most; one++)
            await free.WaitAsync(LongestEnd);
    }

    public void Dispose() => free.Dispose();
}
