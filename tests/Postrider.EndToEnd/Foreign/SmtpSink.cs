using System.Text;
using System.Text.RegularExpressions;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Foreign;

/// <summary>Postfix's <c>smtp-sink</c>: the last stop, which writes down what it is given.</summary>
internal sealed partial class SmtpSink : IAsyncDisposable
{
    private readonly ServerDirectory directory = new();
    private readonly ForeignProgram program;

    private SmtpSink()
    {
        var template = Path.Combine(directory.Folder("mail", everybodyWrites: true), "message.");
        program = ForeignProgram.Start("smtp-sink", "postfix", "-u", "nobody", "-D", template, $"127.0.0.1:{Port}", "100");
    }

    public int Port { get; } = FreePort.Take();

    public static async Task<SmtpSink> StartAsync()
    {
        var sink = new SmtpSink();
        try
        {
            await sink.program.GreetsAsync(sink.Port);
            return sink;
        }
        catch
        {
            await sink.DisposeAsync();
            throw;
        }
    }

    /// <summary>The messages so far, each with the lines that smtp-sink puts above it (<c>X-Rcpt-Args</c> and others). Line ends are LF.</summary>
    public IReadOnlyList<string> Messages() => [.. Directory.GetFiles(directory["mail"]).Order(StringComparer.Ordinal)
        .SelectMany(file => Beginning().Split(Read(file))).Where(text => text.Length > 0)];

    /// <summary>Waits for a message that ends with these bytes, and returns what stands above them.</summary>
    public Task<string> ArrivesAsync(byte[] original)
    {
        // smtp-sink writes LF for CRLF and adds an empty line.
        var below = Encoding.Latin1.GetString(original).Replace("\r\n", "\n", StringComparison.Ordinal) + "\n";
        return GatewayProcess.EventuallyAsync(() => Task.FromResult(
            Messages().FirstOrDefault(text => text.EndsWith(below, StringComparison.Ordinal)) is { } whole ? whole[..^below.Length] : null), "the message arrives unchanged");
    }

    // smtp-sink removes the file of a session that brought no mail.
    private static string Read(string file)
    {
        try
        {
            return Encoding.Latin1.GetString(File.ReadAllBytes(file));
        }
        catch (FileNotFoundException)
        {
            return "";
        }
    }

    public async ValueTask DisposeAsync()
    {
        await program.DisposeAsync();
        directory.Dispose();
    }

    [GeneratedRegex("(?m)^(?=X-Client-Addr: )")]
    private static partial Regex Beginning();
}
