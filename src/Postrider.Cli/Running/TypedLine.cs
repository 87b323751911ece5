namespace Postrider.Cli;

/// <summary>A line that a person may type or a pipe may bring while something else is awaited.
/// The read cannot be called off, so there is one of it and it is left behind at the end.</summary>
internal sealed class TypedLine
{
    private readonly Task<string?> reading;
    private readonly TimeProvider time;
    private bool taken;

    public TypedLine(Terminal terminal)
    {
        time = terminal.Time;
        reading = Task.Run(() => ReadAsync(terminal.In));
    }

    /// <summary>The line once it is there; only the first look gets it.</summary>
    public string? Take()
    {
        if (taken || !reading.IsCompletedSuccessfully)
            return null;
        taken = true;
        return reading.GetAwaiter().GetResult();
    }

    public async Task<string?> WithinAsync(TimeSpan time, CancellationToken cancellation)
    {
        try
        {
            await reading.WaitAsync(time, this.time, cancellation);
        }
        catch (TimeoutException)
        {
            return null;
        }

        return Take();
    }

    // Empty lines are a person's Enter key while waiting.
    private static async Task<string?> ReadAsync(Stream input)
    {
        using var reader = new StreamReader(input, leaveOpen: true);
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.Trim() is { Length: > 0 } text)
                return text;
        }

        return null;
    }
}
