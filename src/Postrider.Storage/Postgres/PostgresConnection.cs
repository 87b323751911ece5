using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Npgsql;
using NpgsqlTypes;

namespace Postrider.Storage.Postgres;

/// <summary>A connection that takes the statements as they are written for both engines: it opens the words meant for PostgreSQL, and
/// sends yes and no as 1 and 0, as the schema keeps them. Npgsql prepares what is used often. What nobody waits for is gathered and
/// sent together; work that is nothing else is one message to the server and one answer.</summary>
/// <param name="writes">Whether what is executed belongs to one transaction, which <see cref="CommitAsync"/> ends.</param>
internal sealed class PostgresConnection(NpgsqlConnection inner, bool writes) : DbConnection
{
    private static readonly ConcurrentDictionary<string, string> Translated = new(StringComparer.Ordinal);

    private readonly List<NpgsqlBatchCommand> gathered = [];
    private NpgsqlTransaction? transaction;
    private bool gathering;

    /// <summary>Statements whose text depends on the request must not gather without end.</summary>
    private const int MostKept = 2000;

    /// <summary>Seconds; zero: as long as it takes.</summary>
    public int? Patience { get; init; }

    private static string Translate(string sql)
    {
        if (Translated.TryGetValue(sql, out var known))
            return known;
        var translated = Dialect.Postgres.Translate(sql);
        if (Translated.Count < MostKept)
            Translated.TryAdd(sql, translated);
        return translated;
    }

    /// <summary>Statements that are executed by <paramref name="work"/> may wait for the next one that is not, or for the commit.</summary>
    public async Task GatherAsync(Func<Task> work)
    {
        gathering = writes;
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

    private int Gather(NpgsqlCommand command)
    {
        foreach (var sql in command.CommandText.Split("; "))
        {
            var statement = new NpgsqlBatchCommand(sql);
            foreach (NpgsqlParameter parameter in command.Parameters)
                statement.Parameters.Add(parameter.Clone());
            gathered.Add(statement);
        }
        return 0;
    }

    private async Task SendGatheredAsync()
    {
        if (gathered.Count == 0)
            return;
        await using var batch = new NpgsqlBatch(inner);
        if (Patience is { } seconds)
            batch.Timeout = seconds;
        foreach (var statement in gathered)
            batch.BatchCommands.Add(statement);
        gathered.Clear();
        await batch.ExecuteNonQueryAsync(CancellationToken.None);
    }

    // Npgsql sends the beginning along with the first statement; without a commit the end of the connection's use undoes it.
    private async Task BeginAsync()
    {
        if (writes)
            transaction ??= await inner.BeginTransactionAsync(CancellationToken.None);
        await SendGatheredAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        if (transaction is not null)
            await transaction.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override DbCommand CreateDbCommand() => new Command(this, inner.CreateCommand());

    [AllowNull]
    public override string ConnectionString { get => inner.ConnectionString; set => throw new NotSupportedException(); }
    public override string Database => inner.Database;
    public override string DataSource => inner.DataSource;
    public override string ServerVersion => inner.ServerVersion;
    public override ConnectionState State => inner.State;
    public override void ChangeDatabase(string databaseName) => throw new NotSupportedException();
    public override void Close() => throw new NotSupportedException("The engine closes what it has opened.");
    public override void Open() => throw new NotSupportedException("The engine opens connections.");
    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => throw new NotSupportedException("The engine begins and commits.");

    private sealed class Command : DbCommand
    {
        private const string OnlyAsync = "A server is asked without holding a thread.";

        private readonly PostgresConnection owner;
        private readonly NpgsqlCommand inner;

        public Command(PostgresConnection owner, NpgsqlCommand inner)
        {
            (this.owner, this.inner) = (owner, inner);
            if (owner.Patience is { } seconds)
                inner.CommandTimeout = seconds;
        }

        [AllowNull]
        public override string CommandText { get => inner.CommandText; set => inner.CommandText = Translate(value ?? ""); }
        public override int CommandTimeout { get => inner.CommandTimeout; set => inner.CommandTimeout = value; }
        public override CommandType CommandType { get => CommandType.Text; set { } }
        public override bool DesignTimeVisible { get; set; }
        public override UpdateRowSource UpdatedRowSource { get; set; }
        protected override DbConnection? DbConnection { get => owner; set { } }
        protected override DbParameterCollection DbParameterCollection => inner.Parameters;
        protected override DbTransaction? DbTransaction { get; set; }
        public override void Cancel() => inner.Cancel();
        public override void Prepare() => inner.Prepare();
        protected override DbParameter CreateDbParameter() => inner.CreateParameter();

        public override int ExecuteNonQuery() => throw new NotSupportedException(OnlyAsync);
        public override object? ExecuteScalar() => throw new NotSupportedException(OnlyAsync);
        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => throw new NotSupportedException(OnlyAsync);

        public override async Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken) =>
            owner.gathering ? owner.Gather(Ready()) : await (await BegunAsync()).ExecuteNonQueryAsync(cancellationToken);

        public override async Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken) => await (await BegunAsync()).ExecuteScalarAsync(cancellationToken);

        protected override async Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken) =>
            await (await BegunAsync()).ExecuteReaderAsync(behavior, cancellationToken);

        private async Task<NpgsqlCommand> BegunAsync()
        {
            await owner.BeginAsync();
            return Ready();
        }

        private NpgsqlCommand Ready()
        {
            foreach (NpgsqlParameter parameter in inner.Parameters)
                PostgresValues.Fit(parameter);
            return inner;
        }

        public override async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync();
            await base.DisposeAsync();
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}

/// <summary>Values as PostgreSQL can keep them.</summary>
internal static class PostgresValues
{
    public static void Fit(NpgsqlParameter parameter)
    {
        switch (parameter.Value)
        {
            case bool yes:
                (parameter.NpgsqlDbType, parameter.Value) = (NpgsqlDbType.Integer, yes ? 1 : 0);
                break;
            case string text:
                parameter.Value = Text(text);
                break;
            case null or DBNull when parameter.DbType == DbType.Boolean:
                parameter.NpgsqlDbType = NpgsqlDbType.Integer;
                break;
        }
    }

    /// <summary>PostgreSQL's texts have no NUL and no half of a surrogate pair. A subject may claim to.</summary>
    public static string Text(string text)
    {
        var clean = true;
        for (var at = 0; at < text.Length && clean; at++)
            clean = text[at] != '\0' && !char.IsSurrogate(text[at]);
        if (clean)
            return text;
        var whole = new System.Text.StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            whole.Append(rune.Value == 0 ? System.Text.Rune.ReplacementChar : rune);
        return whole.ToString();
    }
}
