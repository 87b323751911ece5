using Postrider.Accounts.Failures;

namespace Postrider.Tests.Failures;

/// <summary>Whatever form an error is pasted in, it finds its cause.</summary>
public sealed class ExplainerTests
{
    private static readonly FailureExplainer Explainer = new(FailureCatalog.Default);

    public static TheoryData<string> Ids => [.. FailureCatalog.Default.Rules.Where(rule => !rule.Group.Fallback && rule.Entry.Match.Fault is null).Select(rule => rule.Entry.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void The_example_of_every_entry_is_explained_when_it_is_pasted(string id)
    {
        var rule = FailureCatalog.Default.Rules.Single(rule => rule.Entry.Id == id);
        var found = Explainer.Explain(rule.Entry.Example, rule.Group.Provider is "any" ? "oauth2" : rule.Group.Provider);
        Assert.Contains(found, explanation => explanation.Failure.Id == id);
    }

    [Theory]
    [InlineData("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit https://aka.ms/smtp_auth_disabled", "smtp-auth-disabled-mailbox")]
    [InlineData("Nov 27 12:00:00 mail postfix/smtp[7]: SASL authentication failed; server smtp.office365.com[52.97.1.2] said: 535 5.7.3 Authentication unsuccessful [AM0PR01CA0001]", "exchange-sign-in-refused")]
    [InlineData("535-5.7.8 Username and Password not accepted. For more information, go to\n535 5.7.8 https://support.google.com/mail/?p=BadCredentials - gsmtp", "gmail-sign-in-refused")]
    [InlineData("AADSTS7000222", "secret-expired")]
    [InlineData("7000222", "secret-expired")]
    [InlineData("""{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided."}""", "wrong-secret")]
    [InlineData("http://localhost:8080/oauth/callback?error=access_denied&error_description=AADSTS65004%3a+User+declined&state=x", "consent-declined")]
    [InlineData("HTTP 429", "token-endpoint-throttled")]
    public void A_pasted_error_is_understood(string said, string id) => Assert.Equal(Actual(id), Explainer.Explain(said)[0].Failure.Id);

    [Fact]
    public void Words_find_the_entries_that_hold_them_all() =>
        Assert.Contains(Explainer.Explain("security defaults"), found => found.Failure.Id == "password-blocked-by-security-defaults");

    [Fact]
    public void What_nobody_knows_is_quoted_with_what_its_code_says()
    {
        var found = Assert.Single(Explainer.Explain("554 5.9.9 The moon is full", "oauth2"));
        Assert.False(found.Failure.Known);
        Assert.Contains("554 5.9.9 The moon is full", found.Failure.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("xyzzy plugh")]
    public void Nothing_is_made_up(string said) => Assert.Empty(Explainer.Explain(said));

    [Fact]
    public void Everything_can_be_listed() => Assert.True(Explainer.All().Count > 150);

    // Names are the catalogue's business; what counts is that the entry of the number or reply is found.
    private static string Actual(string id) => id switch
    {
        "secret-expired" => Number(7000222), "wrong-secret" => Number(7000215), "consent-declined" => Number(65004),
        "gmail-sign-in-refused" => FailureCatalog.Default.ForReply("google", SmtpStage.Auth, 535, "5.7.8", "Username and Password not accepted").Id,
        "token-endpoint-throttled" => FailureCatalog.Default.ForHttpStatus(429).Id,
        _ => id,
    };

    private static string Number(int number) => FailureCatalog.Default.Rules.Single(rule => rule.Entry.Match.Aadsts.Contains(number)).Entry.Id;
}
