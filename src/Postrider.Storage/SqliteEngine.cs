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

    public static SqliteEngine Open(StorageOptions options, TimeProvider time, ILogger log)
    {
        var room = new DiskRoom(options.File, time);
        return new(SqliteWriter.Open(options, room, log), new SqliteReaders(options.ConnectionString), room, time);
    }

    public override bool HasRoomFor(long octets) => room.Has(octets);

    public override Task<T> WriteAsync<T>(Func<DbSession, Task<T>> work, CancellationToken cancellation) => writer.RunAsync(work, cancellation);

    public override async Task<T> ReadAsync<T>(Func<DbSession, Task<T>> query, bool oneMoment, CancellationToken cancellation)
    {
        var connection = readers.Rent();
        try
        {
            var session = new DbSession(connection);
            return oneMoment ? await AtOneMomentAsync(session, query) : await query(session);
        }
        finally
        {
            readers.Return(connection);
        }
    }

    public override Task GiveBackAsync(CancellationToken cancellation)
    {
        readers.GiveBack();
        return writer.GiveBackAsync(cancellation);
    }

    private static async Task<T> AtOneMomentAsync<T>(DbSession session, Func<DbSession, Task<T>> query)
    {
        await session.ExecuteAsync("begin");
        try
        {
            return await query(session);
        }
        finally
        {
            await session.ExecuteAsync("commit");
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
