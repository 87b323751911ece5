using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Postrider.Storage;

/// <summary>A connection that keeps its statements prepared: parsing and planning the same few statements for every message costs more
/// than running them. Used by one caller at a time, like any connection.</summary>
internal sealed class PreparedConnection(SqliteConnection inner) : DbConnection
{
    /// <summary>Statements whose text depends on the request, such as filters, must not gather without end.</summary>
    private const int MostKept = 200;

    private readonly Dictionary<string, SqliteCommand> kept = [];

    /// <summary>Those that give no rows.</summary>
    private readonly Dictionary<string, SqliteStatement> rowless = [];

    /// <summary>Commands that only lend their parameters: the text may change after some were added, the list they are in may not.</summary>
    private readonly Stack<SqliteCommand> blank = [];

    private SqliteCommand Take(string sql)
    {
        if (kept.Remove(sql, out var command))
            return command;
        command = inner.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    private void GiveBack(SqliteCommand command)
    {
        command.Parameters.Clear();
        if (kept.Count >= MostKept || !kept.TryAdd(command.CommandText, command))
            command.Dispose();
    }

    private int Execute(string sql, SqliteParameterCollection given)
    {
        if (rowless.TryGetValue(sql, out var statement))
            return statement.Run(given);
        if (rowless.Count < MostKept)
        {
            rowless.Add(sql, statement = new SqliteStatement(inner.Handle!, sql));
            return statement.Run(given);
        }
        using var passing = new SqliteStatement(inner.Handle!, sql);
        return passing.Run(given);
    }

    protected override DbCommand CreateDbCommand() => new PreparedCommand(this);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var command in kept.Values)
                command.Dispose();
            foreach (var statement in rowless.Values)
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

    /// <summary>Borrows the prepared statement of its text when it is executed.</summary>
    private sealed class PreparedCommand(PreparedConnection owner) : DbCommand
    {
        private readonly SqliteCommand given = owner.blank.TryPop(out var blank) ? blank : new SqliteCommand();
        private SqliteCommand? statement;

        private SqliteCommand Statement()
        {
            if (statement is not null)
                owner.GiveBack(statement);
            statement = owner.Take(CommandText);
            foreach (SqliteParameter parameter in given.Parameters)
                statement.Parameters.Add(parameter);
            return statement;
        }

        [AllowNull]
        public override string CommandText { get; set; } = "";
        public override int CommandTimeout { get; set; }
        public override CommandType CommandType { get => CommandType.Text; set { } }
        public override bool DesignTimeVisible { get; set; }
        public override UpdateRowSource UpdatedRowSource { get; set; }
        protected override DbConnection? DbConnection { get => owner; set { } }
        protected override DbParameterCollection DbParameterCollection => given.Parameters;
        protected override DbTransaction? DbTransaction { get; set; }
        public override void Cancel() => statement?.Cancel();
        public override int ExecuteNonQuery() =>
            SqliteStatement.Takes(given.Parameters) ? owner.Execute(CommandText, given.Parameters) : Statement().ExecuteNonQuery();
        public override object? ExecuteScalar() => Statement().ExecuteScalar();
        public override void Prepare()
        {
            // What is executed is prepared then, and stays so.
        }

        protected override DbParameter CreateDbParameter() => given.CreateParameter();
        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => Statement().ExecuteReader(behavior);

        protected override void Dispose(bool disposing)
        {
            if (disposing && statement is not null)
            {
                owner.GiveBack(statement);
                statement = null;
            }
            if (disposing)
            {
                given.Parameters.Clear();
                owner.blank.Push(given);
            }
            base.Dispose(disposing);
        }
    }
}
