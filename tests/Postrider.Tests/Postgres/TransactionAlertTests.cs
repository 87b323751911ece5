using Npgsql;
using Postrider.Accounts.Watch;
using Postrider.Tests.Alerts;

namespace Postrider.Tests.Postgres;

/// <summary>Somebody leaves a transaction open.</summary>
public sealed class TransactionAlertTests : IOnPostgres
{
    // T11
    [Fact]
    public async Task A_transaction_that_stays_open_is_told_with_its_process_and_its_program()
    {
        await using var alerts = await TestAlerts.StartAsync(options => options.TransactionAge = TimeSpan.FromMilliseconds(1));
        var name = await alerts.Database.ReadAsync(session => session.SingleAsync<string>("select current_database()"), TestAlerts.Stop);
        await using (var somebody = new NpgsqlConnection((await PostgresServer.SharedAsync()).ConnectionString(name) + ";Pooling=False;Application Name=nightly-report"))
        {
            await somebody.OpenAsync(TestAlerts.Stop);
            await using var transaction = await somebody.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, TestAlerts.Stop);
            await using var look = new NpgsqlCommand("select count(*), pg_sleep(0.01) from queue", somebody, transaction);
            await look.ExecuteScalarAsync(TestAlerts.Stop);
            await alerts.LookAsync();
            var told = Assert.Single(await alerts.Incidents.ListAsync(false, null, null, 10, TestAlerts.Stop));
            Assert.Equal(FindingKind.Transaction, told.Kind);
            Assert.Contains($"Process {somebody.ProcessID} (nightly-report, role postgres)", told.Detail, StringComparison.Ordinal);
            Assert.Contains($"pg_terminate_backend({somebody.ProcessID})", told.Remedy, StringComparison.Ordinal);
        }
        await alerts.LookAsync();
        Assert.Empty(await alerts.Incidents.ListAsync(false, null, null, 10, TestAlerts.Stop));
    }
}
