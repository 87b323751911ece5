namespace Postrider.Cli;

/// <summary>The directory of a server on this machine: <c>serve</c> leaves its address and first key there.</summary>
/// <param name="Path">The directory.</param>
/// <param name="Given">Named by a person rather than found.</param>
internal sealed record DataDirectory(string Path, bool Given)
{
    public static DataDirectory? Find(Call call)
    {
        if ((call.Get(GlobalOptions.Data) ?? call.Terminal.Variable("POSTRIDER_DATA")) is { Length: > 0 } named)
            return new DataDirectory(named, Given: true);

        string[] usual = [System.IO.Path.Combine(call.Terminal.WorkingDirectory, "postrider-data"), "/var/lib/postrider"];
        return usual.Where(Directory.Exists).Select(path => new DataDirectory(path, Given: false)).FirstOrDefault();
    }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string? Read(string name)
    {
        try
        {
            return System.IO.File.ReadAllText(File(name)).Trim() is { Length: > 0 } text ? text : null;
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            throw new FailedException($"may not read {File(name)}. Run as the user that runs the server, or use --key.");
        }
    }
}
