using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Postrider.Server.Console;

/// <summary>The console's style and script, part of the program. Their addresses carry a hash of their content, so a browser keeps them for good.</summary>
internal static class ConsoleAssets
{
    private sealed record Asset(string Address, byte[] Content, byte[] Small, string Type);

    private static readonly FrozenDictionary<string, Asset> ByName = new[] { "tokens.css", "console.css", "htmx.js", "console.js", "passkey.js" }.ToFrozenDictionary(name => name, Read);
    private static readonly FrozenDictionary<string, Asset> ByAddress = ByName.Values.ToFrozenDictionary(asset => asset.Address);

    /// <param name="name">Such as <c>console.css</c>.</param>
    public static string Address(string name) => ByName[name].Address;

    public static void MapConsoleAssets(this IEndpointRouteBuilder routes) => routes.MapGet("/assets/{file}", (string file, HttpContext context) =>
    {
        if (!ByAddress.TryGetValue($"/assets/{file}", out var asset))
            return Results.NotFound();
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.Vary = "Accept-Encoding";
        if (!context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase))
            return Results.Bytes(asset.Content, asset.Type);
        context.Response.Headers.ContentEncoding = "gzip";
        return Results.Bytes(asset.Small, asset.Type);
    }).ExcludeFromDescription();

    private static Asset Read(string name)
    {
        using var stream = typeof(ConsoleAssets).Assembly.GetManifestResourceStream($"Console/{name}")!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        var (stem, ending) = (Path.GetFileNameWithoutExtension(name), Path.GetExtension(name));
        return new($"/assets/{stem}.{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}{ending}", content, Compressed(content),
            ending == ".css" ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8");
    }

    // They hold no secret, so that their length tells nothing; a page's would.
    private static byte[] Compressed(byte[] content)
    {
        using var small = new MemoryStream();
        using (var gzip = new GZipStream(small, CompressionLevel.SmallestSize))
            gzip.Write(content);
        return small.ToArray();
    }
}
