namespace Postrider.Cli;

/// <summary>Files named on the command line; <c>-</c> is standard input.</summary>
internal static class InputFile
{
    public const string StandardInput = "-";

    public static async Task<byte[]> ReadAsync(Call call, string path)
    {
        try
        {
            if (path != StandardInput)
                return await File.ReadAllBytesAsync(path, call.Cancellation);

            using var bytes = new MemoryStream();
            await call.Terminal.In.CopyToAsync(bytes, call.Cancellation);
            return bytes.ToArray();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"could not read {path}: {problem.Message}");
        }
    }

    /// <summary>A secret: one line, whose end an editor or <c>echo</c> may have added.</summary>
    public static async Task<string> ReadSecretAsync(Call call, string option, string path)
    {
        var text = System.Text.Encoding.UTF8.GetString(await ReadAsync(call, path)).TrimStart('\uFEFF').TrimEnd('\r', '\n');
        if (text.Length == 0)
            throw new UsageException($"{option}: {(path == StandardInput ? "standard input" : path)} is empty.");
        return text;
    }
}
