using Postrider.Accounts.Providers;

namespace Postrider.Tests.Accounts;

public sealed class ProviderValidationTests
{
    private const string Default = "http://localhost:8080/oauth/callback";

    [Fact]
    public void A_preset_fills_everything_that_is_left_out()
    {
        var filled = ProviderCatalog.Fill(TestAccounts.Microsoft(), Default);
        Assert.Empty(ProviderValidation.Errors(filled));
        Assert.Equal(("smtp.office365.com", 587, "startTls", "https://login.microsoftonline.com", Default),
            (filled.Address, filled.Port, filled.Security, filled.Authority, filled.RedirectUri));
        Assert.Equal(new SendingLimits(3, 25, 10000, 36700160), filled.Limits);
        Assert.Empty(ProviderWarnings.Of(filled, DateTimeOffset.UnixEpoch, Default));
    }

    [Fact]
    public void Zero_is_a_limit_that_was_given() =>
        Assert.Equal(0, ProviderCatalog.Fill(TestAccounts.Microsoft() with { Limits = ProviderCatalog.NoLimitsGiven with { Connections = 0 } }, Default).Limits.Connections);

    [Fact]
    public void Every_preset_that_knows_its_server_is_valid_by_itself()
    {
        foreach (var preset in ProviderCatalog.All.Where(preset => preset.Address.Length > 0))
        {
            var filled = ProviderCatalog.Fill(new ProviderDraft { Name = "x", Type = preset.Type, Preset = preset.Name, UserName = "a@b.example", Tenant = preset.Tenant.Length > 0 ? "" : "b.example", ClientId = "c", Limits = ProviderCatalog.NoLimitsGiven }, Default);
            Assert.Empty(ProviderValidation.Errors(filled));
            Assert.StartsWith("https://", preset.Documentation, StringComparison.Ordinal);
            Assert.DoesNotContain(ProviderWarnings.Of(filled, DateTimeOffset.UnixEpoch, Default), note => note.Member == "scope");
        }
    }

    [Theory]
    [InlineData("M365", "\"m365\"")]
    [InlineData("our mail", "\"our-mail\"")]
    [InlineData("", "Write a name")]
    public void A_bad_name_is_refused_with_a_good_one(string name, string says) =>
        Refused(draft => draft with { Name = name }, "name", says);

    [Fact]
    public void A_guid_in_the_secret_field_is_the_secrets_id() =>
        Refused(draft => draft with { ClientSecret = SecretChange.To("0f8fad5b-d9cb-469f-a165-70867728950e") }, "clientSecret", "\"Value\"");

    [Theory]
    [InlineData("first half\nsecond half")]
    [InlineData("first half second half")]
    public void A_token_that_was_not_copied_as_one_line_is_refused(string token) =>
        Refused(draft => draft with { RefreshToken = SecretChange.To(token), Grant = ProviderGrant.RefreshToken }, "refreshToken", "as one line");

    [Fact]
    public void A_redirect_uri_at_which_Postrider_does_not_answer_is_flagged_with_the_way_around_it()
    {
        var filled = ProviderCatalog.Fill(TestAccounts.Microsoft(), Default);
        var note = Assert.Single(ProviderWarnings.Of(filled, DateTimeOffset.UnixEpoch, "https://mail.contoso.example/oauth/callback"));
        Assert.Equal("redirectUri", note.Member);
        Assert.Contains("copy the address from the browser", note.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_tenant_common_is_flagged_before_anybody_has_signed_in()
    {
        var note = Assert.Single(ProviderWarnings.Of(ProviderCatalog.Fill(TestAccounts.Microsoft() with { Tenant = "common" }, Default), DateTimeOffset.UnixEpoch, Default));
        Assert.Equal("tenant", note.Member);
        Assert.Contains("AADSTS50194", note.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_and_tokens_of_any_length_are_kept_whole()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var (secret, token) = ("s" + new string('a', 20_000) + "Z", "t" + new string('b', 60_000) + "Z");
        var provider = await accounts.AddAsync(TestAccounts.Microsoft() with { ClientSecret = SecretChange.To(secret), RefreshToken = SecretChange.To(token) });
        await accounts.TokenAsync(provider.Id);
        var sent = Assert.Single(accounts.Platform.Requests);
        Assert.Equal((secret, token), (sent["client_secret"].ToString(), sent["refresh_token"].ToString()));
    }

    [Theory]
    [InlineData(465, "startTls", "tls")]
    [InlineData(587, "tls", "startTls")]
    [InlineData(70000, "startTls", "587")]
    public void Port_and_security_must_fit(int port, string security, string says) =>
        Refused(draft => ProviderCatalog.Fill(draft, Default) with { Port = port, Security = security }, "port", says);

    [Theory]
    [InlineData("", "tenant) ID")]
    [InlineData("admin@contoso.com", "\"contoso.com\"")]
    [InlineData("https://login.microsoftonline.com/x", "alone")]
    [InlineData("contoso", "GUID")]
    public void A_tenant_has_one_of_a_few_forms(string tenant, string says) =>
        Refused(draft => draft with { Tenant = tenant }, "tenant", says);

    [Theory]
    [InlineData("0f8fad5b-d9cb-469f-a165-70867728950e")]
    [InlineData("contoso.onmicrosoft.com")]
    [InlineData("organizations")]
    [InlineData("common")]
    [InlineData("consumers")]
    public void These_tenants_are_good(string tenant) =>
        Assert.Empty(ProviderValidation.Errors(ProviderCatalog.Fill(TestAccounts.Microsoft() with { Tenant = tenant }, Default)));

    [Theory]
    [InlineData("http://mail.lan/cb", "localhost")]
    [InlineData("http://192.168.1.2/cb", "localhost")]
    [InlineData("https://x.example/cb#a", "fragment")]
    [InlineData("https://*.example/cb", "Wildcards")]
    [InlineData("https://x.example/c(b)", "does not allow")]
    [InlineData("http://[::1]/cb", "[::1]")]
    [InlineData("cb", "whole address")]
    public void A_redirect_uri_follows_the_platforms_rules(string uri, string says) =>
        Refused(draft => draft with { RedirectUri = uri }, "redirectUri", says);

    [Theory]
    [InlineData("https://gw.example.com/oauth/callback")]
    [InlineData("http://localhost")]
    [InlineData("http://127.0.0.1:9000/x")]
    public void These_redirect_uris_are_good(string uri) =>
        Assert.Empty(ProviderValidation.Errors(ProviderCatalog.Fill(TestAccounts.Microsoft() with { RedirectUri = uri }, Default)));

    [Theory]
    [InlineData("serviceAccount", "clientCredentials")]
    [InlineData("implicit", "authorizationCode")]
    public void A_grant_that_is_not_there_is_refused(string grant, string says) =>
        Refused(draft => draft with { Grant = grant }, "grant", says);

    [Fact]
    public void Google_has_no_device_code_for_mail() =>
        Refused(draft => draft with { Type = ProviderType.Google, Preset = "google", Scope = "https://mail.google.com/", Grant = "deviceCode" }, "grant", "paste the address");

    [Theory]
    [InlineData("smtp://smtp.example.com", "without a scheme")]
    [InlineData("smtp.example.com:587", "port has a member")]
    [InlineData("me@example.com", "mail address")]
    public void An_address_is_a_host_name(string address, string says) =>
        Refused(draft => draft with { Address = address }, "address", says);

    [Theory]
    [InlineData("http://login.example.com", "https://")]
    [InlineData("login.example.com", "https://")]
    [InlineData("https://login.microsoftonline.com/t/oauth2/v2.0", "base address alone")]
    public void An_authority_is_https(string authority, string says) =>
        Refused(draft => draft with { Authority = authority }, "authority", says);

    [Fact]
    public void A_loopback_authority_may_be_http() =>
        Assert.Empty(ProviderValidation.Errors(ProviderCatalog.Fill(TestAccounts.Microsoft() with { Authority = "http://127.0.0.1:9999" }, Default)));

    [Fact]
    public void A_token_never_crosses_the_network_in_clear_text()
    {
        Refused(draft => draft with { Security = "none" }, "security", "clear text");
        Assert.Empty(ProviderValidation.Errors(ProviderCatalog.Fill(TestAccounts.Microsoft() with { Security = "none", Address = "127.0.0.1", Port = 2525 }, Default)));
    }

    [Fact]
    public void Client_credentials_take_a_default_scope_and_one_tenant()
    {
        Refused(draft => draft with { Grant = ProviderGrant.ClientCredentials, Scope = "https://outlook.office.com/SMTP.Send" }, "scope", "/.default");
        Refused(draft => draft with { Grant = ProviderGrant.ClientCredentials, Tenant = "common" }, "tenant", "one tenant");
    }

    [Theory]
    [InlineData("SMTP.Send offline_access", "Graph")]
    [InlineData("https://graph.microsoft.com/SMTP.Send offline_access", "Graph")]
    [InlineData("https://graph.microsoft.com/Mail.Read https://outlook.office.com/SMTP.Send", "first scope")]
    [InlineData("https://outlook.office.com/SMTP.Send https://graph.microsoft.com/Mail.Read", "several resources")]
    [InlineData("https://outlook.office.com/IMAP.AccessAsUser.All", "SMTP.Send")]
    [InlineData("offline_access", "No scope")]
    public void A_scope_that_smtp_refuses_is_accepted_and_flagged_with_the_one_that_works(string scope, string says)
    {
        var filled = ProviderCatalog.Fill(TestAccounts.Microsoft() with { Scope = scope }, Default);
        Assert.Empty(ProviderValidation.Errors(filled));
        Assert.Equal(scope, filled.Scope);
        var warning = Assert.Single(ProviderWarnings.Of(filled, DateTimeOffset.UnixEpoch, Default));
        Assert.Equal("scope", warning.Member);
        Assert.Contains(says, warning.Message, StringComparison.Ordinal);
        Assert.Contains("https://outlook.office.com/SMTP.Send offline_access", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_end_of_a_secret_is_foretold()
    {
        var end = new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
        var provider = ProviderCatalog.Fill(TestAccounts.Microsoft() with { ClientSecretExpiresAt = end }, Default);
        Assert.Empty(ProviderWarnings.Of(provider, end.AddDays(-31), Default));
        Assert.Contains("expires on 2026-06-01", Assert.Single(ProviderWarnings.Of(provider, end.AddDays(-7), Default)).Message, StringComparison.Ordinal);
        Assert.Contains("expired on", Assert.Single(ProviderWarnings.Of(provider, end, Default)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_that_waits_keeps_its_provider()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        await accounts.Database.WriteAsync(session => session.ExecuteAsync(
            "insert into queue (message_id, provider_id, due_at, expires_at) values ('m', @Id, 0, 0)", new { provider.Id }), accounts.Stop);
        var refused = Assert.IsType<ProviderResult.Refused>(await accounts.Providers.RemoveAsync("m365", accounts.Stop));
        Assert.Contains("1 message", refused.Cause, StringComparison.Ordinal);
        await accounts.Database.WriteAsync(session => session.ExecuteAsync("delete from queue"), accounts.Stop);
        Assert.IsType<ProviderResult.Removed>(await accounts.Providers.RemoveAsync("m365", accounts.Stop));
        Assert.Null(accounts.Providers.Find(provider.Id));
    }

    [Fact]
    public async Task States_follow_what_people_and_the_program_say()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        var states = accounts.Get<ProviderStates>();
        var changes = new List<ProviderState>();
        accounts.Providers.Changed += changed => changes.Add(changed.State);
        await states.NeedsAttentionAsync(provider.Id, "why", "what", accounts.Clock.GetUtcNow().AddMinutes(5));
        await states.NeedsAttentionAsync(provider.Id, "why", "what", accounts.Clock.GetUtcNow().AddMinutes(5));
        await states.ReadyAsync(provider.Id);
        await states.ReadyAsync(provider.Id);
        await accounts.Providers.PauseAsync("m365", accounts.Stop);
        await accounts.Providers.ResumeAsync("m365", accounts.Stop);
        await accounts.Providers.DisableAsync("m365", accounts.Stop);
        await accounts.Providers.EnableAsync("m365", accounts.Stop);
        Assert.Equal([ProviderState.NeedsAttention, ProviderState.Ready, ProviderState.Paused, ProviderState.Ready, ProviderState.Disabled, ProviderState.Ready], changes);
        await using var next = await accounts.RestartAsync();
        Assert.Equal(ProviderState.Ready, next.Providers.Find("m365")!.State);
    }

    private static void Refused(Func<ProviderDraft, ProviderDraft> change, string member, string says)
    {
        var errors = ProviderValidation.Errors(ProviderCatalog.Fill(change(TestAccounts.Microsoft()), Default));
        var error = Assert.Single(errors);
        Assert.Equal(member, error.Member);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }
}
