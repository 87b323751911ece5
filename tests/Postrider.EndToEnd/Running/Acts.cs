using System.Text.Json.Nodes;
using Postrider.Client;
using Postrider.Simulator;

namespace Postrider.EndToEnd.Running;

/// <summary>What tests do with an installation again and again.</summary>
internal static class Acts
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>An access token that is good for nothing by the time it is stored: the first message needs a refresh.</summary>
    public static SimulatorOptions ExpiredToken => new() { Identity = new IdentitySettings { AccessTokenSeconds = 1 } };

    /// <summary>Connects with an access token that has expired, and lets the next ones live as usual.</summary>
    public static async Task<Installation> StartWithExpiredTokenAsync(IReadOnlyDictionary<string, string>? settings = null)
    {
        var installation = await Installation.StartAsync(simulatorOptions: ExpiredToken, settings: settings);
        installation.Simulator.State.Identity = new IdentitySettings();
        return installation;
    }

    /// <summary>Hands in a message over HTTP.</summary>
    public static async Task<string> SendAsync(this Installation installation, string to = "someone@example.org", string provider = Installation.ProviderName) =>
        (await installation.Gateway.Api.Messages.SendAsync(new SendMessage { To = [to], Subject = "Hello", Text = "Hello", Provider = provider })).Id;

    public static async Task<IReadOnlyList<string>> SendManyAsync(this Installation installation, int count, string to = "someone@example.org")
    {
        var ids = new List<string>();
        foreach (var batch in Enumerable.Range(0, count).Chunk(20))
            ids.AddRange(await Task.WhenAll(batch.Select(_ => installation.SendAsync(to))));
        return ids;
    }

    public static Task ArrivedAsync(this Installation installation, int count) =>
        installation.Simulator.State.Messages.ArrivedAsync(count).WaitAsync(Patience);

    public static Task<JsonObject> ProviderIsAsync(this Installation installation, string state, string name = Installation.ProviderName) => GatewayProcess.EventuallyAsync(
        async () => await installation.ProviderAsync(name) is var provider && provider.Text("state") == state ? provider : null, $"provider {name} is {state}");

    /// <summary>Waits until a queued message says why it waits.</summary>
    public static Task<MessageDetail> WaitsBecauseAsync(this Installation installation, string id, string cause) => GatewayProcess.EventuallyAsync(
        async () => await installation.Gateway.Api.Messages.GetAsync(id) is { State: "queued", Cause: { } said } message
                    && said.Contains(cause, StringComparison.OrdinalIgnoreCase) ? message : null, $"message {id} waits because of \"{cause}\"");

    /// <summary>A member of a provider as text; empty when it is not set.</summary>
    public static string Text(this JsonObject provider, string member) => provider[member]?.ToString() ?? "";

    public static long Refreshes(this Installation installation) =>
        installation.Simulator.State.Counters.Read().TokenRequests.GetValueOrDefault("refresh_token");

    public static long SignIns(this Installation installation) => installation.Simulator.State.Counters.Read().AuthAttempts.Values.Sum();
}
