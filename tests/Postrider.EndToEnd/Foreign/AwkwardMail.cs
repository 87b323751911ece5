using System.Text;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Foreign;

/// <summary>A message that is easily harmed: odd folding and order in its header, dots, blanks at line ends, eight-bit text, long lines,
/// empty lines at its end. A signature over it would break with any of them.</summary>
internal static class AwkwardMail
{
    public static byte[] Write(string subject) => Encoding.UTF8.GetBytes(string.Join("\r\n",
        $"Subject: {subject}", "X-Odd:   two\t blanks ", " and a fold", "DATE: Tue, 3 Nov 2026 09:00:00 +0100", $"from: App <{Installation.Mailbox}>",
        "To: someone@example.org", $"Message-ID: <{subject.Replace(' ', '.')}@app.example>", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit", "", ".", "..", ". dots", "Grüße mit Leerzeichen   ", "\t", "From the beginning", new string('x', 990), "", "", ""));

    /// <summary>What stands above the message is trace, and nothing else was added or changed.</summary>
    public static void AssertOnlyTrace(string above)
    {
        var fields = above.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] is not (' ' or '\t'));
        Assert.All(fields, line => Assert.True(line.StartsWith("Received: ", StringComparison.Ordinal)
            // smtp-sink's own.
            || line.StartsWith("X-Client-", StringComparison.Ordinal) || line.StartsWith("X-Helo-", StringComparison.Ordinal)
            || line.StartsWith("X-Mail-", StringComparison.Ordinal) || line.StartsWith("X-Rcpt-", StringComparison.Ordinal), line));
        Assert.Contains("by gateway.example (Postrider)", above, StringComparison.Ordinal);
    }
}
