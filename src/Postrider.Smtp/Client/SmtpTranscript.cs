using System.Buffers;
using System.Globalization;
using System.Text;

namespace Postrider.Smtp;

/// <summary>What was said about one message, for people. It is put together afterwards, of the envelope and the replies that a result holds
/// anyway: a message that goes through costs nothing for it. Neither the sign-in nor the content is in it.</summary>
public static class SmtpTranscript
{
    /// <summary>Recipients beyond these are counted.</summary>
    public const int MostRecipients = 50;

    /// <summary>In characters; what is longer is cut.</summary>
    public const int Longest = 16 * 1024;

    /// <param name="sent">The content as it was sent.</param>
    public static string Of(SmtpClientSession session, Envelope envelope, MessageContent sent, SendResult result)
    {
        var text = new StringBuilder();
        var (server, utf8) = (session.Capabilities, envelope.Recipients.Append(envelope.From ?? "").Any(NeedsUtf8) || envelope.SmtpUtf8);
        text.Append(CultureInfo.InvariantCulture, $"* {session.Endpoint}{(session.RemoteAddress is { } at ? $" at {at.Address}" : "")}, {(session.TlsProtocol is { } tls ? tls.ToString() : "in clear text")}{(session.AuthenticationMechanism is { } how ? $", signed in with {how}" : "")}\n");
        if (result.MailReply is { IsLocal: true } ours)
            return text.Append("* Nothing was sent: ").Append(ours.Verbatim).ToString();
        Command(text, output => output.WriteMail(envelope, sent, utf8, server));
        Reply(text, result.MailReply);
        var asked = result.MailReply is { IsPositive: true } || server.Pipelining;
        for (var number = 0; asked && number < envelope.Recipients.Count; number++)
        {
            if (number == MostRecipients)
            {
                text.Append(CultureInfo.InvariantCulture, $"* … and {envelope.Recipients.Count - MostRecipients} more recipients\n");
                break;
            }
            var reply = result.RecipientReplies[number];
            if (reply is { IsLocal: true })
            {
                text.Append("* Not asked for: ").Append(reply.Verbatim).Append('\n');
                continue;
            }
            var recipient = number;
            Command(text, output => output.WriteRecipient(envelope, recipient, utf8, server));
            Reply(text, reply);
        }
        if (result.DataReply is not null)
        {
            text.Append("C: DATA\n");
            Reply(text, result.DataReply);
        }
        if (result.FinalReply is not null || result.State == SendState.Uncertain)
        {
            // Without BDAT a server that wants the content although it accepted nobody is answered with a lone dot.
            var isLeft = server.Chunking || result.RecipientReplies.Any(reply => reply is { IsPositive: true });
            text.Append(CultureInfo.InvariantCulture, $"C: {(server.Chunking ? "BDAT, " : "")}{(isLeft ? $"the content ({sent.Length:N0} octets)" : ".")}\n");
            Reply(text, result.FinalReply);
        }
        if (result.Error is { } lost)
            text.Append("* ").Append(lost.Message).Append('\n');
        return text.Length > Longest ? text.ToString(0, Longest) + "…" : text.ToString().TrimEnd('\n');
    }

    private static void Command(StringBuilder text, Action<ArrayBufferWriter<byte>> write)
    {
        var line = new ArrayBufferWriter<byte>(128);
        write(line);
        text.Append("C: ").Append(Encoding.UTF8.GetString(line.WrittenSpan).TrimEnd()).Append('\n');
    }

    private static void Reply(StringBuilder text, SmtpReply? reply) => text.Append(reply is null ? "* no answer" : $"S: {reply.Code}{(reply.Enhanced is { } code ? $" {code}" : "")} {reply.Text.Replace("\n", "\nS: ", StringComparison.Ordinal)}").Append('\n');

    private static bool NeedsUtf8(string address) => SmtpAddress.TryParse(address, out var parsed) && parsed.NeedsSmtpUtf8;
}
