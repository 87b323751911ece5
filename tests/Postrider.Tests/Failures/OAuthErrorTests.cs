using Postrider.Accounts.Failures;

namespace Postrider.Tests.Failures;

public sealed class OAuthErrorTests
{
    private static readonly FailureCatalog Catalog = FailureCatalog.Default;

    [Theory]
    [InlineData("invalid_grant", RetryClass.Authentication, true, false)]
    [InlineData("interaction_required", RetryClass.Authentication, true, false)]
    [InlineData("consent_required", RetryClass.Authentication, true, false)]
    [InlineData("invalid_client", RetryClass.Configuration, false, true)]
    [InlineData("unauthorized_client", RetryClass.Configuration, false, false)]
    [InlineData("invalid_scope", RetryClass.Configuration, false, false)]
    [InlineData("temporarily_unavailable", RetryClass.Transient, false, false)]
    [InlineData("server_error", RetryClass.Transient, false, false)]
    [InlineData("slow_down", RetryClass.Transient, false, false)]
    [InlineData("never_heard_of", RetryClass.Configuration, false, false)]
    public void The_error_alone_decides(string error, RetryClass expected, bool consent, bool secret)
    {
        var failure = Catalog.ForOAuthError("microsoft", error, null);
        Assert.Equal((expected, consent, secret), (failure.Class, failure.NeedsConsent, failure.NeedsSecret));
    }

    [Fact]
    public void A_number_chooses_the_words_and_the_error_the_action()
    {
        var failure = Catalog.ForOAuthError("microsoft", "temporarily_unavailable",
            "AADSTS700082: The refresh token has expired due to inactivity.\r\nTrace ID: 0\r\nTimestamp: 2026-05-01 10:00:00Z");
        Assert.Equal("entra-refresh-token-expired", failure.Id);
        Assert.Equal(RetryClass.Transient, failure.Class);
        Assert.False(failure.NeedsConsent);
    }

    [Fact]
    public void An_expired_secret_wants_a_new_secret_and_no_new_sign_in()
    {
        var failure = Catalog.ForOAuthError("microsoft", "invalid_client", "AADSTS7000222: The provided client secret keys are expired.");
        Assert.Equal("entra-secret-expired", failure.Id);
        Assert.True(failure.NeedsSecret);
        Assert.False(failure.NeedsConsent);
    }

    [Fact]
    public void A_refused_client_may_be_at_fault_without_its_secret() =>
        Assert.False(Catalog.ForOAuthError("microsoft", "invalid_client", "AADSTS700024: not within its valid time range.").NeedsSecret);

    [Fact]
    public void Numbers_may_come_as_a_list_and_the_first_known_counts() =>
        Assert.Equal("entra-mfa-required", Catalog.ForOAuthError("microsoft", "invalid_grant", "", [1, 50076, 65001]).Id);

    [Fact]
    public void A_longer_number_is_not_taken_for_a_shorter_one() =>
        Assert.Equal("entra-secret-wrong", Catalog.ForOAuthError("microsoft", "invalid_client", "AADSTS7000215: wrong").Id);

    [Fact]
    public void A_number_that_is_not_known_leaves_the_words_to_the_error() =>
        Assert.Equal("grant-refused", Catalog.ForOAuthError("microsoft", "invalid_grant", "AADSTS999999: new").Id);

    [Fact]
    public void A_number_explains_even_an_error_that_is_not_known()
    {
        var failure = Catalog.ForOAuthError("oauth2", "strange", "AADSTS50173: revoked");
        Assert.Equal(("entra-grant-revoked", RetryClass.Authentication, true), (failure.Id, failure.Class, failure.NeedsConsent));
    }

    [Fact]
    public void Google_and_others_use_one_error_for_different_things()
    {
        const string Said = "Token has been expired or revoked.";
        Assert.Equal("google-grant-ended", Catalog.ForOAuthError("google", "invalid_grant", Said).Id);
        Assert.Equal("grant-refused", Catalog.ForOAuthError("oauth2", "invalid_grant", Said).Id);
        Assert.Equal("grant-refused", Catalog.ForOAuthError("microsoft", "invalid_grant", Said).Id);
    }

    [Fact]
    public void What_is_not_known_is_shown_as_it_was_said()
    {
        var failure = Catalog.ForOAuthError("oauth2", "never_heard_of", "something new");
        Assert.False(failure.Known);
        Assert.Contains("never_heard_of: something new", failure.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(429, RetryClass.RateLimited)]
    [InlineData(500, RetryClass.Transient)]
    [InlineData(503, RetryClass.Transient)]
    [InlineData(200, RetryClass.Transient)]
    [InlineData(302, RetryClass.Transient)]
    [InlineData(404, RetryClass.Configuration)]
    public void A_status_without_an_OAuth_error_has_a_meaning_too(int status, RetryClass expected) =>
        Assert.Equal(expected, Catalog.ForHttpStatus(status).Class);
}
