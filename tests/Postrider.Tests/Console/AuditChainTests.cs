using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Postrider.Accounts;
using Postrider.Accounts.Tokens;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Hosting;
using Postrider.Storage;
using Postrider.Tests.Accounts;
using Postrider.Tests.Postgres;

namespace Postrider.Tests.Console;

/// <summary>What was done to the audit behind our back shows.</summary>
public class AuditChainTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_that_are_left_alone_hold_and_the_first_key_serves_all_nodes()
    {
        await using var audit = await Audit.OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(number => (number % 2 == 0 ? audit.Log : audit.OtherNode).WriteAsync($"anna {number}", "console", "provider paused", "contoso", "", "127.0.0.1")));
        var report = await audit.Chain.VerifyAsync(Token);
        Assert.Equal((true, 40L, 0L, 0L), (report.Holds, report.Rows, report.Unchained, report.Unjudged));
        Assert.Equal(40, report.Head!.Number);
        Assert.Single(await audit.Keys.AllAsync(Token));
    }

    [Theory]
    [InlineData("update audit_log set detail = 'none' where seq = 3", "row 3 of ", "is not as it was written")]
    [InlineData("update audit_log set at = at + 1 where seq = 3", "row 3 of ", "is not as it was written")]
    [InlineData("update audit_log set actor = 'anna removed', action = '' where seq = 3", "row 3 of ", "is not as it was written")]
    [InlineData("update audit_log set detail = 'none', key_id = 'unheard of' where seq = 1", "row 1 of ", "names a key that it cannot have been tied with")]
    [InlineData("insert into audit_keys (id, secret, created_at) values ('lost', null, 0); update audit_log set detail = 'none', key_id = 'lost' where seq = 3", "row 3 of ", "names a key that it cannot have been tied with")]
    [InlineData("delete from audit_log where seq = 3", "Row 3 is missing before row 4", "")]
    [InlineData("delete from audit_log where seq < 4", "Rows 1 to 3 are missing before row 4", "")]
    [InlineData("delete from audit_log where seq > 4", "Rows 5 to 6 are missing at the end", "")]
    [InlineData("delete from audit_log", "Rows 1 to 6 are missing at the end", "")]
    [InlineData("insert into audit_log (id, at, actor, door, action, target, detail, address) values ('fff', 1, 'berta', 'api', 'x', '', '', '')", "has no number, though the chain had begun", "berta")]
    public async Task An_edit_a_gap_an_addition_and_a_cut_end_are_found(string statement, string said, string also)
    {
        await using var audit = await Audit.OpenAsync();
        for (var number = 1; number <= 6; number++)
            await audit.Log.WriteAsync("anna", "console", "removed", $"client {number}", "detail", "127.0.0.1");
        await audit.Head.KeepAsync(Token);
        Assert.True((await audit.Chain.VerifyAsync(Token)).Holds);
        await audit.Database.WriteAsync(session => session.ExecuteAsync(statement), Token);
        var report = await audit.Chain.VerifyAsync(Token);
        Assert.False(report.Holds);
        Assert.Contains(report.Problems, problem => problem.Contains(said, StringComparison.Ordinal) && problem.Contains(also, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_head_that_is_gone_is_told_and_stays_as_the_proof()
    {
        await using var audit = await Audit.OpenAsync();
        await audit.Log.WriteAsync("anna", "console", "removed", "one", "", "");
        await audit.Head.KeepAsync(Token);
        Assert.Empty(await audit.Head.LookAsync(Token));
        var kept = audit.Head.Kept;
        await audit.Database.WriteAsync(session => session.ExecuteAsync("delete from audit_log"), Token);
        await audit.Log.WriteAsync("anna", "console", "removed", "another", "", "");
        Assert.Null(await audit.Head.KeepAsync(Token));
        Assert.Equal(kept, audit.Head.Kept);
        Assert.Contains("not as it was written", Assert.Single(await audit.Head.LookAsync(Token)).Title, StringComparison.Ordinal);
        Assert.Contains("is another one than this node wrote down", Assert.Single((await audit.Chain.VerifyAsync(Token)).Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_from_before_the_chain_are_said_to_be_unknown_and_rows_of_a_lost_key_to_be_unjudged()
    {
        await using var audit = await Audit.OpenAsync();
        await audit.Database.WriteAsync(session => session.ExecuteAsync("insert into audit_log (id, at, actor, door, action, target, detail, address) values ('0', 1, 'anna', 'api', 'x', '', '', '')"), Token);
        await audit.Log.WriteAsync("anna", "console", "removed", "one", "", "");
        var restarted = audit.WithAnotherRing();
        await restarted.WriteAsync("anna", "console", "removed", "two", "", "");
        var report = await audit.Chain.VerifyAsync(Token);
        Assert.Equal((true, 2L, 1L, 1L), (report.Holds, report.Rows, report.Unchained, report.Unjudged));
    }

    [Fact]
    public async Task The_head_is_kept_again_after_whatever_error_there_was()
    {
        await using var audit = await Audit.OpenAsync();
        await audit.Log.WriteAsync("anna", "console", "removed", "one", "", "");
        await RenameAsync("audit_log", "gone");
        await audit.Head.StartAsync(Token);
        await UntilAsync(() => audit.Said.Lines.Any(line => line.StartsWith("5302", StringComparison.Ordinal)) || audit.Head.ExecuteTask!.IsCompleted);
        await RenameAsync("gone", "audit_log");
        await UntilAsync(() =>
        {
            audit.Clock.Advance(TimeSpan.FromMinutes(1));
            return audit.Head.Kept is not null;
        });
        await RenameAsync("audit_log", "gone");
        await audit.Head.StopAsync(Token);

        Task RenameAsync(string from, string to) => audit.Database.WriteAsync(session => session.ExecuteAsync($"alter table {from} rename to {to}"), Token);
    }

    private static async Task UntilAsync(Func<bool> isTrue)
    {
        for (var tries = 0; !isTrue(); tries++)
        {
            Assert.True(tries < 500, "it did not happen within 5 s");
            await Task.Delay(10, Token);
        }
    }

    private sealed class Audit : IAsyncDisposable
    {
        private readonly string directory = Directory.CreateTempSubdirectory("postrider-audit-").FullName;
        private readonly IDataProtectionProvider ring = new EphemeralDataProtectionProvider();
        private DataDirectory data = null!;

        public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 5, 4, 10, 0, 0, TimeSpan.Zero));
        public CapturedLog Said { get; } = new();
        public Database Database { get; private set; } = null!;
        public AuditKeys Keys => NewKeys(ring);
        public AuditLog Log { get; private set; } = null!;
        public AuditLog OtherNode { get; private set; } = null!;
        public AuditHead Head { get; private set; } = null!;
        public AuditChain Chain { get; private set; } = null!;

        public static async Task<Audit> OpenAsync()
        {
            var audit = new Audit();
            audit.data = DataDirectory.Open(Path.Combine(audit.directory, "data"));
            audit.Database = await Database.OpenAsync(await TestStorage.NewAsync(audit.data.Database), audit.Clock, NullLogger<Database>.Instance, CancellationToken.None);
            (audit.Log, audit.OtherNode) = (new(audit.Database, audit.Keys, audit.Clock), new(audit.Database, audit.Keys, audit.Clock));
            audit.Head = new(audit.data, audit.Database, audit.Clock, new Logger<AuditHead>(new LoggerFactory([audit.Said])));
            audit.Chain = new(audit.Database, audit.Keys, audit.Head);
            return audit;
        }

        /// <summary>The ring is lost, its key with it; from here on the chain is read with the new one.</summary>
        public AuditLog WithAnotherRing()
        {
            var keys = NewKeys(new EphemeralDataProtectionProvider());
            Chain = new(Database, keys, Head);
            return new(Database, keys, Clock);
        }

        private AuditKeys NewKeys(IDataProtectionProvider with) => new(Database, new TokenVault(with), new AccountsOptions { KeyDirectory = directory, KeyRing = new() { StartWithoutLostKeys = true } }, Clock);

        public async ValueTask DisposeAsync()
        {
            await Database.DisposeAsync();
            data.Dispose();
            Head.Dispose();
            Directory.Delete(directory, recursive: true);
        }
    }
}
