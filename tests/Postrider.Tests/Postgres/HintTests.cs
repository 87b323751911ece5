using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Sealing;
using Postrider.Mail.Delivery;
using Postrider.Mail.Intake;
using Postrider.Mail.Queue;
using Postrider.Server.Api;
using Postrider.Server.Hosting;
using Postrider.Storage;
using Postrider.Storage.Postgres;
using Postrider.Tests.Accounts;

namespace Postrider.Tests.Postgres;

/// <summary>What nodes tell each other is told, if late; and what nobody told is found.</summary>
public sealed class HintTests : IOnPostgres
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_that_lets_nobody_in_for_a_while_costs_no_hint_and_is_said_to_be_unavailable()
    {
        var server = await PostgresServer.SharedAsync();
        var connection = await server.NewInstallationAsync();
        var role = new NpgsqlConnectionStringBuilder(connection).Database!.Replace("test", "teller", StringComparison.Ordinal);
        await server.RunAsync($"create role {role} superuser login");
        await using var teller = await OpenAsync(connection.Replace("Username=postgres", $"Username={role}", StringComparison.Ordinal));
        await using var listener = await OpenAsync(connection);
        var heard = Channel.CreateUnbounded<string?>();
        listener.Heard += what => heard.Writer.TryWrite(what);
        // The listener listens when it hears of this.
        do
            teller.Tell("before");
        while (!await HearsAsync("before", TimeSpan.FromMilliseconds(200)));

        await server.RunAsync($"alter role {role} nologin");
        await server.RunAsync($"select pg_terminate_backend(pid) from pg_stat_activity where usename = '{role}'");
        for (var (tries, said) = (0, ""); !said.Contains("lets no new connection in", StringComparison.Ordinal); tries++)
        {
            Assert.True(tries < 50, said);
            teller.Tell($"meanwhile {tries}");
            said = (await Assert.ThrowsAsync<StorageUnavailableException>(() => teller.ReadAsync(session => session.SingleAsync<long>("select 1"), Stop))).Message;
            await Task.Delay(100, Stop);
        }

        await server.RunAsync($"alter role {role} login");
        Assert.True(await HearsAsync("meanwhile 0", TimeSpan.FromSeconds(10)), "A hint is lost.");
        teller.Tell("after");
        Assert.True(await HearsAsync("after", TimeSpan.FromSeconds(10)), "Nothing is told any more.");

        async Task<bool> HearsAsync(string what, TimeSpan within)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            patience.CancelAfter(within);
            try
            {
                while (await heard.Reader.ReadAsync(patience.Token) != what)
                {
                    // Something else.
                }
                return true;
            }
            catch (OperationCanceledException) when (!Stop.IsCancellationRequested)
            {
                return false;
            }
        }
    }

    [Theory]
    [InlineData("28P01")]
    [InlineData("28000")]
    [InlineData("3D000")]
    public void What_keeps_new_connections_out_may_pass(string code) =>
        Assert.Contains("no pg_hba.conf entry", Assert.IsType<StorageUnavailableException>(PostgresFailure.Explain(new PostgresException("no pg_hba.conf entry", "FATAL", "FATAL", code))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_change_whose_hint_was_lost_is_found_in_ten_seconds_however_much_is_told_of_other_things()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var database = accounts.Database;
        var hold = new SendingHold(database, accounts.Clock);
        using var shared = new SharedState(database, accounts.Providers, new ClientDirectory(database, accounts.Clock), new SuppressionList(database, accounts.Clock), new ApiKeys(database, accounts.Clock),
            hold, accounts.Get<KeyRing>(), accounts.Clock, NullLogger<SharedState>.Instance);
        var provider = await accounts.AddWithTokenAsync();
        var heard = Channel.CreateUnbounded<string?>();
        database.Heard += what => heard.Writer.TryWrite(what);
        await shared.StartAsync(Stop);
        await ChangeAsync(provider.Id, enabled: false);
        await TellAsync(ProviderDirectory.Changes);
        await UntilAsync(ProviderState.Disabled);

        await ChangeAsync(provider.Id, enabled: true);
        for (var second = 0; second <= 10; second++)
        {
            await TellAsync("due p");
            accounts.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        await UntilAsync(ProviderState.Ready);
        await shared.StopAsync(Stop);

        // Another node, which is not heard when it says so.
        Task ChangeAsync(string id, bool enabled) => database.WriteAsync(session => session.ExecuteAsync("update providers set enabled = @enabled where id = @id", new { id, enabled }), Stop);

        async Task TellAsync(string what)
        {
            await database.WriteAsync(session => session.ExecuteAsync("select pg_notify('postrider', @told)", new { told = $"another {what}" }), Stop);
            while (await heard.Reader.ReadAsync(Stop) != what)
            {
                // Something else.
            }
        }

        async Task UntilAsync(ProviderState state)
        {
            for (var tries = 0; accounts.Providers.Find(provider.Id)!.State != state; tries++)
            {
                Assert.True(tries < 300, $"It is {accounts.Providers.Find(provider.Id)!.State} after 3 s.");
                await Task.Delay(10, Stop);
            }
        }
    }

    private static Task<Database> OpenAsync(string connection) =>
        Database.OpenAsync(new StorageOptions { ConnectionString = connection }, TimeProvider.System, NullLogger<Database>.Instance, Stop);
}
