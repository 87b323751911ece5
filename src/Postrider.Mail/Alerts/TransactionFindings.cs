using System.Globalization;
using Microsoft.Extensions.Options;
using Postrider.Accounts.Watch;
using Postrider.Storage;

namespace Postrider.Mail.Alerts;

/// <summary>A transaction that somebody leaves open on PostgreSQL: old rows of the queue cannot be cleared away while it lasts.
/// Those of other users are seen by a role that has <c>pg_read_all_stats</c>.</summary>
internal sealed class TransactionFindings(Database database, IOptions<AlertOptions> options) : IFindingSource
{
    private const string Oldest = """
        select pid, coalesce(application_name, '') as application, coalesce(usename, '') as role, extract(epoch from now() - xact_start)::double precision as seconds
        from pg_stat_activity
        where datname = current_database() and backend_xmin is not null and pid <> pg_backend_pid()
              and xact_start < now() - @seconds * interval '1 second'
        order by xact_start limit 1
        """;

    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellation)
    {
        if (!database.IsShared)
            return [];
        var found = await database.ReadAsync(session => session.QueryAsync<OpenTransaction>(Oldest, new { seconds = options.Value.TransactionAge.TotalSeconds }), cancellation);
        return [.. found.Select(open => new Finding($"transaction:{open.Pid}", FindingKind.Transaction, FindingSeverity.Warning,
            "A transaction has been open on the database for long.",
            string.Create(CultureInfo.InvariantCulture, $"Process {open.Pid} ({(open.Application.Length == 0 ? "without a name" : open.Application)}, role {open.Role}) began it {open.Seconds / 60:0} minutes ago. While it lasts, PostgreSQL cannot clear away old rows, and the queue becomes slower."),
            $"End it at its program, or in psql:\n    select pg_terminate_backend({open.Pid});"))];
    }

    private sealed class OpenTransaction
    {
        public int Pid { get; init; }
        public string Application { get; init; } = "";
        public string Role { get; init; } = "";
        public double Seconds { get; init; }
    }
}
