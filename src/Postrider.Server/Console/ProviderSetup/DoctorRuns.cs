using System.Collections.Concurrent;
using System.Collections.Immutable;
using Postrider.Accounts.Providers;
using Postrider.Mail.Doctor;
using Postrider.Server.Hosting;
using Postrider.Smtp;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.ProviderSetup;

/// <summary>A test while it runs, and for a while afterwards.</summary>
/// <param name="subject">A provider's id, or <see cref="Installation"/>.</param>
/// <param name="names">The steps in the order in which they are tried.</param>
internal sealed class DoctorRun(string id, string subject, string? to, DateTimeOffset startedAt, IReadOnlyList<string> names)
{
    /// <summary>What is tested is the installation itself.</summary>
    public const string Installation = "installation";

    private TaskCompletionSource next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Id => id;
    public string Subject => subject;

    /// <summary>Where a real message goes as the last step.</summary>
    public string? To => to;
    public DateTimeOffset StartedAt => startedAt;

    /// <summary>Those that are done.</summary>
    public ImmutableArray<DoctorStep> Steps { get; private set; } = [];
    public bool IsOver { get; private set; }
    public bool Ok => IsOver && Steps.All(step => step.Ok != false) && Steps.Length > 0;

    /// <summary>What is tried at the moment; null when nothing is.</summary>
    public string? Now => IsOver ? null : names.FirstOrDefault(name => !Steps.Any(step => step.Name == name));

    /// <summary>Ends with the next step, and with the run. Take it before looking, or something happens in between.</summary>
    public Task Next => next.Task;

    public void Add(DoctorStep step)
    {
        Steps = Steps.Add(step);
        Tell();
    }

    public void End()
    {
        IsOver = true;
        Tell();
    }

    private void Tell() => Interlocked.Exchange(ref next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
}

/// <summary>The lines of a test as they are shown.</summary>
/// <param name="More">Where the lines that come are asked for; it has a query already.</param>
/// <param name="Seen">So many steps are on the page already.</param>
/// <param name="Live">An answer to a page that is shown already.</param>
/// <param name="SummaryId">The element that says what came of it.</param>
internal sealed record DoctorRows(DoctorRun Run, string More, int Seen, bool Live, string SummaryId)
{
    /// <summary>The one colour, shape and word of a step's outcome.</summary>
    public static (string Colour, string Shape, string Word) Mark(DoctorStatus status) => status switch
    {
        DoctorStatus.Ok => ("ok", "✓", T["works"]), DoctorStatus.Warning => ("warn", "◷", T["works, with a warning"]), DoctorStatus.Failed => ("bad", "✕", T["failed"]), _ => ("muted", "–", T["skipped"]),
    };
}

/// <summary>Tests that the console began. They live in memory: a page that asks another node, or after a restart, offers to test again.</summary>
internal sealed class DoctorRuns(ProviderDoctor doctor, InstallationDoctor installation, IHostApplicationLifetime life, TimeProvider time, ILogger<DoctorRuns> log)
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1), Patience = TimeSpan.FromSeconds(2);
    private static readonly Action<ILogger, string, Exception> Failed = LoggerMessage.Define<string>(LogLevel.Error, new EventId(6101), "The test of {Provider} ended unexpectedly");

    private readonly ConcurrentDictionary<string, DoctorRun> runs = new(StringComparer.Ordinal);

    /// <summary>Begins a test; one of the same provider that runs already is as good.</summary>
    public DoctorRun Start(Provider provider, SmtpAddress? to) =>
        Start(provider.Id, provider.Name, to, DoctorStepName.All, (tell, cancellation) => doctor.TestAsync(provider, to, cancellation, tell));

    /// <summary>Begins a test of the installation itself.</summary>
    public DoctorRun StartInstallation() =>
        Start(DoctorRun.Installation, DoctorRun.Installation, null, InstallationDoctor.Steps, (tell, cancellation) => installation.TestAsync(cancellation, tell));

    private DoctorRun Start(string subject, string name, SmtpAddress? to, IReadOnlyList<string> names, Func<Action<DoctorStep>, CancellationToken, Task> test)
    {
        var now = time.GetUtcNow();
        foreach (var old in runs.Values.Where(run => run.IsOver && run.StartedAt < now - Kept))
            runs.TryRemove(old.Id, out _);
        if (to is null && runs.Values.FirstOrDefault(run => run.Subject == subject && run is { IsOver: false, To: null }) is { } running)
            return running;
        var run = new DoctorRun(Guid.CreateVersion7(now).ToString("N"), subject, to?.Text, now, names);
        runs[run.Id] = run;
        _ = Task.Run(() => RunAsync(run, name, test), CancellationToken.None);
        return run;
    }

    /// <summary>The last test of a provider, or of the installation.</summary>
    public DoctorRun? Latest(string subject) => runs.Values.Where(run => run.Subject == subject).MaxBy(run => run.Id, StringComparer.Ordinal);

    public DoctorRun? Find(string? id, string subject) => id is not null && runs.GetValueOrDefault(id) is { } run && run.Subject == subject ? run : null;

    /// <summary>Waits until a run has more steps than were seen, is over, or nothing happens for two seconds.</summary>
    public async Task MoreAsync(DoctorRun run, int seen, CancellationToken cancellation)
    {
        var next = run.Next;
        if (run.IsOver || run.Steps.Length > seen)
            return;
        try
        {
            await next.WaitAsync(Patience, time, cancellation);
        }
        catch (TimeoutException)
        {
            // The page says that the step is still tried, and asks again.
        }
    }

    private async Task RunAsync(DoctorRun run, string name, Func<Action<DoctorStep>, CancellationToken, Task> test)
    {
        try
        {
            await test(run.Add, life.ApplicationStopping);
        }
        catch (Exception wrong) when (!life.ApplicationStopping.IsCancellationRequested)
        {
            Failed(log, name, wrong);
            run.Add(new DoctorStep(run.Now ?? DoctorStepName.Message, false, wrong.Message, "The test ended unexpectedly.", "Look at the log of the gateway, then test again."));
        }
        catch (OperationCanceledException)
        {
            // The gateway stops: nobody waits for the rest.
        }
        run.End();
    }
}
