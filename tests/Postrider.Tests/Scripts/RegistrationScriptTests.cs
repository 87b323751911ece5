using System.Diagnostics;
using System.Management.Automation.Language;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Scripts;

namespace Postrider.Tests.Scripts;

public sealed class RegistrationScriptTests
{
    private const string Redirect = "https://mail.contoso.example/oauth/callback", App = "aaaaaaaa-0000-4000-8000-000000000001";
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, ScriptWay, ScriptCredential> Variants => [..
        from kind in RegistrationScript.Kinds from grant in new[] { ProviderGrant.AuthorizationCode, ProviderGrant.DeviceCode, ProviderGrant.ClientCredentials }
        from way in Enum.GetValues<ScriptWay>() from credential in Enum.GetValues<ScriptCredential>()
        where grant == ProviderGrant.ClientCredentials || way == ScriptWay.AppRole
        select (kind, grant, way, credential)];

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task A_script_is_one_that_its_shell_understands(string kind, string grant, ScriptWay way, ScriptCredential credential)
    {
        foreach (var provider in new[] { Provider(grant), Provider(grant) with { UserName = "o'brien$(id)`x`\"@contoso.example", SharedMailbox = grant == ProviderGrant.AuthorizationCode, Authority = "https://login.microsoftonline.us" } })
        {
            var script = Script(provider, kind, way, credential);
            if (kind == RegistrationScript.PowerShell)
                Parses(script);
            else
            {
                Assert.Equal("", await CheckAsync("bash", ["-n", "/dev/stdin"], script));
                Assert.Equal("", await CheckAsync("shellcheck", ["--shell=bash", "--severity=info", "--exclude=SC2016", "-"], script));
                Parses(ExchangePart(script));
            }
        }
    }

    // An application for any tenant needs a verified publisher before people elsewhere may consent to it.
    [Theory]
    [MemberData(nameof(Variants))]
    public void A_script_registers_the_application_for_its_own_tenant_alone(string kind, string grant, ScriptWay way, ScriptCredential credential)
    {
        var script = Script(Provider(grant), kind, way, credential);
        Assert.Contains("AzureADMyOrg", script, StringComparison.Ordinal);
        Assert.DoesNotContain("AzureADMultipleOrgs", script, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void The_two_ways_of_sending_as_an_application_are_never_mixed(string kind, string grant, ScriptWay way, ScriptCredential credential)
    {
        var script = Script(Provider(grant), kind, way, credential);
        bool Says(string words) => script.Contains(words, StringComparison.Ordinal);
        Assert.Equal(grant == ProviderGrant.DeviceCode, script.Contains("FallbackPublicClient", StringComparison.OrdinalIgnoreCase) || Says("fallback-public-client"));
        Assert.Equal(grant == ProviderGrant.AuthorizationCode, Says(Redirect));
        if (grant != ProviderGrant.ClientCredentials)
            Assert.False(Says("SendAsApp") || Says("New-ServicePrincipal"));
        else if (way == ScriptWay.AppRole)
            Assert.False(Says("New-ManagementRoleAssignment") || Says("DistributionGroup"));
        else
            Assert.False(Says("Add-MailboxPermission") || Says("Add-RecipientPermission") || Says("appRoleAssignedTo") || Says("AppRoleAssignedTo ") || Says("add_permission"));
        Assert.Contains("Set-CASMailbox -Identity 'noreply@contoso.example' -SmtpClientAuthenticationDisabled", script.Replace("\\$", "$", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_second_run_finds_everything_and_changes_nothing()
    {
        using var az = new FakeAz();
        var script = Script(Provider(ProviderGrant.AuthorizationCode), RegistrationScript.AzureCli);
        var (exitCode, output) = await az.RunAsync(script, Stop);
        Assert.True(exitCode == 0, output);
        Assert.Equal(["create app", "service principal", "redirects", "permission", "permission", "permission", "permission", "permission", "permission", "consent", "credential"], az.Changes);
        Assert.Equal([Redirect], az.Lines(App, "redirects"));
        Assert.Contains("00000002-0000-0ff1-ce00-000000000000 id-of-SMTP.Send-at-00000002 Scope", az.Lines(App, "permissions"));
        Assert.Equal("fake~secret~value", az.Secret("m365.secret"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, az.Mode("m365.secret"));
        Assert.DoesNotContain("fake~secret", output, StringComparison.Ordinal);
        Assert.Contains($"postrider provider set m365 --client-id {App} --client-secret-file m365.secret --client-secret-expires-at", output, StringComparison.Ordinal);

        (exitCode, output) = await az.RunAsync(script, Stop);
        Assert.True(exitCode == 0, output);
        Assert.Equal(11, az.Changes.Count);
        Assert.Contains("is registered already", output, StringComparison.Ordinal);
        Assert.Contains("NEW_SECRET=yes", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_application_that_is_there_keeps_its_redirect_uris()
    {
        using var az = new FakeAz();
        az.Register("11111111-2222-3333-4444-555555555555", "Another name", "https://other.example/callback");
        var (exitCode, output) = await az.RunAsync(Script(Provider(ProviderGrant.AuthorizationCode), RegistrationScript.AzureCli), Stop);
        Assert.True(exitCode == 0, output);
        Assert.DoesNotContain("create app", az.Changes);
        Assert.Equal(["https://other.example/callback", Redirect], az.Lines("11111111-2222-3333-4444-555555555555", "redirects"));
    }

    [Fact]
    public async Task App_only_by_the_role_prints_the_Exchange_side_with_the_object_of_the_enterprise_application()
    {
        using var az = new FakeAz();
        var (exitCode, output) = await az.RunAsync(Script(Provider(ProviderGrant.ClientCredentials), RegistrationScript.AzureCli), Stop);
        Assert.True(exitCode == 0, output);
        Assert.Contains("00000002-0000-0ff1-ce00-000000000000 role-of-00000002 Role", az.Lines(App, "permissions"));
        Assert.Contains($"New-ServicePrincipal -AppId '{App}' -ObjectId 'enterprise-object-id' -DisplayName 'Postrider m365'", output, StringComparison.Ordinal);
        Assert.Contains("Add-RecipientPermission -Identity 'noreply@contoso.example' -Trustee $principal.Identity -AccessRights SendAs", output, StringComparison.Ordinal);
        Parses(output[output.IndexOf("# Exchange:", StringComparison.Ordinal)..]);
    }

    [Fact]
    public async Task By_RBAC_an_application_that_has_the_role_is_refused()
    {
        using var az = new FakeAz();
        await az.RunAsync(Script(Provider(ProviderGrant.ClientCredentials), RegistrationScript.AzureCli), Stop);
        var (exitCode, output) = await az.RunAsync(Script(Provider(ProviderGrant.ClientCredentials), RegistrationScript.AzureCli, ScriptWay.Rbac), Stop);
        Assert.Equal(1, exitCode);
        Assert.Contains("the two are not mixed", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_another_tenant_nothing_is_registered()
    {
        using var az = new FakeAz();
        var (exitCode, output) = await az.RunAsync(Script(Provider(ProviderGrant.AuthorizationCode) with { Tenant = "00000000-1111-4222-8333-000000000000" }, RegistrationScript.AzureCli), Stop);
        Assert.Equal(1, exitCode);
        Assert.Contains("az login --tenant 00000000-1111-4222-8333-000000000000", output, StringComparison.Ordinal);
        Assert.Empty(az.Changes);
    }

    [Theory]
    [InlineData(ProviderType.Google, "Google has no command")]
    [InlineData(ProviderType.Password, "needs no application")]
    [InlineData(ProviderType.OAuth2, "identity platform's own")]
    public void For_others_it_says_what_to_do_instead(string type, string words) =>
        Assert.Contains(words, RegistrationScript.Write(Provider("") with { Type = type }, RegistrationScript.AzureCli, ScriptWay.AppRole, ScriptCredential.Secret, Redirect).Why, StringComparison.Ordinal);

    private static Provider Provider(string grant) => new()
    {
        Id = "0198", Name = "m365", DisplayName = "Microsoft 365", Type = ProviderType.Microsoft, Preset = "microsoft", UserName = "noreply@contoso.example", Tenant = "8f7a0000-1111-4222-8333-444455556666",
        Authority = "https://login.microsoftonline.com", ClientId = "11111111-2222-3333-4444-555555555555", RedirectUri = Redirect, Grant = grant,
    };

    private static string Script(Provider provider, string kind, ScriptWay way = ScriptWay.AppRole, ScriptCredential credential = ScriptCredential.Secret) =>
        Assert.IsType<string>(RegistrationScript.Write(provider, kind, way, credential, Redirect).Text);

    /// <summary>What the script would print for PowerShell, as bash prints it.</summary>
    private static string ExchangePart(string script)
    {
        var part = script[(script.IndexOf("<<EXCHANGE\n", StringComparison.Ordinal) + "<<EXCHANGE\n".Length)..script.LastIndexOf("\nEXCHANGE", StringComparison.Ordinal)];
        return part.Replace("\\$", "$", StringComparison.Ordinal).Replace("\\`", "`", StringComparison.Ordinal);
    }

    private static void Parses(string script)
    {
        Parser.ParseInput(script, out _, out var errors);
        Assert.True(errors.Length == 0, string.Join('\n', errors.Select(error => $"{error.Extent.StartLineNumber}: {error.Message}")));
    }

    private static async Task<string> CheckAsync(string program, string[] arguments, string script)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException($"{program} is missing: apt-get install {program}");
        await process.StandardInput.WriteAsync(script);
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Stop), process.StandardError.ReadToEndAsync(Stop));
        await process.WaitForExitAsync(Stop);
        return await output + await error;
    }
}
