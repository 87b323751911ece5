using System.Globalization;
using System.Net;
using Postrider.Client;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd;

/// <summary>What a collector reads: the names that are documented, the right numbers, and nobody's address.</summary>
public sealed class MetricsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_numbers_are_those_of_the_mail_and_name_no_address()
    {
        await using var installation = await Installation.StartAsync(alone: true);
        await installation.Gateway.Api.Providers.ChangeAsync(Installation.ProviderName, new() { ["clientSecretExpiresAt"] = TimeProvider.System.GetUtcNow().AddDays(5).ToString("o") }, Stop);
        foreach (var id in await installation.SendManyAsync(3))
            await installation.Gateway.MessageIsAsync(id, "sent");
        var failed = await installation.SendAsync("550+nobody@example.org");
        await installation.Gateway.MessageIsAsync(failed, "failed");
        using var stranger = new HttpClient();
        var url = new Uri(installation.Gateway.HttpUrl, "/metrics");
        var text = await GatewayProcess.EventuallyAsync(async () => await stranger.GetStringAsync(url, Stop) is var read && Value(read, "postrider_delivery_attempts", "outcome=\"sent\"") >= 4
            && Value(read, "postrider_alert_open", "severity=\"warning\"") == 1 ? read : null, "the metrics follow");
        Assert.Equal(4, Value(text, "postrider_message_accepted", "source=\"http\""));
        Assert.Equal(1, Value(text, "postrider_delivery_attempts", "outcome=\"refused\"", "smtp_code_class=\"5xx\"", $"connection=\"{Installation.ProviderName}\""));
        Assert.True(Value(text, "postrider_message_latency_seconds_count", "connection") >= 4);
        Assert.InRange(Value(text, "postrider_secret_expiry_seconds", "connection"), 4.9 * 86400, 5 * 86400);
        Assert.True(Value(text, "postrider_storage_free_bytes") > 0);
        Assert.Equal(1, Value(text, "postrider_provider_ready", "connection"));
        Assert.DoesNotContain("@", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_waited_for_the_pace_of_a_provider_is_told()
    {
        await using var installation = await Installation.StartAsync(alone: true);
        await installation.Gateway.Api.Providers.ChangeAsync(Installation.ProviderName, new() { ["limits"] = new System.Text.Json.Nodes.JsonObject { ["messagesPerMinute"] = 60 } }, Stop);
        // A quarter of a minute's worth leaves without a pause.
        await installation.SendManyAsync(18);
        await installation.ArrivedAsync(18);
        using var stranger = new HttpClient();
        var url = new Uri(installation.Gateway.HttpUrl, "/metrics");
        await GatewayProcess.EventuallyAsync(async () => await stranger.GetStringAsync(url, Stop) is var read
            && Value(read, "postrider_ratelimit_wait_seconds_count", $"connection=\"{Installation.ProviderName}\"") > 0 ? read : null, "the metric follows");
    }

    [Fact]
    public async Task What_comes_through_a_proxy_needs_a_key_that_may_read()
    {
        await using var installation = await Installation.StartAsync(alone: true, connect: false);
        using var stranger = new HttpClient { BaseAddress = installation.Gateway.HttpUrl };
        stranger.DefaultRequestHeaders.Add("X-Forwarded-For", "198.51.100.7");
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync("/metrics", Stop)).StatusCode);
        var read = await installation.Gateway.Api.Keys.AddAsync(new KeyInput { Name = "monitoring", Scopes = ["read"] }, Stop);
        stranger.DefaultRequestHeaders.Authorization = new("Bearer", read.Key);
        Assert.Equal(HttpStatusCode.OK, (await stranger.GetAsync("/metrics", Stop)).StatusCode);
        var send = await installation.Gateway.Api.Keys.AddAsync(new KeyInput { Name = "app", Scopes = ["send"] }, Stop);
        stranger.DefaultRequestHeaders.Authorization = new("Bearer", send.Key);
        Assert.Equal(HttpStatusCode.Forbidden, (await stranger.GetAsync("/metrics", Stop)).StatusCode);
    }

    /// <summary>The sum of the series of a name that carry all of the labels.</summary>
    private static double Value(string text, string name, params string[] labels) => text.Split('\n')
        .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line[name.Length..].Split('{')[0].Split(' ')[0] is "" or "_total" && labels.All(label => line.Contains(label, StringComparison.Ordinal)))
        .Sum(line => double.Parse(Fields(line)[0], CultureInfo.InvariantCulture));

    private static string[] Fields(string line) => line[(line.LastIndexOf('}') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is var fields && line.Contains('}') ? fields : fields[1..];
}
