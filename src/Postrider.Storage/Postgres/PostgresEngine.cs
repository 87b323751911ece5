using Microsoft.Extensions.Logging;
using Npgsql;

namespace Postrider.Storage.Postgres;

/// <summary>A server that several nodes may share. Work that asks something has a transaction of its own on one of a
/// few connections; what only writes shares its commit with others.</summary>
internal sealed class PostgresEngine : Engine
{
    private static readonly Version Oldest = new(14, 0);

    /// <summary>So often is a transaction run again that met others.</summary>
    private const int MostMeetings = 8, MostDuplicates = 2;

    /// <summary>What Postrider needs of every connection. A node that is stopped in the middle of a transaction, or cut off, must not hold
    /// its rows for ever.</summary>
    private const string Settings = """
        set idle_in_transaction_session_timeout = '20s';
        set lock_timeout = '8s';
        set tcp_keepalives_idle = 10;
        set tcp_keepalives_interval = 5;
        set tcp_keepalives_count = 3;
        select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'
        """;

    /// <summary>Besides, for those that write: each statement meets a few rows by their keys, however many there are when it is planned.</summary>
    internal const string PlanByKeys = """
        set plan_cache_mode = force_generic_plan;
        set enable_seqscan = off;
        set enable_hashjoin = off;
        set enable_mergejoin = off;
        set jit = off
        """;

    private readonly NpgsqlDataSource source, writing;
    private readonly PostgresPool writers, readers, committers;
    private readonly PostgresGroups groups;
    private readonly DatabaseClock clock = new();
    private readonly PostgresPulse pulse;
    private volatile bool closed;
    private readonly PostgresHints hints;

    private PostgresEngine(NpgsqlDataSource source, NpgsqlDataSource writing, TimeProvider time, ILogger log)
    {
        (this.source, this.writing) = (source, writing);
        Clock = time == TimeProvider.System ? clock : time;
        (writers, readers, committers) = (new(writing, PostgresAddress.Writers), new(source, PostgresAddress.Readers), new(writing, PostgresGroups.Connections));
        groups = new PostgresGroups(committers);
        pulse = new PostgresPulse(source, clock, log);
        hints = new PostgresHints(source, OnHeard);
    }

    public override bool IsShared => true;
    public override bool Answers => pulse.Answers;
    public override TimeProvider Clock { get; }
    public override TimeSpan MachineAhead => -clock.AheadOfMachine;

    // The server keeps what it has acknowledged, or does not come back; whether it does is for its own log to say.
    public override event Action<Exception>? Broken { add { } remove { } }

    public static async Task<PostgresEngine> OpenAsync(StorageOptions options, TimeProvider time, ILogger log, CancellationToken cancellation)
    {
        var settings = PostgresAddress.Parse(options.ConnectionString);
        var engine = new PostgresEngine(Source(settings, Settings), Source(settings, $"{Settings}; {PlanByKeys}"), time, log);
        try
        {
            await engine.pulse.FirstAsync(Oldest, cancellation);
            engine.pulse.Start();
            engine.hints.Start();
            return engine;
        }
        catch (Exception wrong) when (wrong is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            await engine.DisposeAsync();
            throw PostgresFailure.WhyNotOpen(wrong, settings);
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    private static NpgsqlDataSource Source(NpgsqlConnectionStringBuilder settings, string first)
    {
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        builder.UsePhysicalConnectionInitializer(connection => Run(connection, first), async connection => await RunAsync(connection, first));
        return builder.Build();
    }

    public override Task<T> WriteAsync<T>(Func<DbSession, Task<T>> work, CancellationToken cancellation) => WriteAsync(work, null, cancellation);

    public override async Task<T> MigrateAsync<T>(Func<DbSession, Task<T>> work, CancellationToken cancellation)
    {
        try
        {
            return await WriteAsync(work, 0, cancellation);
        }
        catch (PostgresException wrong)
        {
            throw PostgresFailure.WhyNotOpen(wrong, new NpgsqlConnectionStringBuilder(source.ConnectionString));
        }
    }

    private async Task<T> WriteAsync<T>(Func<DbSession, Task<T>> work, int? patience, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (closed)
            throw new StorageException("The database is closed: the program is stopping.");
        try
        {
            for (var (alone, meetings, duplicates) = (patience is not null, 0, 0); ;)
                try
                {
                    await using var transaction = new PostgresConnection(writers, writes: true, cancellation) { Patience = patience };
                    var session = new DbSession(transaction);
                    if (patience == 0)
                        await session.ExecuteLaterAsync("set local lock_timeout = 0");
                    var result = await work(session);
                    if (alone || transaction.OnlyGathered is not { } statements)
                        await transaction.CommitAsync();
                    else if (statements.Count > 0 && !await groups.CommitAsync(statements))
                    {
                        alone = true;
                        continue;
                    }
                    return result;
                }
                catch (PostgresException met) when (PostgresFailure.MetAnother(met) && meetings++ < MostMeetings
                                                    || PostgresFailure.IsDuplicate(met) && duplicates++ < MostDuplicates)
                {
                    await Task.Delay(Random.Shared.Next(1, 10 * (meetings + 1)), CancellationToken.None);
                }
        }
        catch (Exception wrong) when (Meaning(wrong) is { } meaning)
        {
            throw meaning;
        }
    }

    public override async Task<T> ReadAsync<T>(Func<DbSession, Task<T>> query, bool oneMoment, CancellationToken cancellation)
    {
        try
        {
            await using var session = new PostgresConnection(readers, writes: false, cancellation) { OneMoment = oneMoment };
            return await query(new DbSession(session));
        }
        catch (Exception wrong) when (Meaning(wrong) is { } meaning)
        {
            throw meaning;
        }
    }

    private StorageException? Meaning(Exception wrong)
    {
        var meaning = PostgresFailure.Explain(wrong);
        if (meaning is StorageUnavailableException)
            pulse.Look();
        return meaning;
    }

    public override void Tell(string what) => hints.Tell(what);

    private static void Run(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Lets the work that was accepted come to its end.</summary>
    public override async ValueTask DisposeAsync()
    {
        if (closed)
            return;
        closed = true;
        await hints.DisposeAsync();
        await pulse.DisposeAsync();
        await writers.EndAsync();
        await groups.DisposeAsync();
        await source.DisposeAsync();
        await writing.DisposeAsync();
        writers.Dispose();
        readers.Dispose();
        committers.Dispose();
    }
}
