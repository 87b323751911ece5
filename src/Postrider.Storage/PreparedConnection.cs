using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Postrider.Storage;

/// <summary>A connection that keeps its statements prepared: parsing and planning the same few statements for every message costs more
/// than running them. Used by one caller at a time, like any connection.</summary>
internal sealed class PreparedConnection(SqliteConnection inner) : DbConnection
{
    /// <summary>Statements whose text depends on the request, such as filters, must not gather without end.</summary>
    private const int MostKept = 200;

    private readonly Dictionary<string, SqliteStatement> kept = new(StringComparer.Ordinal);

    /// <summary>Commands that can be used again: for each message there are several.</summary>
    private readonly Stack<Command> idle = [];

    private sqlite3 Engine => inner.Handle!;

    /// <param name="passing">Whether nobody keeps it: it must be disposed of when it has run.</param>
    private SqliteStatement Statement(string sql, out bool passing)
    {
        if (kept.TryGetValue(sql, out var statement))
        {
            passing = false;
            return statement;
        }
        statement = new SqliteStatement(Engine, Dialect.Sqlite.Translate(sql));
        passing = kept.Count >= MostKept || !kept.TryAdd(sql, statement);
        return statement;
    }

    /// <summary>Lets go of the pages that it keeps; its statements stay prepared.</summary>
    public void GiveBack() => _ = SqliteNative.sqlite3_db_release_memory(Engine.DangerousGetHandle());

    protected override DbCommand CreateDbCommand() => idle.TryPop(out var command) ? command : new Command(this);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var statement in kept.Values)
                statement.Dispose();
            inner.Dispose();
        }
        base.Dispose(disposing);
    }

    [AllowNull]
    public override string ConnectionString { get => inner.ConnectionString; set => throw new NotSupportedException(); }
    public override string Database => inner.Database;
    public override string DataSource => inner.DataSource;
    public override string ServerVersion => inner.ServerVersion;
    public override ConnectionState State => inner.State;
    public override void ChangeDatabase(string databaseName) => throw new NotSupportedException();
    public override void Close() => inner.Close();
    public override void Open() => inner.Open();
    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => throw new NotSupportedException("The writer begins and commits for everybody.");

    /// <summary>Runs the prepared statement of its text.</summary>
    private sealed class Command(PreparedConnection owner) : DbCommand
    {
        private readonly GivenValues given = [];

        /// <summary>The statement whose rows are being read, when nobody keeps it.</summary>
        private SqliteStatement? passing;

        [AllowNull]
        public override string CommandText { get; set; } = "";
        public override int CommandTimeout { get; set; }
        public override CommandType CommandType { get => CommandType.Text; set { } }
        public override bool DesignTimeVisible { get; set; }
        public override UpdateRowSource UpdatedRowSource { get; set; }
        protected override DbConnection? DbConnection { get => owner; set { } }
        protected override DbParameterCollection DbParameterCollection => given;
        protected override DbTransaction? DbTransaction { get; set; }

        public override void Cancel()
        {
            // Whoever waits for the engine is the engine.
        }

        public override void Prepare()
        {
            // What is executed is prepared then, and stays so.
        }

        protected override DbParameter CreateDbParameter() => new GivenValue();

        public override int ExecuteNonQuery()
        {
            if (given.Count == 0)
                return SqliteStatement.RunScript(owner.Engine, Dialect.Sqlite.Translate(CommandText));
            var statement = owner.Statement(CommandText, out var alone);
            using (alone ? statement : null)
                return statement.Run(given);
        }

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior)
        {
            var statement = owner.Statement(CommandText, out var alone);
            passing = alone ? statement : null;
            return statement.Query(given);
        }

        public override object? ExecuteScalar()
        {
            using var rows = ExecuteDbDataReader(CommandBehavior.Default);
            return rows.Read() ? rows.GetValue(0) : null;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                passing?.Dispose();
                passing = null;
                given.Clear();
                owner.idle.Push(this);
            }
            base.Dispose(disposing);
        }
    }
}
