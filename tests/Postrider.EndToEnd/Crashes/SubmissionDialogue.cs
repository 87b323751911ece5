using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Postrider.EndToEnd.Crashes;

/// <summary>One SMTP connection over a bare socket, so that every reply is seen as it came and a lost connection is nobody's secret.</summary>
internal sealed class SubmissionDialogue : IDisposable
{
    private readonly TcpClient socket;
    private readonly NetworkStream stream;
    private readonly StreamReader replies;

    private SubmissionDialogue(TcpClient socket)
    {
        this.socket = socket;
        stream = socket.GetStream();
        replies = new StreamReader(stream, Encoding.ASCII);
    }

    /// <summary>Connects, reads the greeting and says EHLO.</summary>
    /// <exception cref="IOException">Nobody listens, or the connection was lost.</exception>
    /// <exception cref="SmtpRefusedException">The answer was not the usual one.</exception>
    public static async Task<SubmissionDialogue> OpenAsync(IPEndPoint door, CancellationToken cancellation)
    {
        var socket = new TcpClient { NoDelay = true };
        try
        {
            await socket.ConnectAsync(door, cancellation);
            var dialogue = new SubmissionDialogue(socket);
            await dialogue.ExpectAsync(220, cancellation);
            await dialogue.SayAsync("EHLO load.example\r\n", 250, cancellation);
            return dialogue;
        }
        catch (SocketException nobody)
        {
            socket.Dispose();
            throw new IOException(nobody.Message, nobody);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Goes as far as 354: after this only the content is missing.</summary>
    public async Task BeginAsync(string from, string to, CancellationToken cancellation)
    {
        await SayAsync($"MAIL FROM:<{from}>\r\n", 250, cancellation);
        await SayAsync($"RCPT TO:<{to}>\r\n", 250, cancellation);
        await SayAsync("DATA\r\n", 354, cancellation);
    }

    /// <returns>The text of the 250.</returns>
    public Task<string> FinishAsync(string content, CancellationToken cancellation) => SayAsync(content + ".\r\n", 250, cancellation);

    private async Task<string> SayAsync(string text, int expected, CancellationToken cancellation)
    {
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(text), cancellation);
        }
        catch (IOException)
        {
            // The other side has closed; what it said before stands to be read.
        }
        return await ExpectAsync(expected, cancellation);
    }

    /// <summary>Waits for a reply of that code.</summary>
    public async Task<string> ExpectAsync(int expected, CancellationToken cancellation)
    {
        string? line;
        do
            line = await replies.ReadLineAsync(cancellation) ?? throw new IOException("The connection was closed.");
        while (line.Length > 3 && line[3] == '-');
        var code = int.Parse(line.AsSpan(0, 3), CultureInfo.InvariantCulture);
        return code == expected ? line : throw new SmtpRefusedException(code, line);
    }

    public void Dispose() => socket.Dispose();
}

internal sealed class SmtpRefusedException(int code, string line) : Exception(line)
{
    public int Code => code;
}
