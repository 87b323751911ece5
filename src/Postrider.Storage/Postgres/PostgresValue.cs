using System.Data;
using Npgsql;
using NpgsqlTypes;

namespace Postrider.Storage.Postgres;

/// <summary>A given value as the server takes it. It becomes one of the driver's when its statement is sent: many that are sent together
/// never do.</summary>
internal static class PostgresValue
{
    public static NpgsqlDbType TypeOf(GivenValue given) => given.DbType switch
    {
        _ when given.Value is string[] => NpgsqlDbType.Array | NpgsqlDbType.Text,
        DbType.Boolean or DbType.Int32 or DbType.Int16 or DbType.Byte => NpgsqlDbType.Integer,
        DbType.Int64 => NpgsqlDbType.Bigint,
        DbType.Double => NpgsqlDbType.Double,
        DbType.Binary => NpgsqlDbType.Bytea,
        DbType.String => NpgsqlDbType.Text,
        _ => throw new InvalidOperationException($"There is no place for a value of type {given.DbType}: @{given.ParameterName}."),
    };

    public static NpgsqlParameter ForDriver(GivenValue given) => new() { NpgsqlDbType = TypeOf(given), Value = given.Value ?? DBNull.Value };
}
