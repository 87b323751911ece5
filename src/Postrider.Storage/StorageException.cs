namespace Postrider.Storage;

/// <summary>The database cannot be used as it is; the message says why and what to do.</summary>
public class StorageException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>There is no room on the disk, or only what is kept for the mail that was accepted. Nothing was written; a later try may succeed.</summary>
public sealed class StorageFullException(Exception? inner = null)
    : StorageException("The disk that holds the database is full. Free some space; nothing that was accepted is lost.", inner);

/// <summary>The database does not answer. What was being written may have been committed or not; a later try may succeed.</summary>
public sealed class StorageUnavailableException(string message, Exception? inner = null) : StorageException(message, inner);
