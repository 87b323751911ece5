using System.Text.Json.Nodes;

namespace Postrider.Tests.Cli;

[Collection(OneCommandLineAtATime.Name)]
public sealed class ProviderCommandTests
{
    private const string Ready = """{"name":"m","state":"ready"}""";

    [Fact]
    public async Task Every_option_sets_its_member()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("POST /api/v1/providers", Ready, 201);
        var secret = shell.File("secret", "s3cret value\r\n");
        var token = shell.File("token", "0.AX\n");

        Assert.Equal(0, await shell.RunAsync(
            "provider", "add", "m", "--display-name", "Microsoft 365", "--type", "microsoft", "--preset", "microsoft365",
            "--address", "smtp.office365.com", "--port", "587", "--security", "startTls", "--domain", "contoso.com",
            "--user-name", "noreply@contoso.com", "--tenant", "contoso.com", "--authority", "https://login.example/", "--client-id", "id",
            "--client-secret-file", secret, "--client-secret-expires-at", "2027-05-01T00:00:00Z", "--scope", "a", "offline_access",
            "--redirect-uri", "https://localhost/", "--refresh-token-file", token, "--grant", "refreshToken", "--shared-mailbox", "--enabled",
            "--max-connections", "3", "--messages-per-minute", "25", "--recipients-per-day", "0", "--message-bytes", "1000"));

        Assert.True(JsonNode.DeepEquals(shell.Gateway.Only.Json, JsonNode.Parse("""
            {"name":"m","displayName":"Microsoft 365","type":"microsoft","preset":"microsoft365","address":"smtp.office365.com",
             "security":"startTls","domain":"contoso.com","userName":"noreply@contoso.com","tenant":"contoso.com",
             "authority":"https://login.example/","clientId":"id","redirectUri":"https://localhost/","grant":"refreshToken","port":587,
             "clientSecretExpiresAt":"2027-05-01T00:00:00+00:00","scope":"a offline_access","sharedMailbox":true,"enabled":true,
             "limits":{"connections":3,"messagesPerMinute":25,"recipientsPerDay":0,"messageBytes":1000},
             "clientSecret":"s3cret value","refreshToken":"0.AX"}
            """)), shell.Gateway.Only.Text);
    }

    [Fact]
    public async Task Set_sends_only_what_was_given_and_reads_a_secret_from_standard_input()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("PATCH /api/v1/providers/m%20x", Ready);

        Assert.Equal(0, await shell.RunWithInputAsync("hunter2\n", "provider", "set", "m x", "--password-file", "-", "--disabled"));
        Assert.Equal("""{"enabled":false,"password":"hunter2"}""", shell.Gateway.Only.Text);
    }

    [Fact]
    public async Task Two_secrets_cannot_share_standard_input()
    {
        await using var shell = await Shell.StartAsync();
        Assert.Equal(2, await shell.RunWithInputAsync("x", "provider", "set", "m", "--password-file", "-", "--client-secret-file", "-"));
    }

    [Fact]
    public async Task An_empty_secret_is_refused_here()
    {
        await using var shell = await Shell.StartAsync();
        Assert.Equal(2, await shell.RunWithInputAsync("\n", "provider", "set", "m", "--password-file", "-"));
        Assert.Contains("is empty", shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_has_a_word_and_a_shape_for_each_state()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("GET /api/v1/providers", """
            {"items":[{"name":"m","type":"microsoft","state":"needsAttention","stateReason":"The client secret expired.","address":"smtp.office365.com","port":587},
                      {"name":"g","state":"ready"}]}
            """);

        Assert.Equal(0, await shell.RunAsync("provider", "list"));
        Assert.Contains("▲ Needs you", shell.Out, StringComparison.Ordinal);
        Assert.Contains("● Ready", shell.Out, StringComparison.Ordinal);
        Assert.Contains("The client secret expired.", shell.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', shell.Out);
    }

    [Fact]
    public async Task With_json_the_list_is_what_the_server_said()
    {
        await using var shell = await Shell.StartAsync();
        const string said = """{"items":[{"name":"m","later":{"member":[1,2]}}],"nextCursor":"c"}""";
        shell.Gateway.Answers("GET /api/v1/providers", said);

        Assert.Equal(0, await shell.RunAsync("provider", "list", "--json"));
        Assert.Equal(said, shell.Out.Trim());
    }

    [Fact]
    public async Task Warnings_and_the_next_command_follow_an_added_provider()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("POST /api/v1/providers",
            """{"name":"m","state":"needsConsent","warnings":[{"member":"clientSecret","message":"A GUID is the secret's ID."}]}""", 201);

        Assert.Equal(0, await shell.RunAsync("provider", "add", "m"));
        Assert.Contains("◐ m: Connect it", shell.Out, StringComparison.Ordinal);
        Assert.Contains("! clientSecret: A GUID is the secret's ID.", shell.Out, StringComparison.Ordinal);
        Assert.Contains("postrider provider connect m", shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Presets_are_listed()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("GET /api/v1/provider-presets",
            """{"items":[{"name":"microsoft365","type":"microsoft","title":"Microsoft 365","address":"smtp.office365.com","port":587}]}""");

        Assert.Equal(0, await shell.RunAsync("provider", "presets"));
        Assert.Contains("microsoft365  Microsoft 365  microsoft  smtp.office365.com:587", shell.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("enable")]
    [InlineData("disable")]
    [InlineData("pause")]
    [InlineData("resume")]
    public async Task Acts_are_posted_and_the_new_state_is_told(string act)
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers($"POST /api/v1/providers/m/{act}", Ready);

        Assert.Equal(0, await shell.RunAsync("provider", act, "m"));
        Assert.Equal("● m: Ready", shell.Out.Trim());
    }

    [Fact]
    public async Task Remove_deletes()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("DELETE /api/v1/providers/m", null, 204);

        Assert.Equal(0, await shell.RunAsync("provider", "remove", "m"));
        Assert.Equal("DELETE /api/v1/providers/m", shell.Gateway.Only.Line);
    }

    [Fact]
    public async Task A_test_that_fails_tells_each_step_and_exits_with_one()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("POST /api/v1/providers/m/test", """
            {"ok":false,"steps":[{"name":"dns","ok":true,"detail":"4 addresses","milliseconds":12},
             {"name":"auth","ok":false,"detail":"535 5.7.139","cause":"SMTP AUTH is off.","remedy":"An administrator runs:\nSet-CASMailbox"},
             {"name":"sender","ok":null,"detail":"skipped"}]}
            """);

        Assert.Equal(1, await shell.RunAsync("provider", "test", "m", "--to", "me@contoso.com"));
        Assert.Equal("""{"to":"me@contoso.com"}""", shell.Gateway.Only.Text);
        Assert.Equal("""
            ✓ DNS        4 addresses                                              12 ms
            ✕ AUTH       535 5.7.139
               Cause     SMTP AUTH is off.
               Remedy    An administrator runs:
                         Set-CASMailbox
            – Sender     skipped

            """, shell.Out);
    }

    [Fact]
    public async Task The_doctor_tests_the_installation_and_all_that_are_in_use()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway
            .Answers("POST /api/v1/doctor", """{"ok":true,"steps":[]}""")
            .Answers("GET /api/v1/providers", """{"items":[{"name":"m","state":"ready"},{"name":"off","state":"disabled"},{"name":"g","state":"needsConsent"}]}""")
            .Answers("POST /api/v1/providers/m/test", """{"ok":true,"steps":[]}""")
            .Answers("POST /api/v1/providers/g/test", """{"ok":false,"steps":[]}""");

        Assert.Equal(1, await shell.RunAsync("doctor", "--json"));
        Assert.Equal("""{"ok":false,"installation":{"ok":true,"steps":[]},"providers":[{"ok":true,"steps":[],"provider":"m"},{"ok":false,"steps":[],"provider":"g"}]}""", shell.Out.Trim());
    }
}
