using Npgsql;

namespace Postrider.Storage.Postgres;

/// <summary>Reads a PostgreSQL connection string, in Npgsql's words or as a URI, and adds what Postrider relies on.</summary>
internal static class PostgresAddress
{
    private static readonly string[] Schemes = ["postgres://", "postgresql://"];
    private static readonly string[] HostWords = ["host", "server"];

    /// <summary>As many connections a node; one more listens.</summary>
    public const int Writers = 12, Readers = 12;

    public static bool Recognises(string text) =>
        Schemes.Any(scheme => text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
        || text.Split(';').Any(part => HostWords.Contains(part.Split('=')[0].Trim(), StringComparer.OrdinalIgnoreCase));

    /// <exception cref="StorageException">It cannot be understood. The message repeats nothing of it: there may be a password in it.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string text)
    {
        try
        {
            var settings = Schemes.Any(scheme => text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) ? FromUri(text) : new NpgsqlConnectionStringBuilder(text);
            if (string.IsNullOrEmpty(settings.Host))
                throw new StorageException("The connection string names no host. Write it like \"Host=db.example.org;Database=postrider;Username=postrider\".");
            // Without a word about it the certificate of a server elsewhere is checked: falling back to clear text would hand over password and mail.
            if (!settings.ShouldSerialize("SSL Mode") && !IsThisMachine(settings.Host))
                settings.SslMode = SslMode.VerifyFull;
            settings.Database ??= settings.Username ?? "postrider";
            settings.ApplicationName ??= "postrider";
            settings.MaxPoolSize = Writers + Readers + PostgresGroups.Connections + 4;
            settings.MaxAutoPrepare = 256;
            settings.AutoPrepareMinUsages = 2;
            settings.NoResetOnClose = true;
            settings.Timeout = 5;
            settings.CommandTimeout = 10;
            settings.CancellationTimeout = 1000;
            settings.KeepAlive = 10;
            settings.Enlist = false;
            settings.IncludeErrorDetail = false;
            settings.PersistSecurityInfo = false;
            return settings;
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException or UriFormatException or InvalidCastException or OverflowException)
        {
            throw new StorageException("The PostgreSQL connection string cannot be read. Write it like \"Host=db.example.org;Database=postrider;Username=postrider;Passfile=/etc/postrider/pgpass\" "
                + "or \"postgres://postrider@db.example.org/postrider\"; a password with ; or = in it stands in quotes.");
        }
    }

    private static NpgsqlConnectionStringBuilder FromUri(string text)
    {
        var uri = new Uri(text, UriKind.Absolute);
        var settings = new NpgsqlConnectionStringBuilder { Host = Uri.UnescapeDataString(uri.Host), Database = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/')) };
        if (uri.Port > 0)
            settings.Port = uri.Port;
        if (settings.Database.Length == 0)
            settings.Database = null;
        var user = uri.UserInfo.Split(':', 2);
        if (user[0].Length > 0)
            settings.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length == 2)
            settings.Password = Uri.UnescapeDataString(user[1]);
        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = pair.Split('=', 2) is [var left, var right] ? (left, Uri.UnescapeDataString(right)) : (pair, "");
            // libpq writes sslmode=verify-full; Npgsql reads VerifyFull.
            settings[name.ToLowerInvariant() switch { "sslmode" => "SSL Mode", "sslrootcert" => "Root Certificate", "application_name" => "Application Name", "host" => "Host", var other => other }] =
                name.Equals("sslmode", StringComparison.OrdinalIgnoreCase) ? value.Replace("-", "", StringComparison.Ordinal) : value;
        }
        return settings;
    }

    private static bool IsThisMachine(string host) =>
        host.StartsWith('/') || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || System.Net.IPAddress.TryParse(host, out var address) && System.Net.IPAddress.IsLoopback(address);
}
