using System.Diagnostics;

namespace Postrider.EndToEnd.Running;

/// <summary>The environment of a process whose clock is not the machine's.</summary>
internal static class FakeClock
{
    private const string How = "FAKETIME";

    /// <summary>A wall clock that is off, such as <c>+3600s</c>; what measures spans goes as always.</summary>
    public static Dictionary<string, string> Off(string by) => new(Of(by)) { ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1" };

    /// <summary>Runs this program once more with clocks and waits that go so many times as fast, in it and in all that it starts: of a process that runs
    /// the clock is settled.</summary>
    /// <returns>Its exit code; null in the process that should go on, since its clock is that one.</returns>
    public static async Task<int?> ElsewhereAsync(string[] arguments, int times)
    {
        var how = $"+0 x{times}";
        if (times == 1 || Environment.GetEnvironmentVariable(How) == how)
            return null;
        var start = new ProcessStartInfo(Environment.ProcessPath!, arguments);
        foreach (var (name, value) in Of(how))
            start.Environment[name] = value;
        using var elsewhere = Process.Start(start)!;
        await elsewhere.WaitForExitAsync();
        return elsewhere.ExitCode;
    }

    private static Dictionary<string, string> Of(string how) => new()
    {
        ["LD_PRELOAD"] = Directory.EnumerateFiles("/usr/lib", "libfaketimeMT.so.1", SearchOption.AllDirectories).FirstOrDefault()
            ?? throw new InvalidOperationException("libfaketime is missing: apt-get install libfaketime"),
        [How] = how, ["FAKETIME_NO_CACHE"] = "1",
    };
}
