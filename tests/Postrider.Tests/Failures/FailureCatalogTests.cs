using Postrider.Accounts.Failures;

namespace Postrider.Tests.Failures;

public sealed class FailureCatalogTests
{
    private static readonly FailureCatalog Catalog = FailureCatalog.Default;

    public static TheoryData<string> Ids => [.. Catalog.Rules.Select(rule => rule.Entry.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Every_entry_is_found_by_its_own_example(string id)
    {
        var rule = Catalog.Rules.Single(rule => rule.Entry.Id == id);
        Assert.Equal(id, Example.LookUp(Catalog, rule).Id);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Every_entry_says_cause_and_remedy_in_whole_sentences(string id)
    {
        var entry = Catalog.Rules.Single(rule => rule.Entry.Id == id).Entry;
        Assert.All([entry.Cause, entry.Remedy], text => Assert.Matches(@"[.}\w/]$", text));
        Assert.All([entry.Title, entry.Cause, entry.Remedy], text => Assert.DoesNotMatch(@"!|\b(oops|please)\b", text.ToLowerInvariant()));
        Assert.False(entry.Title.EndsWith('.'));
    }

    [Fact]
    public void It_is_read_once_and_for_the_first_failure()
    {
        var read = 0;
        var catalog = new FailureCatalog(() =>
        {
            read++;
            return FailureCatalogReader.ReadEmbedded();
        });
        Assert.Equal(0, read);
        Assert.Equal(catalog.ForHttpStatus(429).Id, catalog.ForHttpStatus(429).Id);
        Assert.Equal(1, read);
    }

    [Fact]
    public void The_most_specific_entry_wins()
    {
        Assert.Equal("smtp-auth-disabled-mailbox", Reply("microsoft", 535, "5.7.139", "… SMTPCLIENTAUTHENTICATION is disabled for the mailbox. …"));
        Assert.Equal("sign-in-policy-unspecified", Reply("microsoft", 535, "5.7.139", "in words not met before"));
        Assert.Equal("sign-in-refused", Reply("microsoft", 535, null, "no"));
        Assert.Equal("suspicious-traffic-slowed", Reply("microsoft", 451, "4.7.699", "Access denied, please try again later"));
        Assert.Equal("deferred-message", Reply("microsoft", 451, "4.7.700", "Wait"));
    }

    [Fact]
    public void An_enhanced_code_of_one_meaning_is_recognised_whatever_the_words()
    {
        Assert.Equal("suspicious-traffic-slowed", Reply("microsoft", 451, "4.7.500", "Server busy. Please try again later"));
        Assert.Equal("sender-domain-not-registered", Reply("microsoft", 550, "5.7.750", "in words not met before"));
        Assert.Equal("refused-message", Reply("microsoft", 554, "5.2.0", "in words not met before"));
    }

    [Fact]
    public void Words_are_recognised_under_another_enhanced_code()
    {
        Assert.Equal("send-as-denied", Reply("microsoft", 554, "5.2.0", "STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied"));
        Assert.Equal("send-as-denied-by-server", Reply("microsoft", 550, "5.7.1", "Client does not have permissions to send as this sender"));
    }

    [Fact]
    public void An_enhanced_code_left_in_the_text_is_read_there() =>
        Assert.Equal("daily-recipient-limit", Reply("microsoft", 550, null, "5.1.90 Your message can't be sent"
            + " because you've reached your daily limit for message recipients"));

    [Fact]
    public void Half_an_enhanced_code_is_no_code() =>
        Assert.Equal("refused-message", Reply("microsoft", 550, "5.7", "Something"));

    [Fact]
    public void One_provider_is_not_explained_with_the_words_of_another() =>
        Assert.Equal("refused-by-policy", Reply("google", 554, "5.7.1", "Unable to relay"));

    [Fact]
    public void A_password_provider_may_be_Exchange_under_another_name() =>
        Assert.Equal("basic-authentication-disabled",
            Reply("password", 535, "5.7.139", "Authentication unsuccessful, basic authentication is disabled."));

    [Theory]
    [InlineData("microsoft", 550, "5.1.90", "You've reached your daily limit for message recipients")]
    [InlineData("microsoft", 554, "5.2.0", "STOREDRV.Submission.Exception:SubmissionQuotaExceededException")]
    [InlineData("microsoft", 550, "5.7.233", "your tenant exceeded its daily limit for external recipients")]
    [InlineData("google", 550, "5.4.5", "Daily user sending limit exceeded")]
    public void Quotas_are_limits_though_the_code_is_5xx(string provider, int code, string enhanced, string text)
    {
        var failure = Catalog.ForReply(provider, SmtpStage.Final, code, enhanced, text);
        Assert.Equal(RetryClass.RateLimited, failure.Class);
        Assert.NotNull(failure.Wait);
    }

    [Fact]
    public void A_full_sending_mailbox_is_not_a_quota_that_time_heals() =>
        Assert.Equal(RetryClass.Configuration,
            Catalog.ForReply("microsoft", SmtpStage.Final, 554, "5.2.2", "mailbox full; QuotaExceededException").Class);

    [Fact]
    public void A_duplicate_is_probably_delivered()
    {
        var failure = Catalog.ForReply("microsoft", SmtpStage.Final, 554, "5.2.0", "MapiExceptionDuplicateDelivery");
        Assert.True(failure.ProbablyDelivered);
        Assert.Equal(RetryClass.Permanent, failure.Class);
    }

    [Fact]
    public void A_refused_token_becomes_a_matter_of_configuration_when_a_new_one_is_refused_too() =>
        Assert.All(
            Catalog.Rules.Where(rule => rule.Group.Where is FailureWhere.Smtp && rule.Entry.Class is RetryClass.Authentication),
            rule => Assert.Equal(RetryClass.Configuration, rule.Entry.OnRepeat));

    [Fact]
    public void What_is_not_known_is_shown_as_it_was_said()
    {
        var failure = Catalog.ForReply("oauth2", SmtpStage.Final, 554, "5.9.9", "The {moon} is full");
        Assert.False(failure.Known);
        Assert.EndsWith("The provider said: 554 5.9.9 The {moon} is full", failure.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void An_endless_reply_is_answered_all_the_same() =>
        Assert.Equal("refused-message", Reply("microsoft", 554, null, new string('x', 1_000_000)));

    [Theory]
    [InlineData(SmtpStage.Final, NetworkFault.ConnectionLost, "connection-lost-after-message")]
    [InlineData(SmtpStage.Reset, NetworkFault.ConnectionLost, "connection-lost")]
    [InlineData(SmtpStage.Connect, NetworkFault.TimedOut, "no-answer")]
    [InlineData(SmtpStage.Final, NetworkFault.TimedOut, "no-answer-after-message")]
    public void Silence_means_what_its_stage_says(SmtpStage stage, NetworkFault fault, string id) =>
        Assert.Equal(id, Catalog.ForNetwork(stage, fault).Id);

    [Fact]
    public void Every_fault_has_an_entry_at_every_stage() =>
        Assert.All(
            from stage in Enum.GetValues<SmtpStage>() from fault in Enum.GetValues<NetworkFault>() select (stage, fault),
            pair => Assert.NotNull(Catalog.ForNetwork(pair.stage, pair.fault)));

    private static string Reply(string provider, int code, string? enhanced, string text) =>
        Catalog.ForReply(provider, SmtpStage.Final, code, enhanced, text).Id;
}
