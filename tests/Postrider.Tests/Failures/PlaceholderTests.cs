using Postrider.Accounts.Failures;

namespace Postrider.Tests.Failures;

public sealed class PlaceholderTests
{
    [Fact]
    public void Known_values_are_filled_in_and_the_rest_stays_readable() =>
        Assert.Equal("ask a@contoso.com about <tenant> and {moon}",
            Fill("ask {mailbox} about {tenant} and {moon}", ("mailbox", "a@contoso.com")));

    [Fact]
    public void A_value_is_not_read_for_placeholders_again() =>
        Assert.Equal("{tenant} x", Fill("{mailbox} {tenant}", ("mailbox", "{tenant}"), ("tenant", "x")));

    [Theory]
    [InlineData("a@b; Remove-Mailbox c")]
    [InlineData("$(whoami)@b")]
    [InlineData("-Force")]
    [InlineData("a'b@c")]
    [InlineData("a@b\n")]
    public void A_command_to_copy_never_holds_more_than_one_word_of_a_stranger(string from)
    {
        Assert.Equal("    Add-RecipientPermission <from>", Fill("    Add-RecipientPermission {from}", ("from", from)));
        Assert.Equal($"May not send as {from}", Fill("May not send as {from}", ("from", from)));
    }

    [Fact]
    public void A_failure_is_filled_as_a_whole()
    {
        var failure = FailureCatalog.Default.ForReply("microsoft", SmtpStage.Final, 554, "5.2.252", "SendAsDenied")
            .Fill(new Dictionary<string, string> { ["mailbox"] = "noreply@contoso.com", ["from"] = "shop@contoso.com" });
        Assert.Contains("noreply@contoso.com may not send as shop@contoso.com", failure.Cause, StringComparison.Ordinal);
        Assert.Contains("    Add-RecipientPermission shop@contoso.com -AccessRights SendAs -Trustee noreply@contoso.com -Confirm:$false",
            failure.Remedy, StringComparison.Ordinal);
    }

    private static string Fill(string text, params (string Name, string Value)[] values) =>
        FailureCatalog.Fill(text, values.ToDictionary(value => value.Name, value => value.Value));
}
