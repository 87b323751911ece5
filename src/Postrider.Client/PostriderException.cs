namespace Postrider.Client;

/// <summary>The gateway refused, and said why.</summary>
public sealed class PostriderException(Problem problem) : Exception(Say(problem))
{
    /// <summary>What went wrong; its <see cref="Problem.Type"/> is stable, its sentences are for people.</summary>
    public Problem Problem { get; } = problem;

    private static string Say(Problem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var errors = problem.Errors?.SelectMany(member => member.Value.Select(error => $"{member.Key}: {error}")) ?? [];
        string?[] sentences = [problem.Title, problem.Detail, .. errors, problem.Remedy];
        return string.Join(' ', sentences.Where(sentence => !string.IsNullOrEmpty(sentence)));
    }
}
