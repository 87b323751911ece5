namespace Postrider.EndToEnd.Running;

/// <summary>The environment of a process whose clock is not the machine's.</summary>
internal static class FakeClock
{
    /// <summary>A wall clock that is off, such as <c>+1h</c>; what measures spans goes as always.</summary>
    public static Dictionary<string, string> Off(string by) => new(Of(by)) { ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1" };

    /// <summary>Every clock and every wait goes so many times as fast.</summary>
    public static IReadOnlyDictionary<string, string> Faster(int times) => Of($"+0 x{times}");

    private static Dictionary<string, string> Of(string how) => new()
    {
        ["LD_PRELOAD"] = Directory.EnumerateFiles("/usr/lib", "libfaketimeMT.so.1", SearchOption.AllDirectories).FirstOrDefault()
            ?? throw new InvalidOperationException("libfaketime is missing: apt-get install libfaketime"),
        ["FAKETIME"] = how, ["FAKETIME_NO_CACHE"] = "1",
    };
}
