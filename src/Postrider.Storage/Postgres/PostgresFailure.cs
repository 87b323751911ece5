using System.Net.Sockets;
using Npgsql;

namespace Postrider.Storage.Postgres;

/// <summary>What an error of PostgreSQL means for whoever runs Postrider. Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html.</summary>
internal static class PostgresFailure
{
    /// <summary>The transaction met another one and was undone: run again, it succeeds.</summary>
    public static bool MetAnother(Exception wrong) => wrong is PostgresException
    {
        SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected,
    };

    /// <summary>Two transactions added the same row. The second, run again, finds it there.</summary>
    public static bool IsDuplicate(Exception wrong) => wrong is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    public static bool IsStarting(Exception wrong) => wrong is PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow };

    /// <summary>Puts an error into the terms of <see cref="Database"/>; null for one that is the statement's own.</summary>
    public static StorageException? Explain(Exception wrong) => wrong switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DiskFull or PostgresErrorCodes.OutOfMemory } full => new StorageFullException(full),
        PostgresException { SqlState: "25006" } readOnly =>
            new StorageUnavailableException("The database takes no changes at the moment: it is a standby.", readOnly),
        PostgresException server when server.IsTransient || server.SqlState.StartsWith("08", StringComparison.Ordinal) || server.SqlState.StartsWith("57P", StringComparison.Ordinal)
                                      || server.SqlState is "57014" or "25P03" =>
            new StorageUnavailableException($"The database is not available: {server.MessageText}", server),
        PostgresException server when server.SqlState.StartsWith("28", StringComparison.Ordinal) || server.SqlState == PostgresErrorCodes.InvalidCatalogName =>
            new StorageUnavailableException($"The database lets no new connection in: {server.MessageText}. Put that right there, or start Postrider again with a connection string that is right.", server),
        PostgresException => null,
        NpgsqlException { InnerException: TimeoutException } slow => new StorageUnavailableException("The database did not answer in time.", slow),
        NpgsqlException lost => new StorageUnavailableException($"The connection to the database failed: {lost.InnerException?.Message ?? lost.Message}", lost),
        TimeoutException or IOException or SocketException or ObjectDisposedException => new StorageUnavailableException($"The connection to the database failed: {wrong.Message}", wrong),
        _ => null,
    };

    /// <summary>Says why the database cannot be opened and what to write instead. The password is in none of it.</summary>
    public static StorageException WhyNotOpen(Exception wrong, NpgsqlConnectionStringBuilder settings)
    {
        var (server, user, database) = ($"{settings.Host}:{settings.Port}", settings.Username ?? Environment.UserName, settings.Database);
        return new StorageException(wrong switch
        {
            PostgresException { SqlState: PostgresErrorCodes.InvalidPassword } =>
                $"PostgreSQL at {server} does not take the password of \"{user}\". Write it into the connection string, into a file that PGPASSFILE names, or into PGPASSWORD.",
            PostgresException { SqlState: "28000" } refused =>
                $"PostgreSQL at {server} does not let \"{user}\" in: {refused.MessageText}. Check that the user exists and that pg_hba.conf has a line for it.",
            PostgresException { SqlState: "3D000" } =>
                $"There is no database \"{database}\" at {server}. Make it: create database {database} owner {user} template template0 encoding 'UTF8' lc_collate 'C';",
            PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } refused =>
                $"\"{user}\" may not do what is needed in the database \"{database}\": {refused.MessageText}. Let it make tables: grant create on schema public to {user}; or make it the database's owner.",
            PostgresException { SqlState: "53300" } =>
                $"PostgreSQL at {server} has no connection left. Raise max_connections: each node uses up to {settings.MaxPoolSize}.",
            NpgsqlException { InnerException: System.Security.Authentication.AuthenticationException } tls =>
                $"The certificate of PostgreSQL at {server} was not accepted: {tls.InnerException!.Message} Name the authority with \"Root Certificate=FILE\".",
            NpgsqlException when wrong.Message.Contains("SSL", StringComparison.OrdinalIgnoreCase) =>
                $"PostgreSQL at {server} offers no TLS, and Postrider asks for it when the server is elsewhere. Switch TLS on there, or write \"SSL Mode=Disable\" if the network between is trusted.",
            NpgsqlException { InnerException: SocketException socket } =>
                $"PostgreSQL at {server} cannot be reached: {socket.Message}. Check host and port, and that the server runs and listens there.",
            NpgsqlException when wrong.Message.Contains("password", StringComparison.OrdinalIgnoreCase) =>
                $"PostgreSQL at {server} asks for a password of \"{user}\". Write it into the connection string, into a file that PGPASSFILE names, or into PGPASSWORD.",
            NpgsqlException or TimeoutException => $"PostgreSQL at {server} cannot be used: {wrong.InnerException?.Message ?? wrong.Message}",
            _ => $"The database \"{database}\" at {server} cannot be opened: {wrong.Message}",
        }, wrong);
    }
}
