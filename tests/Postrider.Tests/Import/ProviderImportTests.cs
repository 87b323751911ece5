using Postrider.Accounts.Import;
using Postrider.Tests.Accounts;

namespace Postrider.Tests.Import;

public sealed class ProviderImportTests
{
    private const string Two = "[smtp.example.org]:587 one:pw1\n[smtp.example.net]:587 two:pw2\n";

    [Fact]
    public async Task All_are_made_or_none()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var import = accounts.Get<ProviderImport>();
        ImportFile[] files = [new("", Two + "[smtp.example.com]:587 nobody\n")];
        var refused = await import.RunAsync(files, null, [], null, false, accounts.Stop);
        Assert.False(refused.Ok);
        Assert.Empty(accounts.Providers.All);

        var some = await import.RunAsync(files, null, ["[smtp.example.org]:587", "[smtp.example.net]:587"], null, false, accounts.Stop);
        Assert.True(some.Ok);
        Assert.Equal(["smtp.example.net", "smtp.example.org"], accounts.Providers.All.Select(provider => provider.Name));
        Assert.All(accounts.Providers.All, provider => Assert.True(provider.HasPassword));

        var again = await import.RunAsync([new("", Two)], null, [], null, false, accounts.Stop);
        Assert.All(again.Providers, found => Assert.Contains(found.Errors, error => error.Member == "name"));
        Assert.Equal(2, accounts.Providers.All.Count);
    }

    [Fact]
    public async Task A_dry_run_makes_nothing_and_shows_all()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var shown = await accounts.Get<ProviderImport>().RunAsync([new("", Two)], null, [], null, true, accounts.Stop);
        Assert.True(shown.Ok);
        Assert.Equal(2, shown.Providers.Count);
        Assert.Empty(accounts.Providers.All);
    }

    [Fact]
    public async Task A_paste_needs_only_the_mailbox_beside_it()
    {
        await using var accounts = await TestAccounts.StartAsync();
        ImportFile[] pasted = [new("", "Application (client) ID: 11111111-2222-3333-4444-555555555555\nDirectory (tenant) ID: contoso.example\nSecret value: abC8Q~x")];
        var import = accounts.Get<ProviderImport>();
        var without = await import.RunAsync(pasted, null, [], null, false, accounts.Stop);
        Assert.Equal("userName", Assert.Single(Assert.Single(without.Providers).Errors).Member);
        var with = await import.RunAsync(pasted, null, [], draft => draft with { UserName = "noreply@contoso.example" }, false, accounts.Stop);
        Assert.Equal("smtp.office365.com", Assert.Single(with.Providers).Made?.Address);
    }

    [Fact]
    public async Task Two_of_one_name_are_told_apart_by_a_person()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var refused = await accounts.Get<ProviderImport>().RunAsync([new("", "[smtp.example.org]:587 one:pw1\n[smtp.example.org]:465 two:pw2\n")], null, [], null, false, accounts.Stop);
        Assert.Contains("--name", Assert.Single(refused.Providers[1].Errors).Message, StringComparison.Ordinal);
        Assert.Empty(accounts.Providers.All);
    }
}
