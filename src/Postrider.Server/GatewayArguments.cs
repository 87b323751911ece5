namespace Postrider.Server;

/// <summary>What <c>postrider serve</c> is told on its command line; what is left out comes from the settings.</summary>
public sealed record GatewayArguments
{
    public const string DefaultData = "postrider-data", DefaultHttp = "127.0.0.1:8080", DefaultSmtp = "127.0.0.1:2525";

    /// <summary>The directory of the database, the key ring and the first API key. Made when it does not exist.</summary>
    public string? Data { get; init; }

    /// <summary><c>HOST:PORT</c>; port 0 takes a free one.</summary>
    public string? Http { get; init; }

    public string? Smtp { get; init; }

    /// <summary>A second SMTP door with TLS from the first octet; none when left out.</summary>
    public string? Smtps { get; init; }

    public string? Database { get; init; }
    public string? SmtpCertificate { get; init; }
    public string? SmtpCertificateKey { get; init; }

    /// <summary>Other settings by their names, such as <c>Mail:HostName</c>; they win over files and environment.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();
}
