using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Postrider.Storage;

namespace Postrider.Server.Console.Auditing;

/// <summary>The end of the chain at a moment.</summary>
internal sealed record ChainHead(long Number, string Hash, DateTimeOffset At);

/// <summary>What a look through the whole chain came to.</summary>
/// <param name="Rows">In the chain.</param>
/// <param name="Unchained">From before there was a chain.</param>
/// <param name="Unjudged">Tied with a key that is lost.</param>
/// <param name="Kept">The head that this node had kept outside the database.</param>
/// <param name="Problems">Where it does not hold, the first of them; empty when it holds.</param>
internal sealed record ChainReport(long Rows, long Unchained, long Unjudged, ChainHead? Head, ChainHead? Kept, IReadOnlyList<string> Problems)
{
    public bool Holds => Problems.Count == 0;
}

/// <summary>Ties each row of the audit to the one before: <c>HMAC-SHA256(key, previous hash ‖ row)</c>. A row that was changed, taken out or
/// put in does not hold; that the end was cut off shows against a head that was kept elsewhere.</summary>
internal sealed class AuditChain(Database database, AuditKeys keys, AuditHead head)
{
    private const int Batch = 1000, MostProblems = 20;

    /// <summary>The last row of the chain.</summary>
    public const string SelectHead = "select * from audit_log where seq is not null order by seq desc limit 1";

    private const string SelectNext = "select * from audit_log where seq > @after order by seq limit @Batch";
    private const string CountUnchained = "select count(*) from audit_log where seq is null";
    private const string SelectUnchainedSince = "select * from audit_log where seq is null and id > (select id from audit_log where seq is not null order by seq limit 1) order by id limit @MostProblems";

    /// <param name="previous">The hash of the row before; empty for the first.</param>
    public static string Hash(byte[] key, string previous, AuditEntry row)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        Span<byte> length = stackalloc byte[sizeof(int)];
        // Each part with its length before it: what moves from one to the next is seen.
        foreach (var part in new[] { previous, Number(row.Seq ?? 0), row.KeyId ?? "", row.Id, Number(row.At), row.Actor, row.Door, row.Action, row.Target, row.Detail, row.Address })
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            hmac.AppendData(length);
            hmac.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hmac.GetHashAndReset());
    }

    public async Task<ChainReport> VerifyAsync(CancellationToken cancellation)
    {
        var known = (await keys.AllAsync(cancellation)).ToDictionary(key => key.Id, key => key.Secret);
        var lost = await keys.LostAsync(cancellation);
        var (problems, kept) = (new List<string>(), head.Kept);
        var (rows, unjudged) = (0L, 0L);
        AuditEntry? last = null;
        for (var whole = false; !whole;)
        {
            var after = last?.Seq ?? 0;
            var batch = await database.ReadAsync(session => session.QueryAsync<AuditEntry>(SelectNext, new { after, Batch }), cancellation);
            foreach (var row in batch)
            {
                rows++;
                var follows = row.Seq == (last?.Seq ?? 0) + 1;
                if (!follows)
                    Add(Missing((last?.Seq ?? 0) + 1, row.Seq!.Value - 1, $"before {Name(row)}."));
                if (!known.TryGetValue(row.KeyId ?? "", out var key))
                {
                    unjudged++;
                    // All keys are lost together, with their ring: a row of such a key stands before all rows of those that are there.
                    if (rows > unjudged || !lost.Contains(row.KeyId ?? ""))
                        Add($"{Name(row)} names a key that it cannot have been tied with.");
                }
                // After a gap there is nothing to tie the row to.
                else if (follows && Hash(key, last?.Hash ?? "", row) != row.Hash)
                    Add($"{Name(row)} is not as it was written, or the one before it is not.");
                if (row.Seq == kept?.Number && row.Hash != kept?.Hash)
                    Add($"{Name(row)} is another one than this node wrote down at {kept!.At.UtcDateTime:yyyy-MM-dd HH:mm} UTC.");
                last = row;
            }
            whole = batch.Count < Batch;
        }
        if (kept is not null && (last?.Seq ?? 0) < kept.Number)
            Add(Missing((last?.Seq ?? 0) + 1, kept.Number, $"at the end: at {kept.At.UtcDateTime:yyyy-MM-dd HH:mm} UTC this node wrote down that row {kept.Number} was there."));
        foreach (var row in await database.ReadAsync(session => session.QueryAsync<AuditEntry>(SelectUnchainedSince, new { MostProblems }), cancellation))
            Add($"A row of {Moment(row.At)} ({row.Actor}: {row.Action}) has no number, though the chain had begun.");
        return new(rows, await database.ReadAsync(session => session.SingleAsync<long>(CountUnchained), cancellation), unjudged,
            last is null ? null : new ChainHead(last.Seq!.Value, last.Hash ?? "", DateTimeOffset.FromUnixTimeMilliseconds(last.At)), kept, problems);

        void Add(string problem)
        {
            if (problems.Count < MostProblems)
                problems.Add(problem);
        }
    }

    private static string Name(AuditEntry row) => $"row {row.Seq} of {Moment(row.At)} ({row.Actor}: {row.Action})";

    private static string Missing(long first, long last, string where) => first == last ? $"Row {first} is missing {where}" : $"Rows {first} to {last} are missing {where}";

    private static string Moment(long at) => DateTimeOffset.FromUnixTimeMilliseconds(at).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
