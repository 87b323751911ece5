using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Crashes;

/// <summary>What is behind a 250, seen from the kernel: the write-ahead log is on disk before the reply leaves.</summary>
public sealed class FlushBeforeReplyTests(ITestOutputHelper output)
{
    private const int Messages = 200;

    // T02
    [Fact]
    public async Task A_flush_of_the_log_lies_between_its_last_write_and_each_250()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var trace = Path.GetTempFileName();
        try
        {
            await using (var installation = await Installation.StartAsync(alone: true, wrap: WrittenFiles.Tracer(trace)))
            {
                // Nothing is to be sent meanwhile: then all that is written is written for the one who waits.
                using var paused = await installation.Gateway.Http.PostAsync($"/api/v1/providers/{Installation.ProviderName}/pause", null, cancellation);
                paused.EnsureSuccessStatusCode();
                await new SubmissionLoad(installation.Gateway.Smtp, Chance.NewSeed()).RunAsync(sessions: 1, Messages, cancellation);
                Assert.Equal(0, await installation.Gateway.StopAsync());
            }
            var written = await WrittenFiles.ReadAsync(trace);
            output.WriteLine($"{written.Promises} replies of 250 to a message, {written.PromisesAfterFlush} of them after a flush of what was written");
            Assert.Equal((Messages, Messages), (written.Promises, written.PromisesAfterFlush));
        }
        finally
        {
            File.Delete(trace);
        }
    }
}
