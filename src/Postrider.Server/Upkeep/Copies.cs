using System.Globalization;
using Postrider.Server.Hosting;
using Postrider.Storage;
using Postrider.Storage.Copies;

namespace Postrider.Server.Upkeep;

/// <summary>Backup, restore and the move to PostgreSQL, on the data themselves: no server need run for them.</summary>
public static class Copies
{
    /// <summary>Copies an installation into one file, also while it runs.</summary>
    public static async Task<long> BackUpAsync(string data, string? database, string file, IProgress<CopyProgress> progress, CancellationToken cancellation)
    {
        if (File.Exists(file))
            throw new GatewayException($"{file} exists already. Name another file, or remove it.");
        var messages = await DatabaseCopies.BackUpAsync(Storage(data, database), Path.GetFullPath(file), Path.Combine(data, "keys"), TimeProvider.System, progress, cancellation);
        // The console tells when it was; that it cannot be written down makes no backup worthless.
        if (Directory.Exists(data))
            try
            {
                await File.WriteAllTextAsync(DataDirectory.BackupMark(data), TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture) + "\n", cancellation);
            }
            catch (UnauthorizedAccessException)
            {
                await System.Console.Error.WriteLineAsync($"postrider: {data} cannot be written: the console does not know of this backup.");
            }
        return messages;
    }

    /// <param name="compare">Data directory or connection string of the installation that was backed up.</param>
    public static async Task<RestoreReport> RestoreAsync(string file, string data, string? database, string? compare, IProgress<CopyProgress> progress, CancellationToken cancellation)
    {
        if (!File.Exists(file))
            throw new GatewayException($"There is no file {file}.");
        using var directory = DataDirectory.Open(data);
        MakeKeys(directory);
        return await DatabaseCopies.RestoreAsync(Path.GetFullPath(file), Storage(directory.Path, database), directory.Keys,
            compare is null ? null : Directory.Exists(compare) ? Storage(compare, null) : Parse(compare), TimeProvider.System, progress, cancellation);
    }

    public static async Task<IReadOnlyList<CopiedTable>> MoveAsync(string data, string? database, string to, IProgress<CopyProgress> progress, CancellationToken cancellation)
    {
        var target = Parse(to);
        if (!target.IsShared)
            throw new GatewayUsageException("--to must be the connection string of a PostgreSQL database, such as \"Host=db.example.org;Database=postrider;Username=postrider\".");
        var source = Storage(data, database);
        if (source.IsShared)
            throw new GatewayUsageException("The installation is on PostgreSQL already.");
        if (!Directory.Exists(data))
            throw new GatewayException($"There is no data directory {data}.");
        // Whoever runs on it would go on sending what is copied.
        using var directory = DataDirectory.Open(data);
        return await DatabaseCopies.MoveAsync(source, target, directory.Keys, TimeProvider.System, progress, cancellation);
    }

    private static StorageOptions Storage(string data, string? database) =>
        database is { Length: > 0 } ? Parse(database) : StorageOptions.ForFile(Path.Combine(data, "postrider.db"));

    private static StorageOptions Parse(string connection)
    {
        try
        {
            var options = new StorageOptions { ConnectionString = connection };
            _ = options.IsShared;
            return options;
        }
        catch (StorageException wrong)
        {
            throw new GatewayUsageException(wrong.Message, wrong);
        }
    }

    private static void MakeKeys(DataDirectory directory)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(directory.Keys);
        else
            Directory.CreateDirectory(directory.Keys, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
