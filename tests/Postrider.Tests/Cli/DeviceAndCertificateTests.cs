namespace Postrider.Tests.Cli;

/// <summary>Ways to get tokens that need no browser here.</summary>
[Collection(OneCommandLineAtATime.Name)]
public sealed class DeviceAndCertificateTests
{
    private const string Started = """{"state":"waiting","userCode":"ABCD-EFGH","verificationUri":"https://microsoft.com/devicelogin","expiresAt":"2026-05-01T10:15:00Z"}""";
    private const string Certificate = """{"state":"current","thumbprint":"AB12","notAfter":"2028-05-01T10:00:00Z","certificate":"-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----"}""";

    [Fact]
    public async Task A_code_is_shown_with_its_page_and_the_sign_in_is_waited_for()
    {
        await using var shell = await ShellAsync("""{"state":"waiting"}""", """{"state":"connected"}""");
        shell.Gateway.Answers("GET /api/v1/providers/m", """{"name":"m","state":"ready"}""");

        Assert.Equal(0, await shell.RunAsync("provider", "connect", "m", "--device"));
        Assert.Contains("ABCD-EFGH", shell.Out, StringComparison.Ordinal);
        Assert.Contains("https://microsoft.com/devicelogin", shell.Out, StringComparison.Ordinal);
        Assert.Contains("Connected m.", shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sign_in_that_failed_is_told_with_cause_and_remedy()
    {
        await using var shell = await ShellAsync("""{"state":"failed","cause":"The code has expired.","remedy":"Start again."}""");

        Assert.Equal(1, await shell.RunAsync("provider", "connect", "m", "--device"));
        Assert.Contains("The code has expired. Start again.", shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_that_nobody_types_ends_the_waiting_with_what_to_run()
    {
        await using var shell = await ShellAsync("""{"state":"waiting"}""");

        Assert.Equal(1, await shell.RunAsync("provider", "connect", "m", "--device", "--timeout", "0"));
        Assert.Contains("postrider provider connect m --device", shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_json_the_code_is_printed_and_nothing_waited_for()
    {
        await using var shell = await ShellAsync();

        Assert.Equal(0, await shell.RunAsync("provider", "connect", "m", "--device", "--json"));
        Assert.Equal("ABCD-EFGH", (string?)shell.Json["userCode"]);
    }

    [Theory]
    [InlineData("create", "POST /api/v1/providers/m/certificate", "postrider provider test m")]
    [InlineData("roll", "POST /api/v1/providers/m/certificate/roll", "The old one stays in use until")]
    public async Task A_certificate_is_made_with_what_to_do_next_and_written_to_a_file(string act, string request, string next)
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers(request, Certificate);
        var file = shell.File("postrider.pem", "");

        Assert.Equal(0, await shell.RunAsync("provider", "certificate", "m", act, "--output", file));
        Assert.Contains("AB12", shell.Out, StringComparison.Ordinal);
        Assert.Contains(next, shell.Out, StringComparison.Ordinal);
        Assert.StartsWith("-----BEGIN CERTIFICATE-----\nMII=", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.DoesNotContain("BEGIN CERTIFICATE", shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificates_are_shown_to_be_copied_and_where_there_is_none_it_is_said()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("GET /api/v1/providers/m/certificate", $$"""{"items":[{{Certificate}}]}""").Answers("GET /api/v1/providers/m/certificate", """{"items":[]}""");

        Assert.Equal(0, await shell.RunAsync("provider", "certificate", "m", "show"));
        Assert.Contains("BEGIN CERTIFICATE", shell.Out, StringComparison.Ordinal);
        Assert.Equal(1, await shell.RunAsync("provider", "certificate", "m", "show"));
        Assert.Contains("postrider provider certificate m create", shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_named()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("POST /api/v1/providers/m/certificate", Certificate);

        Assert.Equal(1, await shell.RunAsync("provider", "certificate", "m", "create", "--output", "no/such/directory.pem"));
        Assert.Contains("could not write no/such/directory.pem", shell.Error, StringComparison.Ordinal);
    }

    private static async Task<Shell> ShellAsync(params string[] states)
    {
        var shell = await Shell.StartAsync();
        shell.Gateway.Answers("POST /api/v1/providers/m/device", Started).Answers("GET /api/v1/providers/m", """{"name":"m","state":"needsConsent","grant":"deviceCode"}""");
        foreach (var state in states)
            shell.Gateway.Answers("GET /api/v1/providers/m/device", state);
        return shell;
    }
}
