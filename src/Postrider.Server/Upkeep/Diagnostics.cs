using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Postrider.Accounts.Providers;
using Postrider.Mail.Delivery;
using Postrider.Mail.Doctor;
using Postrider.Server.Api;
using Postrider.Server.Hosting;
using Postrider.Storage;

namespace Postrider.Server.Upkeep;

/// <summary>What somebody who helps needs to know of an installation, in one document that holds no secret: versions, settings, nodes, counts,
/// the doctor's findings and the last lines of the log.</summary>
internal sealed class Diagnostics(IConfiguration configuration, Database database, DiskSpace disk, Nodes nodes, ProviderDirectory providers, InstallationDoctor doctor, RecentLog log, TimeProvider time)
{
    /// <summary>What is ours; the environment has much that is not.</summary>
    private static readonly string[] Ours = ["Http", "Smtp", "Smtps", "Data", "PublicUrl", "KnownProxies", "Mail", "Alerts", "Submission", "KeyRing", "Console", "Logging"];

    private static readonly string[] SecretWords = ["secret", "password", "passphrase", "token", "credential", "key"];

    private static readonly JsonSerializerOptions Style = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string Counts = """
        select 'messages, ' || state as name, count(*) as count from messages group by state
        union all select 'queue, attempted', count(*) from queue where attempts > 0
        union all select 'queue, held', count(*) from queue where held_at is not null
        union all select 'clients', count(*) from clients
        union all select 'API keys', count(*) from api_keys
        union all select 'people', count(*) from people
        union all select 'webhooks', count(*) from webhooks
        union all select 'open alerts', count(*) from incidents where recovered_at is null
        union all select 'audit rows', count(*) from audit_log
        order by name
        """;

    private sealed class Counted
    {
        public string Name { get; init; } = "";
        public long Count { get; init; }
    }

    public async Task<string> WriteAsync(CancellationToken cancellation)
    {
        var counts = await database.ReadAsync(session => session.QueryAsync<Counted>(Counts), cancellation);
        var examined = await doctor.TestAsync(cancellation);
        return new JsonObject
        {
            ["madeAt"] = Time(time.GetUtcNow()), ["version"] = Nodes.Version, ["runtime"] = RuntimeInformation.FrameworkDescription, ["system"] = $"{RuntimeInformation.OSDescription} {RuntimeInformation.OSArchitecture}",
            ["database"] = database.IsShared ? "PostgreSQL" : "SQLite", ["databaseOctets"] = await database.SizeAsync(cancellation), ["disk"] = disk.Now().ToString(),
            ["settings"] = new JsonObject(Settings().Select(setting => KeyValuePair.Create(setting.Key, (JsonNode?)JsonValue.Create(setting.Value)))),
            ["nodes"] = new JsonArray([.. (await nodes.ListAsync(cancellation)).Select(node => new JsonObject
            {
                ["name"] = node.Name, ["address"] = node.Address, ["version"] = node.Version, ["live"] = node.IsLive, ["startedAt"] = Time(node.StartedAt), ["seenAt"] = Time(node.SeenAt),
                ["leases"] = node.Leases, ["lanes"] = node.Lanes, ["warning"] = node.Warning,
            })]),
            ["providers"] = new JsonArray([.. providers.All.Select(provider => new JsonObject
            {
                ["name"] = provider.Name, ["type"] = provider.Type.ToString(), ["server"] = string.Create(CultureInfo.InvariantCulture, $"{provider.Address}:{provider.Port}"),
                ["state"] = ProviderWire.State(provider.State), ["reason"] = provider.StateReason,
            })]),
            ["counts"] = new JsonObject(counts.Select(count => KeyValuePair.Create(count.Name, (JsonNode?)JsonValue.Create(count.Count)))),
            ["doctor"] = new JsonArray([.. examined.Steps.Select(step => new JsonObject
            {
                ["step"] = step.Name, ["status"] = step.Status.ToString(), ["detail"] = step.Detail, ["cause"] = step.Cause, ["remedy"] = step.Remedy,
            })]),
            ["log"] = new JsonArray([.. log.Lines.Select(line => JsonValue.Create(line))]),
        }.ToJsonString(Style);
    }

    /// <summary>What is set, under its name; of what may be secret only that it is set.</summary>
    private IEnumerable<KeyValuePair<string, string>> Settings() => Ours.SelectMany(name => configuration.GetSection(name).AsEnumerable()).Where(setting => setting.Value is { Length: > 0 })
        .Select(setting => KeyValuePair.Create(setting.Key, Harmless(setting.Key, setting.Value!))).OrderBy(setting => setting.Key, StringComparer.OrdinalIgnoreCase);

    internal static string Harmless(string key, string value)
    {
        // The section of the key ring is named for keys and holds none.
        var name = key[(key.IndexOf(':', StringComparison.Ordinal) + 1)..];
        var isPath = name.EndsWith("File", StringComparison.OrdinalIgnoreCase);
        return !isPath && SecretWords.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase)) ? "(set)"
            : Uri.TryCreate(value, UriKind.Absolute, out var address) && address.UserInfo.Length + address.Query.Length > 0 ? address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
            : value;
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
