using System.Diagnostics;
using System.Text.RegularExpressions;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Crashes;

/// <summary>What is behind a 250, seen from the kernel: the write-ahead log is on disk before the reply leaves.</summary>
public sealed partial class FlushBeforeReplyTests(ITestOutputHelper output)
{
    private const int Messages = 200;

    [Fact]
    public async Task A_flush_of_the_log_lies_between_its_last_write_and_each_250()
    {
        var cancellation = TestContext.Current.CancellationToken;
        Assert.True(Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(path => File.Exists(Path.Combine(path, "strace"))),
            "This test watches the system calls of the gateway: install strace (Debian and Ubuntu: apt-get install strace).");
        var trace = Path.GetTempFileName();
        try
        {
            // -D: the tracer is the grandchild, so that the process that is started is the gateway itself.
            await using (var installation = await Installation.StartAsync(alone: true, wrap: ["strace", "-D", "-f", "--seccomp-bpf", "-yy", "-s", "20",
                "-e", "trace=fsync,fdatasync,write,writev,pwrite64,pwritev,sendto,sendmsg", "-o", trace]))
            {
                // Nothing is to be sent meanwhile: then all that is written is written for the one who waits.
                using var paused = await installation.Gateway.Http.PostAsync($"/api/v1/providers/{Installation.ProviderName}/pause", null, cancellation);
                paused.EnsureSuccessStatusCode();
                await new SubmissionLoad(installation.Gateway.Smtp, Chance.NewSeed()).RunAsync(sessions: 1, Messages, cancellation);
                Assert.Equal(0, await installation.Gateway.StopAsync());
                await GatewayProcess.EventuallyAsync(() => Task.FromResult(File.ReadLines(trace).LastOrDefault() is { } end && end.Contains("+++ exited") ? end : null), "the trace is complete");
            }
            var (replies, flushed) = Read(File.ReadLines(trace));
            output.WriteLine($"{replies} replies of 250 to a message, {flushed} of them after a flush of what was written");
            Assert.Equal((Messages, Messages), (replies, flushed));
        }
        finally
        {
            File.Delete(trace);
        }
    }

    // A call that another thread interrupts is told in two lines, "<unfinished ...>" and "<... fsync resumed>". A write counts from
    // its beginning and a flush at its end, and the end of a flush covers only what was written before the flush began.
    private static (int Replies, int Flushed) Read(IEnumerable<string> lines)
    {
        var (replies, flushed, written, covered, covers) = (0, 0, 0, 0, 0);
        var flushing = new Dictionary<string, int>();
        var writtenAtReply = 0;
        foreach (var line in lines)
        {
            var thread = line.Split(' ', 2)[0];
            if (Call().Match(line) is { Success: true } call)
            {
                var isLog = line.Contains("-wal>", StringComparison.Ordinal);
                switch (call.Groups[1].Value)
                {
                    case "fsync" or "fdatasync" when isLog && line.EndsWith("<unfinished ...>", StringComparison.Ordinal):
                        flushing[thread] = written;
                        break;
                    case "fsync" or "fdatasync" when isLog && line.EndsWith("= 0", StringComparison.Ordinal):
                        covered = written;
                        break;
                    case "sendto" or "sendmsg" or "write" or "writev" when line.Contains("250 2.0.0 Stored", StringComparison.Ordinal):
                        replies++;
                        // New writes since the reply before, and all of them flushed.
                        if (written > writtenAtReply && covered == written)
                            flushed++;
                        writtenAtReply = written;
                        break;
                    case "write" or "writev" or "pwrite64" or "pwritev" when isLog:
                        written++;
                        break;
                }
            }
            else if (line.Contains("sync resumed>", StringComparison.Ordinal) && line.EndsWith("= 0", StringComparison.Ordinal) && flushing.Remove(thread, out covers))
                covered = Math.Max(covered, covers);
        }
        return (replies, flushed);
    }

    [GeneratedRegex(@"^\d+ +([a-z0-9]+)\(")]
    private static partial Regex Call();
}
