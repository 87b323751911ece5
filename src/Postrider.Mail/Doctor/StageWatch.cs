using Postrider.Smtp;

namespace Postrider.Mail.Doctor;

/// <summary>Says how long each step of opening a session took, and in which one it is.</summary>
internal sealed class StageWatch(TimeProvider time)
{
    private readonly Dictionary<string, TimeSpan> took = [];
    private long since = time.GetTimestamp();

    public SmtpStage Stage { get; private set; } = SmtpStage.Connect;

    public void Enter(SmtpStage stage)
    {
        var step = StepOf(Stage);
        took[step] = took.GetValueOrDefault(step) + time.GetElapsedTime(since);
        since = time.GetTimestamp();
        Stage = stage;
    }

    public void Stop() => Enter(Stage);

    public TimeSpan? Took(string step) => took.TryGetValue(step, out var time) ? time : null;

    /// <summary>Whether the step was begun and left again for another.</summary>
    public bool IsPast(string step) => took.ContainsKey(step) && StepOf(Stage) != step;

    // The name was resolved as a step of its own; that it is resolved again belongs to connecting.
    public static string StepOf(SmtpStage stage) => stage switch
    {
        SmtpStage.Resolve or SmtpStage.Connect => DoctorStepName.Tcp,
        SmtpStage.Tls => DoctorStepName.Tls,
        _ => DoctorStepName.Ehlo,
    };
}
