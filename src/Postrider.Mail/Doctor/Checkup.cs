using Postrider.Accounts.Failures;

namespace Postrider.Mail.Doctor;

/// <summary>One test while it runs: collects the steps, and keeps secrets out of them.</summary>
internal sealed class Checkup(TimeProvider time, Action<DoctorStep>? tell = null)
{
    // A word of a few letters may stand in a reply by chance; nobody signs in with it.
    private const int ShortestSecret = 4;

    private readonly List<DoctorStep> steps = [];
    private readonly List<string> secrets = [];

    public TimeProvider Time => time;

    public DoctorReport Report => new([.. steps]);

    public bool Passed(string name) => steps.Exists(step => step.Name == name && step.Ok == true);

    public bool Tried(string name) => steps.Exists(step => step.Name == name);

    /// <summary>From now on no step shows this text, even where a server repeats it.</summary>
    public void Hide(string secret)
    {
        if (secret.Length >= ShortestSecret)
            secrets.Add(secret);
    }

    public void Pass(string name, string detail, TimeSpan? took = null) => Add(new(name, true, detail, Took: took));

    /// <summary>It works, and there is something to say about it.</summary>
    public void Warn(string name, string detail, string cause, string remedy, TimeSpan? took = null) => Add(new(name, true, detail, cause, remedy, took));

    public void Fail(string name, string detail, string cause, string remedy, TimeSpan? took = null) => Add(new(name, false, detail, cause, remedy, took));

    public void Fail(string name, string detail, KnownFailure known, TimeSpan? took = null) => Fail(name, detail, known.Cause, known.Remedy, took);

    /// <summary>Nothing calls for the step.</summary>
    public void LeaveOut(string name, string why) => Add(new(name, null, why));

    /// <summary>The step needs <paramref name="needed"/>; the first of them that failed is the reason.</summary>
    public void Skip(string name, params IReadOnlyList<string> needed)
    {
        var culprit = steps.Find(step => step.Ok == false && needed.Contains(step.Name))?.Name ?? needed[^1];
        LeaveOut(name, $"skipped: {DoctorStepName.InWords(culprit)} did not succeed");
    }

    private void Add(DoctorStep step)
    {
        steps.Add(step with { Detail = Clean(step.Detail), Cause = step.Cause is { } cause ? Clean(cause) : null, Remedy = step.Remedy is { } remedy ? Clean(remedy) : null });
        tell?.Invoke(steps[^1]);
    }

    private string Clean(string text) => secrets.Aggregate(text, (clean, secret) => clean.Replace(secret, "***", StringComparison.Ordinal));
}
