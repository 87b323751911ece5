using System.Net;
using System.Net.Sockets;

namespace Postrider.Simulator;

/// <summary>The command line of <c>postrider-simulator</c>.</summary>
internal abstract record Arguments
{
    public const string Usage = """
        Usage: postrider-simulator [options]

        A pretend identity platform and SMTP provider for trying Postrider out. Do not expose it.

          --http HOST:PORT      identity platform, mailbox and control API (default 127.0.0.1:8480)
          --smtp HOST:PORT      SMTP with STARTTLS (default 127.0.0.1:8587)
          --smtps HOST:PORT     SMTP with implicit TLS (default 127.0.0.1:8465)
          --certificates DIR    where ca.pem is written (default: a temporary directory)
          --hashes-only         keep hashes of messages, not the messages
          --help                this text

        Port 0 takes a free port. When every door is open it prints one line:
          ready http=http://HOST:PORT smtp=HOST:PORT smtps=HOST:PORT ca=FILE
        """;

    public static Arguments Parse(IReadOnlyList<string> args)
    {
        var options = new SimulatorOptions
        {
            Http = new IPEndPoint(IPAddress.Loopback, 8480),
            Smtp = new IPEndPoint(IPAddress.Loopback, 8587),
            Smtps = new IPEndPoint(IPAddress.Loopback, 8465),
        };
        for (var i = 0; i < args.Count; i++)
        {
            var name = args[i];
            switch (name)
            {
                case "--help" or "-h":
                    return new Help();
                case "--hashes-only":
                    options = options with { RawBytesKept = 0 };
                    continue;
                case "--http" or "--smtp" or "--smtps" or "--certificates":
                    break;
                default:
                    return new Wrong($"unknown argument '{name}'");
            }
            if (++i >= args.Count)
                return new Wrong($"{name} needs a value");
            if (name == "--certificates")
            {
                options = options with { CertificateDirectory = args[i] };
                continue;
            }
            if (!TryEndPoint(args[i], out var endPoint))
                return new Wrong($"{name}: '{args[i]}' is not HOST:PORT; write for example 127.0.0.1:0");
            options = name switch
            {
                "--http" => options with { Http = endPoint },
                "--smtp" => options with { Smtp = endPoint },
                _ => options with { Smtps = endPoint },
            };
        }
        return new Run(options);
    }

    private static bool TryEndPoint(string text, out IPEndPoint endPoint)
    {
        endPoint = new IPEndPoint(IPAddress.None, 0);
        var colon = text.LastIndexOf(':');
        if (colon < 1 || !ushort.TryParse(text.AsSpan(colon + 1), out var port))
            return false;
        var host = text[..colon];
        if (host == "localhost")
            host = "127.0.0.1";
        if (!IPAddress.TryParse(host.Trim('[', ']'), out var address))
            return false;
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && !host.StartsWith('['))
            return false;
        endPoint = new IPEndPoint(address, port);
        return true;
    }

    public sealed record Run(SimulatorOptions Options) : Arguments;

    public sealed record Help : Arguments;

    public sealed record Wrong(string Why) : Arguments;
}
