namespace Postrider.Tests.Cli;

[Collection(OneCommandLineAtATime.Name)]
public sealed class ProviderConnectTests
{
    private const string Landed = "https://localhost/?code=0.AX&state=s1";
    private const string Waiting = """{"name":"m","state":"needsConsent"}""";
    private const string Ready = """{"name":"m","state":"ready"}""";
    private const string Started = """{"authorizeUrl":"https://login.example/authorize?state=s1","state":"s1"}""";

    [Fact]
    public async Task With_json_it_prints_the_page_and_ends()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("POST /api/v1/providers/m/authorize", Started);

        Assert.Equal(0, await shell.RunAsync("provider", "connect", "m", "--json"));
        Assert.Equal(Started, shell.Out.Trim());
    }

    [Theory]
    [InlineData("--url")]
    [InlineData("--pasted")]
    public async Task A_pasted_address_completes_the_sign_in(string option)
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("POST /api/v1/providers/m/authorize/complete", Ready);

        Assert.Equal(0, await shell.RunAsync("provider", "connect", "m", option, Landed));
        Assert.Equal(Landed, (string?)shell.Gateway.Only.Json["url"]);
        Assert.Contains("Connected m.", shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_and_pasted_address_can_both_be_given_as_url()
    {
        await using var shell = await Shell.StartAsync();
        shell.Without("POSTRIDER_URL").Gateway.Answers("POST /api/v1/providers/m/authorize/complete", Ready);

        Assert.Equal(0, await shell.RunAsync("provider", "connect", "m", "--url", Landed, "--url", shell.Gateway.Url, "--json"));
        Assert.Equal("ready", (string?)shell.Json["state"]);
    }

    [Fact]
    public async Task A_piped_address_completes_without_a_new_sign_in()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("POST /api/v1/providers/m/authorize/complete", Ready);

        Assert.Equal(0, await shell.RunWithInputAsync(Landed + "\n", "provider", "connect", "m"));
        Assert.Equal("POST /api/v1/providers/m/authorize/complete", shell.Gateway.Only.Line);
    }

    [Fact]
    public async Task It_waits_until_the_browser_has_returned()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway
            .Answers("GET /api/v1/providers/m", Waiting).Answers("GET /api/v1/providers/m", Waiting).Answers("GET /api/v1/providers/m", Ready)
            .Answers("POST /api/v1/providers/m/authorize", Started);

        Assert.Equal(0, await shell.RunAsync("provider", "connect", "m"));
        Assert.Contains("https://login.example/authorize?state=s1", shell.Out, StringComparison.Ordinal);
        Assert.Contains("Connected m.", shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_was_ready_already_waits_for_the_new_grant()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway
            .Answers("GET /api/v1/providers/m", """{"state":"ready","connectedAt":"2026-01-01T00:00:00Z"}""")
            .Answers("GET /api/v1/providers/m", """{"state":"ready","connectedAt":"2026-01-01T00:00:00Z"}""")
            .Answers("GET /api/v1/providers/m", """{"state":"ready","connectedAt":"2026-02-02T00:00:00Z"}""")
            .Answers("POST /api/v1/providers/m/authorize", Started);

        Assert.Equal(0, await shell.RunAsync("provider", "connect", "m"));
        Assert.Equal(3, shell.Gateway.Requests.Count(asked => asked.Method == "GET"));
    }

    [Fact]
    public async Task A_person_may_paste_while_it_waits()
    {
        await using var shell = await Shell.StartAsync(someoneTypes: true);
        shell.Gateway
            .Answers("GET /api/v1/providers/m", Waiting)
            .Answers("POST /api/v1/providers/m/authorize", Started)
            .Answers("POST /api/v1/providers/m/authorize/complete", Ready);

        Assert.Equal(0, await shell.RunWithInputAsync($"\n{Landed}\n", "provider", "connect", "m"));
        Assert.Contains("paste its address here", shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_signing_in_ends_the_waiting_with_a_failure()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("GET /api/v1/providers/m", Waiting).Answers("POST /api/v1/providers/m/authorize", Started);

        Assert.Equal(1, await shell.RunAsync("provider", "connect", "m", "--timeout", "0"));
        Assert.Contains("nobody signed in", shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_that_is_no_landing_address_is_not_sent()
    {
        await using var shell = await Shell.StartAsync();
        Assert.Equal(2, await shell.RunAsync("provider", "connect", "m", "--pasted", "https://localhost/"));
        Assert.Empty(shell.Gateway.Requests);
    }
}
