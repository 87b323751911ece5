using System.Diagnostics;
using System.Globalization;
using Postrider.Simulator;

namespace Postrider.Bench;

/// <summary>Nodemailer with a pool of connections and a token that it is given; installed by npm into a cache directory.</summary>
internal static class Nodemailer
{
    private static readonly string Cache = Path.Combine(Path.GetTempPath(), "postrider-bench-nodemailer");

    public static async Task InstallAsync()
    {
        Directory.CreateDirectory(Cache);
        if (!Directory.Exists(Path.Combine(Cache, "node_modules/nodemailer")))
            await RunAsync("npm", null, "install", "--prefix", Cache, "--no-audit", "--no-fund", "--silent", "nodemailer");
    }

    /// <returns>Processor time of the program, as it tells.</returns>
    public static async Task<TimeSpan> SendAsync(SimulatorApp simulator, int port, string token, int sessions, int total)
    {
        return TimeSpan.FromMicroseconds(double.Parse(await RunAsync("node", token, Path.Combine(AppContext.BaseDirectory, "nodemailer.mjs"), Text(port), Text(sessions), Text(total), simulator.CaFile, Cache), CultureInfo.InvariantCulture));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static async Task<string> RunAsync(string program, string? input, params string[] arguments)
    {
        using var run = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
        await run.StandardInput.WriteLineAsync(input);
        run.StandardInput.Close();
        var (said, failed) = (run.StandardOutput.ReadToEndAsync(), run.StandardError.ReadToEndAsync());
        await run.WaitForExitAsync();
        return run.ExitCode == 0 ? await said : throw new InvalidOperationException($"{program}: {(await failed).Trim()}");
    }
}
