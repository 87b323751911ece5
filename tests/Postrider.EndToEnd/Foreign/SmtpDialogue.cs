using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Postrider.EndToEnd.Foreign;

/// <summary>Hands in a message as it is, byte for byte; libraries tidy up first.</summary>
internal static class SmtpDialogue
{
    public static async Task SendAsync(IPEndPoint server, string from, string to, byte[] message)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(server);
        await using var stream = socket.GetStream();
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var stuffed = Encoding.Latin1.GetString(message).Replace("\r\n.", "\r\n..", StringComparison.Ordinal);
        foreach (var (line, code) in new[]
        {
            ("", "220"), ("EHLO test.example\r\n", "250"), ($"MAIL FROM:<{from}> BODY=8BITMIME\r\n", "250"), ($"RCPT TO:<{to}>\r\n", "250"),
            ("DATA\r\n", "354"), (stuffed + ".\r\n", "250"), ("QUIT\r\n", "221"),
        })
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(line));
            string? reply;
            do
                reply = await reader.ReadLineAsync();
            while (reply is { Length: > 3 } && reply[3] == '-');
            Assert.StartsWith(code, reply, StringComparison.Ordinal);
        }
    }
}
