using System.Data.Common;
using System.Runtime.InteropServices;
using Postrider.Storage;

namespace Postrider.Server.Hosting;

/// <summary>Gives memory back that is not used. The collector keeps what a start or a burst needed until there is new garbage, and an idle
/// gateway makes little; SQLite keeps the pages that it has read; the C library keeps what SQLite and TLS have freed, in an area for each of
/// several threads, and spreads what comes next over ever more of it.</summary>
internal sealed class QuietMemory(Database database, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Octets: less than this in an interval is rest.</summary>
    private const long Rest = 4 << 20;

    /// <summary>Intervals: without any rest, what the C library keeps is given back this often. It takes some milliseconds.</summary>
    private const int Unrest = 120;

    /// <summary>https://man7.org/linux/man-pages/man3/malloc_trim.3.html; null where the C library has none (musl, and outside of Linux).</summary>
    private static readonly Trimming? Trim =
        NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "malloc_trim", out var address)
            ? Marshal.GetDelegateForFunctionPointer<Trimming>(address) : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        long before = 0, collected = 0, kept = 0;
        for (var intervals = 1; await timer.WaitForNextTickAsync(stoppingToken); intervals++)
        {
            var now = GC.GetTotalAllocatedBytes();
            if (now - before < Rest && now - collected > Worth(kept))
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                await LetGoAsync(stoppingToken);
                GiveBack();
                (collected, kept, intervals) = (now, GC.GetTotalMemory(forceFullCollection: false), 0);
            }
            else if (intervals >= Unrest)
            {
                GiveBack();
                intervals = 0;
            }
            before = now;
        }
    }

    /// <summary>Octets of garbage that are worth a collection, whose work grows with what is kept.</summary>
    private static long Worth(long kept) => Math.Max(Rest, kept / 4);

    private async Task LetGoAsync(CancellationToken stopping)
    {
        try
        {
            await database.GiveBackAsync(stopping);
        }
        catch (Exception wrong) when (wrong is StorageException or DbException)
        {
            // Whoever needs the database says so; here it is about some megabytes.
        }
    }

    private static void GiveBack() => Trim?.Invoke(0);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Trimming(nuint kept);
}
