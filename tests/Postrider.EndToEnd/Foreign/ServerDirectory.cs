namespace Postrider.EndToEnd.Foreign;

/// <summary>A temporary directory that servers can enter after they gave up root.</summary>
internal sealed class ServerDirectory : IDisposable
{
    private const UnixFileMode Enter = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
    private const UnixFileMode Write = Enter | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    public ServerDirectory() => Allow(Root, Enter);

    public string Root { get; } = Directory.CreateTempSubdirectory("postrider-foreign-").FullName;

    public string this[string name] => Path.Combine(Root, name);

    public string Folder(string name, bool everybodyWrites = false)
    {
        var path = Directory.CreateDirectory(this[name]).FullName;
        Allow(path, everybodyWrites ? Write : Enter);
        return path;
    }

    public string File(string name, string text)
    {
        System.IO.File.WriteAllText(this[name], text);
        return this[name];
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static void Allow(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            System.IO.File.SetUnixFileMode(path, mode);
    }
}
