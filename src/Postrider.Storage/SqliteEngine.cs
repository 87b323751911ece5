using Microsoft.Extensions.Logging;

namespace Postrider.Storage;

/// <summary>A file of this process alone: one connection writes, any number read.</summary>
internal sealed class SqliteEngine : Engine
{
    private readonly SqliteWriter writer;
    private readonly SqliteReaders readers;

    private readonly DiskRoom room;

    private SqliteEngine(SqliteWriter writer, SqliteReaders readers, DiskRoom room, TimeProvider time) =>
        (this.writer, this.readers, this.room, Clock) = (writer, readers, room, time);

    public override TimeProvider Clock { get; }

    public static SqliteEngine Open(StorageOptions options, TimeProvider time, ILogger log) =>
        new(SqliteWriter.Open(options, log), new SqliteReaders(options.ConnectionString), new DiskRoom(options.File, time), time);

    public override bool HasRoomFor(long octets) => room.Has(octets);

    public override Task<T> WriteAsync<T>(Func<DbSession, Task<T>> work, CancellationToken cancellation) => writer.RunAsync(work, cancellation);

    public override async Task<T> ReadAsync<T>(Func<DbSession, Task<T>> query, CancellationToken cancellation)
    {
        var connection = readers.Rent();
        try
        {
            return await query(new DbSession(connection));
        }
        finally
        {
            readers.Return(connection);
        }
    }

    public override event Action<Exception>? Broken
    {
        add => writer.Broken += value;
        remove => writer.Broken -= value;
    }

    public override async ValueTask DisposeAsync()
    {
        await writer.DisposeAsync();
        readers.Dispose();
    }
}
