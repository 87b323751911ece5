using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Postrider.Simulator;

namespace Postrider.Tests.Simulator;

public sealed class ControlTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Waiting_for_messages_ends_when_they_arrive()
    {
        await using var simulator = await SimulatorClient.StartAsync();
        using var client = await simulator.SignInAsync();
        var waiting = simulator.Http.GetFromJsonAsync<JsonElement>("control/messages?atLeast=2&timeoutSeconds=60", Cancellation);
        await client.SendAsync(SimulatorClient.Message("a@example.org"), Cancellation);
        Assert.False(waiting.IsCompleted);
        await client.SendAsync(SimulatorClient.Message("b@example.org"), Cancellation);
        var answer = await waiting;
        Assert.True(answer.GetProperty("complete").GetBoolean());
        Assert.Equal("b@example.org", answer.GetProperty("items")[1].GetProperty("to")[0].GetString());
        var raw = await simulator.Http.GetByteArrayAsync("control/messages/2/raw", Cancellation);
        Assert.Equal(answer.GetProperty("items")[1].GetProperty("sha256").GetString(), Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(raw)));
    }

    [Fact]
    public async Task One_switch_can_be_changed_alone_and_a_wrong_name_is_refused()
    {
        await using var simulator = await SimulatorClient.StartAsync();
        using var patched = await simulator.Http.PatchAsJsonAsync("control/state", new { smtp = new { connectionsPerMailbox = 3, tls = "expired" }, identity = new { rotation = "strict" } }, Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, patched.StatusCode);
        Assert.Equal(3, simulator.App.State.Smtp.ConnectionsPerMailbox);
        Assert.Equal(TlsFault.Expired, simulator.App.State.Smtp.Tls);
        Assert.Equal(RotationMode.Strict, simulator.App.State.Identity.Rotation);
        Assert.Equal(500, simulator.App.State.Smtp.MaxRecipients);
        using var wrong = await simulator.Http.PatchAsJsonAsync("control/state", new { smtp = new { conections = 3 } }, Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    [Fact]
    public async Task The_token_endpoint_fails_as_often_as_told_and_counts()
    {
        await using var simulator = await SimulatorClient.StartAsync();
        using var set = await simulator.Http.PutAsJsonAsync("control/token-endpoint", new { mode = "429", retryAfter = "7", times = 1 }, Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, set.StatusCode);
        Assert.Equal(429, (await simulator.RefreshAsync("x")).Status);
        Assert.Equal("invalid_grant 70000", (await simulator.RefreshAsync("x")).Error);
        await simulator.Http.PutAsJsonAsync("control/token-endpoint", new { mode = "down" }, Cancellation);
        await Assert.ThrowsAsync<HttpRequestException>(() => simulator.RefreshAsync("x"));
        Assert.Equal(3, simulator.App.State.Counters.Read().TokenRequests["refresh_token"]);
    }

    [Fact]
    public async Task Consent_is_walked_without_a_browser()
    {
        await using var simulator = await SimulatorClient.StartAsync();
        using var response = await simulator.Http.PostAsJsonAsync("control/consent", new { authorizeUrl = simulator.AuthorizeUrl(), account = Seed.NoReply }, Cancellation);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.StartsWith(SimulatorClient.RedirectUri + "?code=", answer.GetProperty("redirect").GetString(), StringComparison.Ordinal);
        Assert.Equal("s&t", answer.GetProperty("fields").GetProperty("state").GetString());
        using var refused = await simulator.Http.PostAsJsonAsync("control/consent", new { authorizeUrl = simulator.AuthorizeUrl(), account = "nobody@contoso.example" }, Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task The_mailbox_shows_strangers_text_encoded()
    {
        await using var simulator = await SimulatorClient.StartAsync();
        using var client = await simulator.SignInAsync();
        await client.SendAsync(SimulatorClient.Message("a@example.org"), Cancellation);
        foreach (var page in new[] { "mailbox", "mailbox/1" })
        {
            var html = await simulator.Http.GetStringAsync(page, Cancellation);
            Assert.Contains("A &lt;b&gt;subject&lt;/b&gt;", html);
            Assert.DoesNotContain("<b>subject", html);
        }
    }

    [Fact]
    public async Task The_program_says_when_it_is_ready_and_refuses_bad_arguments()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "postrider-simulator.dll");
        using var wrong = Process.Start(new ProcessStartInfo("dotnet", [program, "--http", "nowhere"]) { RedirectStandardError = true })!;
        Assert.Contains("127.0.0.1:0", await wrong.StandardError.ReadToEndAsync(Cancellation));
        await wrong.WaitForExitAsync(Cancellation);
        Assert.Equal(2, wrong.ExitCode);

        using var running = Process.Start(new ProcessStartInfo("dotnet", [program, "--http", "127.0.0.1:0", "--smtp", "127.0.0.1:0", "--smtps", "127.0.0.1:0"]) { RedirectStandardOutput = true })!;
        Assert.Matches(@"^ready http=http://127\.0\.0\.1:\d+ smtp=127\.0\.0\.1:\d+ smtps=127\.0\.0\.1:\d+ ca=.+ca\.pem$", await running.StandardOutput.ReadLineAsync(Cancellation));
        using var stop = Process.Start("kill", $"-TERM {running.Id}")!;
        await running.WaitForExitAsync(Cancellation);
        Assert.Equal(0, running.ExitCode);
    }
}
