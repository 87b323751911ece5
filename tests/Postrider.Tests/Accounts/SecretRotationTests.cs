using Postrider.Accounts.Providers;
using Postrider.Accounts.Sealing;
using Postrider.Accounts.Tokens;

namespace Postrider.Tests.Accounts;

/// <summary>Secrets are sealed anew while everything goes on, and the old key can be taken out.</summary>
public class SecretRotationTests
{
    [Fact]
    public async Task Everything_is_sealed_with_the_new_key_and_the_old_one_can_go()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        var certified = await accounts.AddAsync(TestAccounts.Microsoft("app") with { Grant = ProviderGrant.ClientCredentials, ClientSecret = SecretChange.Keep, ClientAuthentication = ClientAuthentication.PrivateKeyJwt });
        Assert.IsType<CertificateResult.Made>(await accounts.Get<ClientCertificates>().CreateAsync(certified, accounts.Stop));
        await accounts.AddAsync(new() { Name = "relay", Type = ProviderType.Password, Address = "smtp.example.org", Port = 587, UserName = TestAccounts.Mailbox, Password = SecretChange.To("pass"), Limits = ProviderCatalog.NoLimitsGiven });
        await accounts.TokenAsync(provider.Id);
        await accounts.Consent.StartAsync(provider, "admin", accounts.Stop);
        var before = await StatusAsync(accounts);
        var old = Assert.Single(before.Keys);
        // Two client secrets' worth of tokens: refresh, previous and access token, a password, a key and a verifier.
        Assert.Equal((true, 7L, 0L), (old.IsCurrent, old.Secrets, before.SecretsWithoutKey));
        Assert.IsType<KeyRemoval.Refused>(await Rotation(accounts).RemoveAsync(old.Id, accounts.Stop));

        await RotateAsync(accounts);

        var after = await StatusAsync(accounts);
        Assert.Equal([(true, 7L), (false, 0L)], after.Keys.Select(key => (key.IsCurrent, key.Secrets)));
        Assert.IsType<KeyRemoval.Refused>(await Rotation(accounts).RemoveAsync(after.Keys[0].Id, accounts.Stop));
        Assert.IsType<KeyRemoval.Removed>(await Rotation(accounts).RemoveAsync(old.Id, accounts.Stop));
        Assert.IsType<KeyRemoval.Unknown>(await Rotation(accounts).RemoveAsync(old.Id, accounts.Stop));
        await using var again = await accounts.RestartAsync();
        await again.Get<KeyRingCheck>().RunAsync(again.Stop);
        Assert.Empty(await again.Get<SealedSecrets>().ClosedAsync(again.Stop));
        Assert.Equal(TestAccounts.Secret, await again.Get<ProviderSecrets>().ClientSecretAsync(provider.Id, again.Stop));
        again.Clock.Advance(TimeSpan.FromHours(2));
        await again.TokenAsync(provider.Id);
    }

    [Fact]
    public async Task What_a_stop_interrupted_goes_on_with_the_next_start()
    {
        await using var accounts = await TestAccounts.StartAsync();
        await accounts.AddWithTokenAsync();
        await Rotation(accounts).BeginAsync(accounts.Stop);
        Assert.Equal(0, (await StatusAsync(accounts)).Keys[0].Secrets);
        await using var again = await accounts.RestartAsync();
        Assert.True((await StatusAsync(again)).IsRotating);
        await UntilEndAsync(again);
        Assert.Equal([2L, 0L], (await StatusAsync(again)).Keys.Select(key => key.Secrets));
    }

    [Fact]
    public async Task Asking_twice_makes_one_key()
    {
        await using var accounts = await TestAccounts.StartAsync();
        await accounts.AddWithTokenAsync();
        await Rotation(accounts).BeginAsync(accounts.Stop);
        await Rotation(accounts).BeginAsync(accounts.Stop);
        Assert.Equal(2, (await StatusAsync(accounts)).Keys.Count);
    }

    [Fact]
    public async Task A_refresh_under_way_keeps_its_token_and_stores_its_answer()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var provider = await accounts.AddWithTokenAsync();
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        accounts.Platform.Answer = async (_, _) =>
        {
            asked.SetResult();
            await answer.Task;
            return accounts.Platform.Token();
        };
        var token = accounts.TokenAsync(provider.Id);
        await asked.Task;
        await Rotation(accounts).BeginAsync(accounts.Stop);
        var (_, busy) = await accounts.Get<SealedSecrets>().SealAnewAsync(KeyRing.HeadOf(accounts.Get<KeyRing>().Current!.Value), accounts.Stop);
        Assert.Equal(1, busy);
        answer.SetResult();
        await token;
        await UntilEndAsync(accounts);
        Assert.Equal([4L, 0L], (await StatusAsync(accounts)).Keys.Select(key => key.Secrets));
        accounts.Platform.Answer = null;
        accounts.Clock.Advance(TimeSpan.FromHours(2));
        await accounts.TokenAsync(provider.Id);
    }

    [Fact]
    public async Task A_refresh_that_brings_no_new_refresh_token_leaves_the_stored_one_as_it_was_sealed_meanwhile()
    {
        await using var accounts = await TestAccounts.StartAsync();
        accounts.Platform.Rotates = false;
        var provider = await accounts.AddWithTokenAsync();
        accounts.Platform.Answer = async (_, _) =>
        {
            // The lease has ended: nothing keeps the row from being sealed anew.
            accounts.Clock.Advance(TimeSpan.FromMinutes(10));
            await Rotation(accounts).BeginAsync(accounts.Stop);
            var head = KeyRing.HeadOf(accounts.Get<KeyRing>().Current!.Value);
            // The first of them may still be sealed with the old key, which the framework changes for the new one by and by.
            while (await accounts.Get<SealedSecrets>().SealAnewAsync(head, accounts.Stop) is { Done: > 0 })
                await Task.Yield();
            return accounts.Platform.Token();
        };
        await accounts.TokenAsync(provider.Id);
        Assert.Equal([3L, 0L], (await StatusAsync(accounts)).Keys.Select(key => key.Secrets));
    }

    [Fact]
    public async Task A_secret_that_does_not_open_stays_as_it_is_and_keeps_its_key()
    {
        await using var accounts = await TestAccounts.StartAsync();
        var one = await accounts.AddWithTokenAsync("one");
        var two = await accounts.AddWithTokenAsync("two");
        await accounts.Database.WriteAsync(session => session.ExecuteAsync(
            "update providers set client_secret = (select client_secret from providers where id = @from) where id = @to", new { from = one.Id, to = two.Id }), accounts.Stop);
        var old = Assert.Single((await StatusAsync(accounts)).Keys).Id;
        await RotateAsync(accounts);
        Assert.Equal(SecretPlace.ClientSecret(two.Id), Assert.Single(await accounts.Get<SealedSecrets>().ClosedAsync(accounts.Stop)));
        Assert.Equal([3L, 1L], (await StatusAsync(accounts)).Keys.Select(key => key.Secrets));
        Assert.Contains("1 stored secret", Assert.IsType<KeyRemoval.Refused>(await Rotation(accounts).RemoveAsync(old, accounts.Stop)).Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void The_head_of_a_text_tells_its_key()
    {
        var key = Guid.NewGuid();
        var text = System.Buffers.Text.Base64Url.EncodeToString([0x09, 0xF0, 0xC9, 0xF0, .. key.ToByteArray(), .. new byte[40]]);
        Assert.Equal(key, KeyRing.KeyOf(text));
        Assert.Equal(KeyRing.HeadOf(key), text[..KeyRing.HeadLength]);
        Assert.Null(KeyRing.KeyOf("plain"));
        Assert.Null(KeyRing.KeyOf(new string('A', 60)));
        Assert.Null(KeyRing.KeyOf("%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%"));
    }

    private static SecretRotation Rotation(TestAccounts accounts) => accounts.Get<SecretRotation>();

    private static Task<SecretStatus> StatusAsync(TestAccounts accounts) => Rotation(accounts).StatusAsync(accounts.Stop);

    private static async Task RotateAsync(TestAccounts accounts)
    {
        await Rotation(accounts).BeginAsync(accounts.Stop);
        await UntilEndAsync(accounts);
    }

    private static async Task UntilEndAsync(TestAccounts accounts)
    {
        await Rotation(accounts).StartAsync(accounts.Stop);
        while ((await StatusAsync(accounts)).IsRotating)
        {
            accounts.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        await Rotation(accounts).StopAsync(accounts.Stop);
    }
}
