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

    private SqliteCommand Take(string sql)
    {
        if (kept.Remove(sql, out var command))
        {
            command.Parameters.Clear();
            return command;
        }
        command = inner.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    private void GiveBack(SqliteCommand command)
    {
        if (kept.Count >= MostKept || !kept.TryAdd(command.CommandText, command))
            command.Dispose();
    }

    protected override DbCommand CreateDbCommand() => new PreparedCommand(this);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var command in kept.Values)
                command.Dispose();
            kept.Clear();
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

    /// <summary>Borrows the prepared statement of its text for as long as it lives.</summary>
    private sealed class PreparedCommand(PreparedConnection owner) : DbCommand
    {
        private SqliteCommand? statement;

        private SqliteCommand Statement => statement ?? throw new InvalidOperationException("The command has no text yet.");

        [AllowNull]
        public override string CommandText
        {
            get => statement?.CommandText ?? "";
            set
            {
                var before = statement;
                statement = owner.Take(value ?? "");
                if (before is null)
                    return;
                // A list among the parameters is spelt out in the text after they were added: they move along.
                foreach (SqliteParameter parameter in before.Parameters)
                    statement.Parameters.Add(parameter);
                before.Parameters.Clear();
                owner.GiveBack(before);
            }
        }

        public override int CommandTimeout { get; set; }
        public override CommandType CommandType { get => CommandType.Text; set { } }
        public override bool DesignTimeVisible { get; set; }
        public override UpdateRowSource UpdatedRowSource { get; set; }
        protected override DbConnection? DbConnection { get => owner; set { } }
        protected override DbParameterCollection DbParameterCollection => Statement.Parameters;
        protected override DbTransaction? DbTransaction { get; set; }
        public override void Cancel() => Statement.Cancel();
        public override int ExecuteNonQuery() => Statement.ExecuteNonQuery();
        public override object? ExecuteScalar() => Statement.ExecuteScalar();
        public override void Prepare() => Statement.Prepare();
        protected override DbParameter CreateDbParameter() => Statement.CreateParameter();
        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => Statement.ExecuteReader(behavior);

        protected override void Dispose(bool disposing)
        {
            if (disposing && statement is not null)
            {
                owner.GiveBack(statement);
                statement = null;
            }
            base.Dispose(disposing);
        }
    }
}
