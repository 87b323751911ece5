using System.Collections.Concurrent;
using System.Collections.Immutable;
using Postrider.Accounts.Providers;
using Postrider.Mail.Doctor;
using Postrider.Smtp;

namespace Postrider.Server.Console.ProviderSetup;

/// <summary>A test of a provider while it runs, and for a while afterwards.</summary>
internal sealed class DoctorRun(string id, string providerId, string? to, DateTimeOffset startedAt)
{
    public string Id => id;
    public string ProviderId => providerId;

    /// <summary>Where a real message goes as the last step.</summary>
    public string? To => to;
    public DateTimeOffset StartedAt => startedAt;

    /// <summary>Those that are done.</summary>
    public ImmutableArray<DoctorStep> Steps { get; private set; } = [];
    public bool IsOver { get; private set; }
    public bool Ok => IsOver && Steps.All(step => step.Ok != false) && Steps.Length > 0;

    /// <summary>What is tried at the moment; null when nothing is.</summary>
    public string? Now => IsOver ? null : DoctorStepName.All.FirstOrDefault(name => !Steps.Any(step => step.Name == name));

    public void Add(DoctorStep step) => Steps = Steps.Add(step);

    public void End() => IsOver = true;
}

/// <summary>Tests that the console began. They live in memory: a page that asks another node, or after a restart, offers to test again.</summary>
internal sealed class DoctorRuns(ProviderDoctor doctor, IHostApplicationLifetime life, TimeProvider time, ILogger<DoctorRuns> log)
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1), LookAgain = TimeSpan.FromMilliseconds(100), Patience = TimeSpan.FromSeconds(2);
    private static readonly Action<ILogger, string, Exception> Failed = LoggerMessage.Define<string>(LogLevel.Error, new EventId(6101), "The test of {Provider} ended unexpectedly");

    private readonly ConcurrentDictionary<string, DoctorRun> runs = new(StringComparer.Ordinal);

    /// <summary>Begins a test; one of the same provider that runs already is as good.</summary>
    public DoctorRun Start(Provider provider, SmtpAddress? to)
    {
        var now = time.GetUtcNow();
        foreach (var old in runs.Values.Where(run => run.IsOver && run.StartedAt < now - Kept))
            runs.TryRemove(old.Id, out _);
        if (to is null && runs.Values.FirstOrDefault(run => run.ProviderId == provider.Id && run is { IsOver: false, To: null }) is { } running)
            return running;
        var run = new DoctorRun(Guid.CreateVersion7(now).ToString("N"), provider.Id, to?.Text, now);
        runs[run.Id] = run;
        _ = Task.Run(() => RunAsync(run, provider, to), CancellationToken.None);
        return run;
    }

    public DoctorRun? Find(string? id, string providerId) => id is not null && runs.GetValueOrDefault(id) is { } run && run.ProviderId == providerId ? run : null;

    /// <summary>Waits until a run has more steps than were seen, is over, or nothing happens for two seconds.</summary>
    public async Task MoreAsync(DoctorRun run, int seen, CancellationToken cancellation)
    {
        for (var since = time.GetTimestamp(); !run.IsOver && run.Steps.Length <= seen && time.GetElapsedTime(since) < Patience;)
            await Task.Delay(LookAgain, time, cancellation);
    }

    private async Task RunAsync(DoctorRun run, Provider provider, SmtpAddress? to)
    {
        try
        {
            await doctor.TestAsync(provider, to, life.ApplicationStopping, run.Add);
        }
        catch (Exception wrong) when (!life.ApplicationStopping.IsCancellationRequested)
        {
            Failed(log, provider.Name, wrong);
            run.Add(new DoctorStep(run.Now ?? DoctorStepName.Message, false, wrong.Message, "The test ended unexpectedly.", "Look at the log of the gateway, then test again."));
        }
        catch (OperationCanceledException)
        {
            // The gateway stops: nobody waits for the rest.
        }
        run.End();
    }
}
