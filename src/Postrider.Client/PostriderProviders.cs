using System.Text.Json.Nodes;

namespace Postrider.Client;

/// <summary>The accounts through which the gateway sends. Members are as the interface names them.</summary>
public sealed class PostriderProviders
{
    private readonly ApiConnection connection;

    internal PostriderProviders(ApiConnection connection) => this.connection = connection;

    public Task<Page<JsonObject>> ListAsync(CancellationToken cancellation = default) =>
        connection.GetAsync("providers", PostriderJson.Default.PageJsonObject, cancellation);

    /// <summary>Known kinds of providers with the values that they fill in.</summary>
    public Task<Page<JsonObject>> PresetsAsync(CancellationToken cancellation = default) =>
        connection.GetAsync("provider-presets", PostriderJson.Default.PageJsonObject, cancellation);

    public Task<JsonObject> GetAsync(string name, CancellationToken cancellation = default) =>
        connection.GetAsync(Path(name), PostriderJson.Default.JsonObject, cancellation);

    public Task<JsonObject> AddAsync(JsonObject provider, CancellationToken cancellation = default) =>
        connection.PostAsync("providers", Body(provider), PostriderJson.Default.JsonObject, cancellation);

    /// <summary>Changes the members given and leaves the others; null clears one.</summary>
    public Task<JsonObject> ChangeAsync(string name, JsonObject members, CancellationToken cancellation = default) =>
        connection.AskAsync(HttpMethod.Patch, Path(name), Body(members), PostriderJson.Default.JsonObject, cancellation);

    public Task RemoveAsync(string name, CancellationToken cancellation = default) =>
        connection.DeleteAsync(Path(name), cancellation);

    /// <summary>Begins a sign-in: <c>authorizeUrl</c> is for a browser, <c>state</c> comes back with it.</summary>
    public Task<JsonObject> AuthorizeAsync(string name, CancellationToken cancellation = default) =>
        PostAsync(name, "authorize", null, cancellation);

    /// <summary>Ends a sign-in with the address that the browser landed on.</summary>
    public Task<JsonObject> CompleteAsync(string name, string url, CancellationToken cancellation = default) =>
        PostAsync(name, "authorize/complete", new JsonObject { ["url"] = url }, cancellation);

    /// <summary>Begins a sign-in on another device: somebody opens <c>verificationUri</c> and types <c>userCode</c>.</summary>
    public Task<JsonObject> StartDeviceAsync(string name, CancellationToken cancellation = default) => PostAsync(name, "device", null, cancellation);

    /// <summary>How far the sign-in on another device is: <c>state</c> is waiting, connected or failed.</summary>
    public Task<JsonObject> DeviceAsync(string name, CancellationToken cancellation = default) =>
        connection.GetAsync($"{Path(name)}/device", PostriderJson.Default.JsonObject, cancellation);

    /// <summary>The certificates that prove the application, the next one first.</summary>
    public Task<Page<JsonObject>> CertificatesAsync(string name, CancellationToken cancellation = default) =>
        connection.GetAsync($"{Path(name)}/certificate", PostriderJson.Default.PageJsonObject, cancellation);

    /// <summary>Makes a key pair; <c>certificate</c> is what is uploaded.</summary>
    public Task<JsonObject> CreateCertificateAsync(string name, CancellationToken cancellation = default) => PostAsync(name, "certificate", null, cancellation);

    /// <summary>Makes another certificate beside the one in use.</summary>
    public Task<JsonObject> RollCertificateAsync(string name, CancellationToken cancellation = default) => PostAsync(name, "certificate/roll", null, cancellation);

    /// <summary>Writes the scope that works into the settings.</summary>
    public Task<JsonObject> KeepScopeAsync(string name, CancellationToken cancellation = default) => PostAsync(name, "scope/keep", null, cancellation);

    /// <summary>Tries each step from the name's address to a message; <c>steps</c> says what came of each.</summary>
    /// <param name="name">The provider.</param>
    /// <param name="to">Where to send a test message; without it none is sent.</param>
    /// <param name="cancellation">Ends the wait for the steps.</param>
    public Task<JsonObject> TestAsync(string name, string? to = null, CancellationToken cancellation = default) =>
        PostAsync(name, "test", to is null ? [] : new JsonObject { ["to"] = to }, cancellation);

    /// <summary>Makes providers of what other programs knew: all of them or none.</summary>
    public Task<ProviderImportResult> ImportAsync(ProviderImportRequest request, CancellationToken cancellation = default) =>
        connection.PostAsync("providers/import", ApiConnection.Json(request, PostriderJson.Default.ProviderImportRequest), PostriderJson.Default.ProviderImportResult, cancellation);

    /// <summary>The script that registers a provider's application.</summary>
    /// <param name="name">The provider.</param>
    /// <param name="kind">azure-cli, powershell or graph.</param>
    /// <param name="way">app-role or rbac, for client credentials.</param>
    /// <param name="credential">secret or certificate.</param>
    /// <param name="cancellation">Ends the request.</param>
    public async Task<string> ScriptAsync(string name, string kind, string? way = null, string? credential = null, CancellationToken cancellation = default)
    {
        using var response = await connection.OpenAsync(QueryText.With($"{Path(name)}/script", ("for", kind), ("way", way), ("credential", credential)), cancellation);
        return await response.Content.ReadAsStringAsync(cancellation);
    }

    public Task<JsonObject> EnableAsync(string name, CancellationToken cancellation = default) =>
        PostAsync(name, "enable", null, cancellation);

    public Task<JsonObject> DisableAsync(string name, CancellationToken cancellation = default) =>
        PostAsync(name, "disable", null, cancellation);

    /// <summary>Holds the provider's queue; mail is still accepted for it.</summary>
    public Task<JsonObject> PauseAsync(string name, CancellationToken cancellation = default) =>
        PostAsync(name, "pause", null, cancellation);

    public Task<JsonObject> ResumeAsync(string name, CancellationToken cancellation = default) =>
        PostAsync(name, "resume", null, cancellation);

    private Task<JsonObject> PostAsync(string name, string act, JsonObject? body, CancellationToken cancellation) =>
        connection.PostAsync($"{Path(name)}/{act}", body is null ? null : Body(body), PostriderJson.Default.JsonObject, cancellation);

    private static string Path(string name) => $"providers/{QueryText.Segment(name)}";

    private static HttpContent Body(JsonObject body) => ApiConnection.Json(body, PostriderJson.Default.JsonObject);
}
