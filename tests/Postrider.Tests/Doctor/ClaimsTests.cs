using Postrider.Accounts.Providers;
using Postrider.Mail.Doctor;
using Postrider.Tests.Accounts;

namespace Postrider.Tests.Doctor;

/// <summary>What the doctor reads in a token before the server says no to it.</summary>
public sealed class ClaimsTests
{
    private const string Exchange = "\"aud\":\"https://outlook.office.com\"";

    private static readonly Provider Microsoft = new()
    {
        Id = "1", Name = "m365", DisplayName = "Contoso", Type = ProviderType.Microsoft, UserName = TestAccounts.Mailbox, ClientId = "11111111-2222-3333-4444-555555555555",
        Tenant = "aaaaaaaa-0000-4000-8000-000000000001", Scope = "https://outlook.office.com/SMTP.Send offline_access", Grant = ProviderGrant.AuthorizationCode,
    };

    [Fact]
    public void A_token_that_fits_is_found_fit() =>
        Assert.Null(Missing(Microsoft, $$"""{ {{Exchange}}, "scp": "SMTP.Send", "tid": "{{Microsoft.Tenant}}", "upn": "{{TestAccounts.Mailbox}}" }"""));

    [Theory]
    [InlineData("https://graph.microsoft.com")]
    [InlineData("00000003-0000-0000-c000-000000000000")]
    public void A_token_for_Graph_is_told_with_the_scope_to_ask_for(string audience) => Says(
        Microsoft with { Scope = "https://graph.microsoft.com/SMTP.Send" }, $$"""{ "aud": "{{audience}}", "scp": "SMTP.Send" }""", "made for Microsoft Graph", "--scope https://outlook.office.com/SMTP.Send");

    [Fact]
    public void A_token_for_another_protocol_is_told_with_what_it_allows() => Says(
        Microsoft, $$"""{ {{Exchange}}, "scp": "IMAP.AccessAsUser.All User.Read" }""", "IMAP.AccessAsUser.All, User.Read, and not SMTP.Send", "--scope");

    [Fact]
    public void An_application_without_its_role_is_told_where_to_give_it() => Says(
        Microsoft with { Grant = ProviderGrant.ClientCredentials, Scope = "https://outlook.office365.com/.default" },
        """{ "aud": "https://outlook.office365.com", "roles": ["Mail.Send"] }""", "may Mail.Send, and not SMTP.SendAsApp", "Application permissions > SMTP.SendAsApp, grant admin consent");

    [Fact]
    public void A_token_of_another_tenant_is_told_with_both() => Says(
        Microsoft, $$"""{ {{Exchange}}, "scp": "SMTP.Send", "tid": "bbbbbbbb-0000-4000-8000-000000000002" }""", "of the tenant bbbbbbbb-0000-4000-8000-000000000002", "Correct the tenant");

    [Fact]
    public void A_sign_in_name_that_is_not_the_mailbox_is_told_with_both_and_is_right_for_a_shared_one()
    {
        var token = $$"""{ {{Exchange}}, "scp": "SMTP.Send", "upn": "anna.long@corp.contoso.example" }""";
        Says(Microsoft, token, $"of anna.long@corp.contoso.example, and the mailbox of this provider is {TestAccounts.Mailbox}", "shared mailbox");
        Assert.Null(Missing(Microsoft with { SharedMailbox = true }, token));
    }

    private static (string Cause, string Remedy)? Missing(Provider provider, string payload) => ClaimsNeeded.Missing(provider, TokenClaims.Read(IdentityPlatform.Jwt(payload))!);

    private static void Says(Provider provider, string payload, string cause, string remedy)
    {
        var missing = Missing(provider, payload)!.Value;
        Assert.Contains(cause, missing.Cause, StringComparison.Ordinal);
        Assert.Contains(remedy, missing.Remedy, StringComparison.Ordinal);
    }
}
