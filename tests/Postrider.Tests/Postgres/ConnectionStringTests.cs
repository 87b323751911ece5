using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Postrider.Storage;

namespace Postrider.Tests.Postgres;

/// <summary>Which engine a connection string is for, and what is said when its database cannot be used.</summary>
public sealed class ConnectionStringTests
{
    private const string Secret = "S3cret-Pa55";

    [Theory]
    [InlineData("Host=db.example.org;Database=postrider;Username=postrider")]
    [InlineData("Server=/var/run/postgresql;Database=postrider")]
    [InlineData("postgres://postrider:a%2Fb@db.example.org:5433/mail?sslmode=verify-full")]
    [InlineData("postgresql://db.example.org/mail")]
    public void PostgreSQL_is_recognised(string text) => Assert.True(new StorageOptions { ConnectionString = text }.IsShared);

    [Theory]
    [InlineData("Data Source=/var/lib/postrider/postrider.db")]
    [InlineData("Filename=x.db;Cache=Shared")]
    public void SQLite_is_recognised(string text) => Assert.False(new StorageOptions { ConnectionString = text }.IsShared);

    [Theory]
    [InlineData("/var/lib/postrider.db")]
    [InlineData("Host=x;Nonsense=S3cret-Pa55")]
    [InlineData("Host=x;Port=S3cret-Pa55")]
    [InlineData("Nonsense=S3cret-Pa55")]
    [InlineData("postgres://u:S3cret-Pa55@:bad/x")]
    [InlineData("postgres://u:S3cret-Pa55@host/x?sslmode=S3cret-Pa55")]
    public void What_is_for_neither_is_refused_with_how_to_write_it_and_without_repeating_it(string text)
    {
        var refused = Assert.Throws<StorageException>(() => new StorageOptions { ConnectionString = text }.IsShared);
        Assert.Contains("Write it like", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named()
    {
        var refused = await RefusedAsync("Host=127.0.0.1;Port=1;Username=me;Database=mail;Password=" + Secret);
        Assert.Contains("127.0.0.1:1 cannot be reached", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_a_missing_database_and_a_missing_right_say_what_to_do()
    {
        var server = await PostgresServer.SharedAsync();
        var database = await server.NewDatabaseAsync();
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        var user = $"lowly_{name}";
        await server.RunAsync($"create role {user} login password 'right'");
        Assert.Contains("There is no database \"nowhere\"", await RefusedAsync(server.ConnectionString("nowhere")), StringComparison.Ordinal);
        Assert.Contains("grant create on schema public", await RefusedAsync(database.Replace("Username=postgres", $"Username={user};Password={Secret}", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("does not let \"nobody\" in", await RefusedAsync(database.Replace("Username=postgres", $"Username=nobody;Password={Secret}", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_elsewhere_must_show_a_certificate_unless_told_otherwise()
    {
        var server = await PostgresServer.SharedAsync();
        var elsewhere = server.ConnectionString("postgres").Replace("127.0.0.1", System.Net.Dns.GetHostName(), StringComparison.Ordinal);
        Assert.Equal(SslMode.VerifyFull, Postrider.Storage.Postgres.PostgresAddress.Parse(elsewhere).SslMode);
        Assert.Equal(SslMode.Disable, Postrider.Storage.Postgres.PostgresAddress.Parse(elsewhere + ";SSL Mode=Disable").SslMode);
        Assert.Contains("offers no TLS", await RefusedAsync(server.ConnectionString("postgres") + ";SSL Mode=VerifyFull;Password=" + Secret), StringComparison.Ordinal);
    }

    private static async Task<string> RefusedAsync(string connection)
    {
        var refused = await Assert.ThrowsAnyAsync<StorageException>(() => Database.OpenAsync(new StorageOptions { ConnectionString = connection },
            TimeProvider.System, NullLogger<Database>.Instance, TestContext.Current.CancellationToken));
        Assert.DoesNotContain(Secret, refused.ToString(), StringComparison.Ordinal);
        return refused.Message;
    }
}
