using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Postrider.Bench.Micro;

/// <summary>The pieces that every message runs through, one by one: time and allocation of each.</summary>
internal static class MicroBenchmarks
{
    /// <param name="args">BenchmarkDotNet's own, such as <c>--filter '*Queue*'</c>; none: all of them.</param>
    public static int Run(string[] args)
    {
        // In this process: what is measured waits for the disk or for nothing, and a process for each would have to be built first.
        var job = Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance);
        var summaries = BenchmarkSwitcher.FromAssembly(typeof(MicroBenchmarks).Assembly)
            .Run(args.Length > 0 ? args : ["--filter", "*"], DefaultConfig.Instance.AddJob(job).WithArtifactsPath(Path.Combine("artifacts", "bench-micro")));
        return summaries.Any(summary => summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success)) ? 1 : 0;
    }
}
