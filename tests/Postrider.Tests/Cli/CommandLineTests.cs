namespace Postrider.Tests.Cli;

[Collection(OneCommandLineAtATime.Name)]
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("provider", "add")]
    [InlineData("provider", "lst")]
    [InlineData("provider", "add", "x", "--security", "maybe")]
    [InlineData("provider", "add", "x", "--client-secret", "literal")]
    [InlineData("provider", "add", "x", "--enabled", "--disabled")]
    [InlineData("provider", "set", "x")]
    [InlineData("key", "add", "x", "--scope", "everything")]
    [InlineData("message", "retry")]
    [InlineData("message", "cancel", "id", "--state", "queued")]
    [InlineData("message", "list", "--since", "yesterday")]
    [InlineData("send", "--to", "a@example.org")]
    [InlineData("send", "--text", "x")]
    [InlineData("send", "--file", "/does/not/exist")]
    public async Task What_cannot_be_understood_is_usage(params string[] args)
    {
        await using var shell = await Shell.StartAsync();

        Assert.Equal(2, await shell.RunAsync(args));
        Assert.NotEqual("", shell.Error);
        Assert.Empty(shell.Gateway.Requests);
    }

    [Fact]
    public async Task A_typo_is_answered_with_the_word_that_was_meant()
    {
        await using var shell = await Shell.StartAsync();
        await shell.RunAsync("provider", "lst");
        Assert.Contains("list", shell.Out + shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_of_a_verb_has_examples()
    {
        await using var shell = await Shell.StartAsync();
        Assert.Equal(0, await shell.RunAsync("send", "--help"));
        Assert.Contains("postrider send --from", shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_is_the_products()
    {
        await using var shell = await Shell.StartAsync();
        Assert.Equal(0, await shell.RunAsync("--version"));
        Assert.Equal("postrider 0.1.0", shell.Out.Trim());
    }

    [Fact]
    public async Task A_refusal_is_told_with_members_and_remedy()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("POST /api/v1/providers", """
            {"type":"urn:postrider:problem:invalid","title":"The provider is not complete.","errors":{"clientSecret":["This is the secret's ID."]},"remedy":"Copy the value."}
            """, 422);

        Assert.Equal(1, await shell.RunAsync("provider", "add", "m"));
        Assert.Contains("The provider is not complete.", shell.Error, StringComparison.Ordinal);
        Assert.Contains("clientSecret: This is the secret's ID.", shell.Error, StringComparison.Ordinal);
        Assert.Contains("Copy the value.", shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_json_a_refusal_is_the_problem_on_standard_error()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("GET /api/v1/providers/m", """{"type":"urn:postrider:problem:unknown-provider","title":"There is no m."}""", 404);

        Assert.Equal(1, await shell.RunAsync("provider", "show", "m", "--json"));
        Assert.Equal("", shell.Out);
        Assert.Contains("urn:postrider:problem:unknown-provider", shell.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("providers/m", """{"removed":"m"}""", "provider", "remove", "m")]
    [InlineData("clients/erp", """{"removed":"erp"}""", "client", "remove", "erp")]
    [InlineData("clients/erp/password/previous", """{"endedOldOf":"erp"}""", "client", "end-old", "erp")]
    [InlineData("keys/k1", """{"revoked":"k1"}""", "key", "revoke", "k1")]
    [InlineData("webhooks/on-call", """{"removed":"on-call"}""", "webhook", "remove", "on-call")]
    [InlineData("secrets/keys/k1", """{"removed":"k1"}""", "secrets", "remove-key", "k1")]
    [InlineData("suppressions/a%40example.org", """{"removed":"a@example.org"}""", "suppressions", "remove", "a@example.org")]
    public async Task With_json_what_the_server_has_no_answer_to_is_told_all_the_same(string path, string told, params string[] args)
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers($"DELETE /api/v1/{Uri.UnescapeDataString(path)}", null, 204);

        Assert.Equal(0, await shell.RunAsync([.. args, "--json"]));
        Assert.Equal(told, shell.Out.Trim());
    }

    [Fact]
    public async Task With_json_a_mail_that_came_back_is_in_json()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("GET /api/v1/reports/r1/content", "From: x\r\n\r\nbody");

        Assert.Equal(0, await shell.RunAsync("reports", "show", "r1", "--json"));
        Assert.Equal("From: x\r\n\r\nbody", (string?)shell.Json["content"]);
    }
}
