using System.Globalization;

namespace Postrider.Server.Hosting;

/// <summary>The directory that holds everything an installation keeps: database, key ring, first API key. One process uses it at a time.</summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly FileStream lockFile;

    private DataDirectory(string path, FileStream lockFile) => (Path, this.lockFile) = (path, lockFile);

    public string Path { get; }
    public string Database => System.IO.Path.Combine(Path, "postrider.db");
    public string Keys => System.IO.Path.Combine(Path, "keys");
    public string Spool => System.IO.Path.Combine(Path, "spool");
    public string Node => System.IO.Path.Combine(Path, "node");
    public string AdminKey => System.IO.Path.Combine(Path, "admin.key");

    /// <summary>Tells the other commands where this installation's HTTP door is.</summary>
    public string Url => System.IO.Path.Combine(Path, "url");

    /// <summary>When the last backup was made of it, as far as is known.</summary>
    public DateTimeOffset? LastBackup => File.Exists(BackupMark(Path)) && DateTimeOffset.TryParse(File.ReadAllText(BackupMark(Path)), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var made) ? made : null;

    /// <summary>The file that tells when a data directory was backed up.</summary>
    public static string BackupMark(string path) => System.IO.Path.Combine(path, "last-backup");

    /// <exception cref="GatewayException">The directory cannot be used, or another process uses it.</exception>
    public static DataDirectory Open(string path)
    {
        try
        {
            path = System.IO.Path.GetFullPath(path);
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(path);
            else
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var file = new FileStream(System.IO.Path.Combine(path, "postrider.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var directory = new DataDirectory(path, file);
            // Files of messages that were being received when the process ended: none of them was acknowledged.
            if (Directory.Exists(directory.Spool))
                Directory.Delete(directory.Spool, recursive: true);
            return directory;
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new GatewayException($"The data directory {path} cannot be used: {denied.Message} Run as a user who owns it, or name another with --data.", denied);
        }
        catch (IOException busy)
        {
            throw new GatewayException($"The data directory {path} cannot be used, perhaps because another Postrider runs on it: {busy.Message}", busy);
        }
    }

    public void Dispose() => lockFile.Dispose();
}
