using System.Net;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Postrider.Smtp;

namespace Postrider.EndToEnd.Foreign;

/// <summary>The SMTP client that everybody uses, kept from printing messages anew: what it makes of octets on the wire is what ours must make of them.</summary>
internal sealed class OracleClient : SmtpClient
{
    private OracleClient()
    {
        CheckCertificateRevocation = false;
        DeliveryStatusNotificationType = DeliveryStatusNotificationType.HeadersOnly;
    }

    public static async Task<OracleClient> ConnectAsync(int port, SaslMechanism mechanism, CancellationToken cancellation)
    {
        var client = new OracleClient();
        // Without NoDelay every message would wait for an acknowledgement.
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
        await client.ConnectAsync(socket, "localhost", port, SecureSocketOptions.StartTls, cancellation);
        await client.AuthenticateAsync(mechanism, cancellation);
        return client;
    }

    public async Task SendAsync(Sample sample, CancellationToken cancellation)
    {
        using var message = await MimeMessage.LoadAsync(new MemoryStream(sample.Bytes), cancellation);
        message.Body = new Octets(sample.Bytes, message.Body!.Headers);
        var format = FormatOptions.Default.Clone();
        format.International = sample.IsInternational;
        // By this it chooses what to say in MAIL; what the message does not say of itself is not written into it.
        if (!message.Body.Headers.Contains(HeaderId.ContentTransferEncoding))
        {
            format.HiddenHeaders.Add(HeaderId.ContentTransferEncoding);
            message.Body.Headers[HeaderId.ContentTransferEncoding] = MessageContent.BodyOf(sample.Bytes) switch { SmtpBody.SevenBit => "7bit", SmtpBody.EightBitMime => "8bit", _ => "binary" };
        }
        await SendAsync(format, message, new MailboxAddress("", sample.From ?? ""), sample.Recipients.Select(address => new MailboxAddress("", address)), cancellation);
    }

    /// <summary>In two steps, as the token does not fit a line of 512 octets (RFC 4954 section 4).</summary>
    public sealed class TwoSteps(string user, string token) : SaslMechanismOAuth2(user, token)
    {
        public override bool SupportsInitialResponse => false;
    }

    protected override string GetEnvelopeId(MimeMessage message) => OracleTests.EnvelopeId;

    protected override DeliveryStatusNotification? GetDeliveryStatusNotifications(MimeMessage message, MailboxAddress mailbox) =>
        DeliveryStatusNotification.Failure | DeliveryStatusNotification.Delay;

    /// <summary>A body that prints itself as the octets it is made of.</summary>
    private sealed class Octets : MimePart
    {
        private readonly byte[] body;

        public Octets(byte[] message, HeaderList headers)
        {
            body = message[(message.AsSpan().IndexOf("\r\n\r\n"u8) + 4)..];
            Headers.Clear();
            foreach (var header in headers)
                Headers.Add(header);
        }

        public override void Prepare(EncodingConstraint constraint, int maxLineLength = 78)
        {
            // It is what it is.
        }

        public override void WriteTo(FormatOptions options, Stream stream, bool contentOnly, CancellationToken cancellationToken = default) => stream.Write(Whole(options));

        public override Task WriteToAsync(FormatOptions options, Stream stream, bool contentOnly, CancellationToken cancellationToken = default) =>
            stream.WriteAsync(Whole(options), cancellationToken).AsTask();

        private byte[] Whole(FormatOptions options) => options.EnsureNewLine && body.Length > 0 && !body.AsSpan().EndsWith("\r\n"u8) ? [.. body, .. "\r\n"u8] : body;
    }
}
