using System.Collections.Concurrent;
using System.Globalization;

namespace Postrider.Server.Hosting;

/// <summary>The last lines of the log, in memory, for the diagnostics.</summary>
internal sealed class RecentLog : ILoggerProvider
{
    private const int Most = 400;

    private readonly ConcurrentQueue<string> lines = new();

    public IReadOnlyList<string> Lines => [.. lines];

    public ILogger CreateLogger(string categoryName) => new Writer(this, categoryName);

    private void Add(string line)
    {
        lines.Enqueue(line);
        while (lines.Count > Most)
            lines.TryDequeue(out _);
    }

    public void Dispose()
    {
        // It has nothing to give back, and is written to until the process ends.
    }

    private sealed class Writer(RecentLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Add(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {logLevel} {category}[{eventId.Id}] {formatter(state, exception)}{(exception is null ? "" : " " + exception)}"));
    }
}
