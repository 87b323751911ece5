namespace Postrider.Cli;

/// <summary>The command line cannot be carried out as it was written: exit code 2.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>What was tried did not work: exit code 1. The message says what to do.</summary>
internal sealed class FailedException(string message) : Exception(message);
