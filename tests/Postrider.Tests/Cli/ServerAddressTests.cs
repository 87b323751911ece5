namespace Postrider.Tests.Cli;

[Collection(OneCommandLineAtATime.Name)]
public sealed class ServerAddressTests
{
    private const string Empty = """{"items":[]}""";

    [Fact]
    public async Task The_environment_names_server_and_key()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("GET /api/v1/providers", Empty);

        Assert.Equal(0, await shell.RunAsync("provider", "list"));
        Assert.Equal("Bearer the-key", shell.Gateway.Only.Headers["Authorization"]);
    }

    [Fact]
    public async Task Options_win_over_the_environment()
    {
        await using var shell = await Shell.StartAsync();
        shell.With("POSTRIDER_URL", "http://127.0.0.1:1").Gateway.Answers("GET /api/v1/providers", Empty);

        Assert.Equal(0, await shell.RunAsync("provider", "list", "--url", shell.Gateway.Url, "--key", "other"));
        Assert.Equal("Bearer other", shell.Gateway.Only.Headers["Authorization"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_data_directory_names_both(bool given)
    {
        await using var shell = await Shell.StartAsync();
        var key = shell.File("postrider-data/admin.key", "from-file\n");
        shell.File("postrider-data/url", shell.Gateway.Url + "\n");
        shell.Without("POSTRIDER_URL").Without("POSTRIDER_KEY").Gateway.Answers("GET /api/v1/keys", Empty);

        Assert.Equal(0, await shell.RunAsync(["key", "list", .. given ? new[] { "--data", Path.GetDirectoryName(key)! } : []]));
        Assert.Equal("Bearer from-file", shell.Gateway.Only.Headers["Authorization"]);
    }

    [Fact]
    public async Task The_key_of_this_machine_is_not_sent_to_another()
    {
        await using var shell = await Shell.StartAsync();
        shell.File("postrider-data/admin.key", "from-file");
        shell.Without("POSTRIDER_KEY").With("POSTRIDER_URL", "http://mail.example.org");

        Assert.Equal(2, await shell.RunAsync("key", "list"));
        Assert.Contains("not used for another machine", shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_behind_a_prefix_keeps_the_prefix()
    {
        await using var shell = await Shell.StartAsync();
        shell.With("POSTRIDER_URL", shell.Gateway.Url + "/mail").Gateway.Answers("GET /mail/api/v1/keys", Empty);

        Assert.Equal(0, await shell.RunAsync("key", "list"));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named_with_the_way_to_start_it()
    {
        await using var shell = await Shell.StartAsync();
        shell.With("POSTRIDER_URL", "http://127.0.0.1:1");

        Assert.Equal(1, await shell.RunAsync("provider", "list"));
        Assert.Contains("could not reach http://127.0.0.1:1/ (connection refused)", shell.Error, StringComparison.Ordinal);
        Assert.Contains("POSTRIDER_URL", shell.Error, StringComparison.Ordinal);
        Assert.Contains("postrider serve --data", shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_key_is_named_by_its_source_and_never_printed()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("GET /api/v1/providers", """{"title":"The key is not known."}""", 401);

        Assert.Equal(1, await shell.RunAsync("provider", "list"));
        Assert.Contains("refused the key from POSTRIDER_KEY", shell.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("the-key", shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_program_on_the_port_is_recognised()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("GET /api/v1/providers", "<html>");

        Assert.Equal(1, await shell.RunAsync("provider", "list"));
        Assert.Contains("did not answer as Postrider does", shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_any_key_the_command_line_is_incomplete()
    {
        await using var shell = await Shell.StartAsync();
        shell.Without("POSTRIDER_KEY");

        Assert.Equal(2, await shell.RunAsync("provider", "list"));
        Assert.Empty(shell.Gateway.Requests);
        Assert.Contains("--key", shell.Error, StringComparison.Ordinal);
    }
}
