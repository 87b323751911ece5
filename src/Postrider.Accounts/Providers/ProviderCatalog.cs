using System.Text.Json;
using System.Text.Json.Serialization;

namespace Postrider.Accounts.Providers;

/// <summary>What is known in advance about a provider: an entry of <c>catalog.json</c>. What is absent there is empty or zero here.</summary>
public sealed record ProviderPreset
{
    public required string Name { get; init; }
    public required string Type { get; init; }
    public required string Title { get; init; }

    /// <summary>The vendor's page that the entry rests on.</summary>
    public required string Documentation { get; init; }

    /// <summary>Where the application is registered.</summary>
    public string Portal { get; init; } = "";
    public string Address { get; init; } = "";
    public int Port { get; init; }
    public string Security { get; init; } = "";

    /// <summary>Where its mailboxes are read, as <c>host:port</c>.</summary>
    public string ImapAddress { get; init; } = "";
    public string Authority { get; init; } = "";
    public string AuthorizeUrl { get; init; } = "";
    public string TokenUrl { get; init; } = "";
    public string DeviceUrl { get; init; } = "";
    public string Tenant { get; init; } = "";
    public string Scope { get; init; } = "";

    /// <summary>The scope for client credentials, where they are another.</summary>
    public string AppScope { get; init; } = "";
    public string Grant { get; init; } = "";

    /// <summary>Scopes added to a sign-in where they are missing.</summary>
    // A member that the file leaves out comes as null from the generated reader.
    public IReadOnlyList<string> AuthorizeScopes { get; init => field = value ?? []; } = [];
    public IReadOnlyDictionary<string, string> AuthorizeParameters { get; init => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();

    /// <summary>Whether a refresh names the scope. Microsoft picks the resource of the token by it.</summary>
    public bool RefreshScope { get; init; }
    public SendingLimits Limits { get; init; } = new(0, 0, 0, 0);

    /// <summary>What an administrator should know of this provider.</summary>
    public IReadOnlyList<string> Quirks { get; init; } = [];
}

/// <summary>The presets, and what they fill in.</summary>
public static class ProviderCatalog
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    public static IReadOnlyList<ProviderPreset> All { get; } = Read();

    public static ProviderPreset? Find(string name) => All.FirstOrDefault(preset => preset.Name == name);

    /// <summary>The entry that a provider goes by: the one it names, else the one named like its type.</summary>
    public static ProviderPreset Of(ProviderSettings provider) =>
        Find(provider.Preset) ?? Find(provider.Type) ?? Find(ProviderType.OAuth2)!;

    /// <summary>Fills what is not set. Absent members of <see cref="SendingLimits"/> are below zero.</summary>
    public static T Fill<T>(T settings, string defaultRedirectUri) where T : ProviderSettings
    {
        var preset = Find(Or(settings.Preset, settings.Type));
        if (preset is null || (settings.Type.Length > 0 && preset.Type != settings.Type))
            return settings with { DisplayName = Or(settings.DisplayName, settings.Name) };
        var grant = Or(settings.Grant, preset.Grant);
        var asApp = grant == ProviderGrant.ClientCredentials;
        // URLs of the catalog belong to the catalog's authority. Another authority is asked for its own.
        var sameAuthority = Or(settings.Authority, preset.Authority) == preset.Authority;
        return settings with
        {
            DisplayName = Or(settings.DisplayName, settings.Name),
            Type = preset.Type,
            Preset = preset.Name,
            Address = Or(settings.Address, preset.Address),
            Port = settings.Port is 0 ? preset.Port : settings.Port,
            Security = Or(settings.Security, preset.Security),
            ImapAddress = Or(settings.ImapAddress, settings.ReadReports ? preset.ImapAddress ?? "" : ""),
            Tenant = Or(settings.Tenant, preset.Tenant),
            Authority = Or(settings.Authority, preset.Authority),
            AuthorizeUrl = sameAuthority ? Or(settings.AuthorizeUrl, preset.AuthorizeUrl) : Unless(settings.AuthorizeUrl, preset.AuthorizeUrl),
            TokenUrl = sameAuthority ? Or(settings.TokenUrl, preset.TokenUrl) : Unless(settings.TokenUrl, preset.TokenUrl),
            DeviceUrl = sameAuthority ? Or(settings.DeviceUrl, preset.DeviceUrl) : Unless(settings.DeviceUrl, preset.DeviceUrl),
            Scope = Or(settings.Scope, asApp ? Or(preset.AppScope, preset.Scope) : preset.Scope),
            Grant = grant,
            RedirectUri = grant == ProviderGrant.AuthorizationCode ? Or(settings.RedirectUri, defaultRedirectUri) : settings.RedirectUri,
            Limits = new(
                Or(settings.Limits.Connections, preset.Limits.Connections),
                Or(settings.Limits.MessagesPerMinute, preset.Limits.MessagesPerMinute),
                Or(settings.Limits.RecipientsPerDay, preset.Limits.RecipientsPerDay),
                settings.Limits.MessageBytes < 0 ? preset.Limits.MessageBytes : settings.Limits.MessageBytes),
        };
    }

    /// <summary>Limits of which nothing is set.</summary>
    public static SendingLimits NoLimitsGiven { get; } = new(-1, -1, -1, -1);

    private static string Or(string given, string preset) => given.Length > 0 ? given : preset;
    private static int Or(int given, int preset) => given < 0 ? preset : given;
    private static string Unless(string given, string preset) => given == preset ? "" : given;

    private static List<ProviderPreset> Read()
    {
        using var stream = typeof(ProviderCatalog).Assembly.GetManifestResourceStream("Providers/catalog.json")!;
        return JsonSerializer.Deserialize<List<ProviderPreset>>(stream, Strict)!;
    }
}
