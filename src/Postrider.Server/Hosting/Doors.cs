using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Postrider.Server.Submission;

namespace Postrider.Server.Hosting;

/// <summary>Where the gateway listens.</summary>
internal sealed class Doors
{
    public required IPEndPoint Http { get; init; }
    public required IPEndPoint Smtp { get; init; }
    public IPEndPoint? Smtps { get; init; }

    /// <summary>Kestrel's listeners in the order of their opening, which says what port was taken.</summary>
    private readonly List<(string Name, ListenOptions Options)> open = [];

    public void Open(KestrelServerOptions kestrel)
    {
        kestrel.Listen(Http, listen => open.Add(("http", listen)));
        kestrel.Listen(Smtp, listen =>
        {
            open.Add(("smtp", listen));
            listen.UseConnectionHandler<SubmissionHandler>();
        });
        if (Smtps is null)
            return;
        var certificate = kestrel.ApplicationServices.GetRequiredService<SubmissionCertificate>();
        if (!certificate.IsConfigured)
            throw new GatewayUsageException("The door --smtps needs a certificate: give --smtp-certificate FILE, or set Submission:Certificate.");
        kestrel.Listen(Smtps, listen =>
        {
            open.Add(("smtps", listen));
            listen.UseHttps(https => https.ServerCertificateSelector = (_, _) => certificate.Current);
            listen.UseConnectionHandler<SubmissionHandler>();
        });
    }

    /// <summary>Host and port of a door as it is open now, such as <c>127.0.0.1:2525</c>.</summary>
    public string? Address(string name) => open.Find(door => door.Name == name).Options?.IPEndPoint?.ToString();

    /// <exception cref="GatewayException">The text is not HOST:PORT, or the host has no address.</exception>
    public static IPEndPoint Parse(string option, string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            throw new GatewayUsageException($"{option} is \"{text}\". Write HOST:PORT, such as 127.0.0.1:8080 or 0.0.0.0:587; port 0 takes a free one.");
        var host = text[..colon].Trim('[', ']');
        if (IPAddress.TryParse(host == "*" ? "0.0.0.0" : host == "localhost" ? "127.0.0.1" : host, out var address))
            return new IPEndPoint(address, port);
        throw new GatewayUsageException($"{option}: \"{host}\" is not an IP address. Write one of this machine's, such as 127.0.0.1, or 0.0.0.0 for all.");
    }
}
