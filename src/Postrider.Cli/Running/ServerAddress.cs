using System.Net.Sockets;

namespace Postrider.Cli;

/// <summary>Where the server is and the key to it, with how both were found, so that errors can say so.</summary>
internal sealed record ServerAddress(Uri Url, string UrlSource, string Key, string KeySource, string? Data)
{
    private const string Default = "http://127.0.0.1:8080";

    public static ServerAddress Find(Call call)
    {
        var data = DataDirectory.Find(call);
        var (url, urlSource, given) = FindUrl(call, data);
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new UsageException($"The address '{url}' from {urlSource} is no address of a server. Write it as http://HOST:PORT.");

        var (key, keySource) = FindKey(call, data, mayBorrow: !given || address.IsLoopback);
        return new ServerAddress(address, urlSource, key, keySource, data?.Path);
    }

    /// <summary>Words for a connection that did not come about.</summary>
    public string NotReached(HttpRequestException problem) =>
        $"could not reach {Url} ({Reason(problem)}).\n  The address comes from {UrlSource}.\n  "
        + (Url.IsLoopback
            ? $"Start the server with: postrider serve --data {Data ?? "./postrider-data"}"
            : "Check that the server runs and that this machine may reach it, or give another address with --url.");

    public string TooSlow(TimeSpan waited) =>
        $"{Url} did not answer within {waited.TotalSeconds:0} s.\n  The address comes from {UrlSource}.\n  Look at the server's log; what was asked may still be done.";

    private static (string Url, string Source, bool Given) FindUrl(Call call, DataDirectory? data)
    {
        var urls = (call.Get(GlobalOptions.Url) ?? []).Where(url => !LandedAddress.Looks(url)).ToList();
        if (urls.Count > 1)
            throw new UsageException("--url names the server once.");
        if (urls.Count == 1)
            return (urls[0], "--url", true);
        if (call.Terminal.Variable("POSTRIDER_URL") is { } variable)
            return (variable, "POSTRIDER_URL", true);
        if (data?.Read("url") is { } written)
            return (written, data.File("url"), false);
        return (Default, "the default (no --url, no POSTRIDER_URL, no data directory of a running server)", false);
    }

    // The key of this machine's server must not travel to whatever host an address names.
    private static (string Key, string Source) FindKey(Call call, DataDirectory? data, bool mayBorrow)
    {
        if (call.Get(GlobalOptions.Key) is { Length: > 0 } option)
            return (option, "--key");
        if (call.Terminal.Variable("POSTRIDER_KEY") is { } variable)
            return (variable, "POSTRIDER_KEY");
        if (data is not null && (mayBorrow || data.Given) && data.Read("admin.key") is { } kept)
            return (kept, data.File("admin.key"));

        throw new UsageException("no key was given. Use --key, POSTRIDER_KEY, or --data with the directory of a server on this machine"
            + (data is null ? "." : $" ({data.File("admin.key")} was {(mayBorrow ? "not there" : "not used for another machine")})."));
    }

    private static string Reason(HttpRequestException problem) => problem.InnerException switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "connection refused",
        SocketException { SocketErrorCode: SocketError.HostNotFound } => "no such host",
        { } inner => inner.Message.TrimEnd('.'),
        null => problem.Message.TrimEnd('.'),
    };
}
