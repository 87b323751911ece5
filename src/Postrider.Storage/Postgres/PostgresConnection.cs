using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace Postrider.Storage.Postgres;

/// <summary>Takes the statements as they are written for both engines: it opens the words meant for PostgreSQL, and sends yes and no as
/// 1 and 0, as the schema keeps them. Npgsql prepares what is used often. What nobody waits for is gathered and sent with the next
/// statement that is answered for; work that has none needs no connection of its own.</summary>
/// <param name="writes">Whether what is executed belongs to one transaction, which <see cref="CommitAsync"/> ends.</param>
internal sealed class PostgresConnection(PostgresPool pool, bool writes, CancellationToken cancellation = default) : DbConnection
{
    private List<Gathered> gathered = [];
    private NpgsqlConnection? rented;
    private NpgsqlTransaction? transaction;
    private bool gathering, apart;
    private Action<int>? met;

    /// <summary>Seconds; zero: as long as it takes.</summary>
    public int? Patience { get; init; }

    /// <summary>Whether all that is read is what was committed when the first statement came.</summary>
    public bool OneMoment { get; init; }

    /// <summary>What is to be written, when all of it could wait until now.</summary>
    public IReadOnlyList<Gathered>? OnlyGathered => rented is null ? gathered : null;

    /// <summary>Statements that are executed by <paramref name="work"/> may wait for the next one that is not, or for the commit.</summary>
    /// <param name="told">How many rows the last of them met.</param>
    /// <param name="apart">Whether none of them meets a row that another call of the same text meets.</param>
    public async Task GatherAsync(Func<Task> work, Action<int>? told, bool apart)
    {
        (gathering, met, this.apart) = (writes, told, apart);
        try
        {
            await work();
        }
        finally
        {
            gathering = false;
        }
    }

    public async Task CommitAsync()
    {
        // Statements that are sent together are a transaction of their own when there is no other.
        await SendGatheredAsync();
        if (transaction is not null)
            await transaction.CommitAsync(CancellationToken.None);
    }

    private int Gather(string sql, GivenValues given)
    {
        IReadOnlyList<PostgresText> texts = apart ? [PostgresText.AsOne(sql)] : PostgresText.Of(sql);
        foreach (var text in texts)
            gathered.Add(new Gathered(text, text.Values(given), apart, text == texts[^1] ? met : null));
        return 0;
    }

    private async Task SendGatheredAsync()
    {
        if (gathered.Count == 0)
            return;
        var now = gathered;
        gathered = [];
        await Gathered.SendAsync(await RentedAsync(), [now], Patience);
    }

    private async Task<NpgsqlConnection> RentedAsync() => rented ??= await pool.RentAsync(cancellation);

    // Npgsql sends the beginning along with the first statement; without a commit the end of the connection's use undoes it.
    private async Task<NpgsqlConnection> BegunAsync()
    {
        var connection = await RentedAsync();
        if (writes || OneMoment)
            transaction ??= await connection.BeginTransactionAsync(OneMoment ? IsolationLevel.RepeatableRead : IsolationLevel.ReadCommitted, CancellationToken.None);
        await SendGatheredAsync();
        return connection;
    }

    public override async ValueTask DisposeAsync()
    {
        if (transaction is not null)
            await transaction.DisposeAsync();
        if (rented is not null)
            await pool.ReturnAsync(rented);
        await base.DisposeAsync();
    }

    protected override DbCommand CreateDbCommand() => new Command(this);

    [AllowNull]
    public override string ConnectionString { get => ""; set => throw new NotSupportedException(); }
    public override string Database => "";
    public override string DataSource => "";
    public override string ServerVersion => "";

    /// <summary>It opens by itself.</summary>
    public override ConnectionState State => ConnectionState.Open;
    public override void ChangeDatabase(string databaseName) => throw new NotSupportedException();
    public override void Close() => throw new NotSupportedException("The engine closes what it has opened.");
    public override void Open() => throw new NotSupportedException("It opens by itself.");
    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => throw new NotSupportedException("The engine begins and commits.");

    private sealed class Command(PostgresConnection owner) : DbCommand
    {
        private const string OnlyAsync = "A server is asked without holding a thread.";

        private readonly GivenValues given = [];
        private NpgsqlBatch? running;

        [AllowNull]
        public override string CommandText { get; set; } = "";
        public override int CommandTimeout { get; set; }
        public override CommandType CommandType { get => CommandType.Text; set { } }
        public override bool DesignTimeVisible { get; set; }
        public override UpdateRowSource UpdatedRowSource { get; set; }
        protected override DbConnection? DbConnection { get => owner; set { } }
        protected override DbParameterCollection DbParameterCollection => given;
        protected override DbTransaction? DbTransaction { get; set; }
        public override void Cancel() => running?.Cancel();
        public override void Prepare()
        {
            // What is used often is prepared by itself.
        }

        protected override DbParameter CreateDbParameter() => new GivenValue();

        public override int ExecuteNonQuery() => throw new NotSupportedException(OnlyAsync);
        public override object? ExecuteScalar() => throw new NotSupportedException(OnlyAsync);
        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => throw new NotSupportedException(OnlyAsync);

        public override async Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken) =>
            owner.gathering ? owner.Gather(CommandText, given) : await (await ReadyAsync()).ExecuteNonQueryAsync(cancellationToken);

        public override async Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken) => await (await ReadyAsync()).ExecuteScalarAsync(cancellationToken);

        protected override async Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken) =>
            await (await ReadyAsync()).ExecuteReaderAsync(behavior, cancellationToken);

        private async Task<NpgsqlBatch> ReadyAsync()
        {
            running = new NpgsqlBatch(await owner.BegunAsync());
            if (owner.Patience is { } seconds)
                running.Timeout = seconds;
            foreach (var text in PostgresText.Of(CommandText))
                running.BatchCommands.Add(text.With(text.Values(given)));
            return running;
        }

        public override async ValueTask DisposeAsync()
        {
            if (running is not null)
                await running.DisposeAsync();
            await base.DisposeAsync();
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                running?.Dispose();
            base.Dispose(disposing);
        }
    }
}
