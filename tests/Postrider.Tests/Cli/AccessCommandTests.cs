namespace Postrider.Tests.Cli;

[Collection(OneCommandLineAtATime.Name)]
public sealed class AccessCommandTests
{
    private const string Erp = """{"password":"pw-1","name":"erp","userName":"erp","networks":[],"senders":["@contoso.com"],"createdAt":"2026-05-01T12:00:00+00:00"}""";

    [Fact]
    public async Task A_new_client_shows_its_password()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("POST /api/v1/clients", Erp, 201);

        Assert.Equal(0, await shell.RunAsync("client", "add", "erp", "--sender", "@contoso.com", "--network", "10.0.0.0/8", "--provider", "m"));
        Assert.Equal("""{"name":"erp","networks":["10.0.0.0/8"],"senders":["@contoso.com"],"provider":"m"}""", shell.Gateway.Only.Text);
        Assert.Contains("pw-1", shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_json_a_new_client_is_the_servers_answer()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("POST /api/v1/clients", Erp, 201);

        Assert.Equal(0, await shell.RunAsync("client", "add", "erp", "--json"));
        Assert.Equal(Erp, shell.Out.Trim());
    }

    [Fact]
    public async Task Clients_are_listed_and_removed()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("GET /api/v1/clients", $$"""{"items":[{{Erp}}]}""").Answers("DELETE /api/v1/clients/erp", null, 204);

        Assert.Equal(0, await shell.RunAsync("client", "list"));
        Assert.Contains("@contoso.com", shell.Out, StringComparison.Ordinal);
        Assert.Equal(0, await shell.RunAsync("client", "remove", "erp"));
    }

    [Fact]
    public async Task A_key_may_send_and_no_more_unless_told()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("POST /api/v1/keys", """{"key":"pk-1","id":"k1","name":"shop","scopes":["send"],"createdAt":"2026-05-01T12:00:00Z"}""", 201);

        Assert.Equal(0, await shell.RunAsync("key", "add", "shop", "--expires-at", "2027-01-31T00:00:00Z"));
        Assert.Equal("""{"name":"shop","scopes":["send"],"expiresAt":"2027-01-31T00:00:00+00:00"}""", shell.Gateway.Only.Text);
        Assert.EndsWith("pk-1", shell.Out.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_listed_and_revoked()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway
            .Answers("GET /api/v1/keys", """{"items":[{"id":"k1","name":"shop","scopes":["send"],"createdAt":"2026-05-01T12:00:00Z"}]}""")
            .Answers("DELETE /api/v1/keys/k1", null, 204);

        Assert.Equal(0, await shell.RunAsync("key", "list"));
        Assert.Contains("k1  shop  send", shell.Out, StringComparison.Ordinal);
        Assert.Equal(0, await shell.RunAsync("key", "revoke", "k1"));
    }
}
