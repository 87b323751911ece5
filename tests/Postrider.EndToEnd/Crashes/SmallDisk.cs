using System.Diagnostics;

namespace Postrider.EndToEnd.Crashes;

/// <summary>A file system of its own that is soon full.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    public static SmallDisk Mount(int mebibytes)
    {
        var path = Directory.CreateTempSubdirectory("postrider-disk-").FullName;
        Run($"This test fills a small file system of its own, which takes root: run it as root.", "mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "tmpfs", path);
        return new SmallDisk(path);
    }

    /// <summary>Takes room until so much is free.</summary>
    public void Fill(long leave)
    {
        using var file = new FileStream(Ballast, FileMode.OpenOrCreate, FileAccess.Write);
        file.Seek(0, SeekOrigin.End);
        var block = new byte[64 * 1024];
        for (long free; (free = new DriveInfo(Path).AvailableFreeSpace) > leave;)
            file.Write(block, 0, (int)Math.Min(block.Length, free - leave));
    }

    public void Free() => File.Delete(Ballast);

    public void Dispose()
    {
        Run("The file system could not be taken away.", "umount", "-l", Path);
        Directory.Delete(Path);
    }

    private static void Run(string otherwise, string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{otherwise} {said}");
    }
}
