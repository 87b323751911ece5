using System.Globalization;
using Postrider.Accounts.Failures;

namespace Postrider.Tests.Failures;

/// <summary>Nothing that the reference lists is missing from the catalogue, and each means there what the reference says.</summary>
public sealed class ReferenceTests
{
    private static readonly FailureCatalog Catalog = FailureCatalog.Default;

    public static TheoryData<int, char, char> Numbers => [.. Lines(ReferenceCodes.Aadsts)
        .SelectMany(line => line[1..], (line, number) => (int.Parse(number, CultureInfo.InvariantCulture), line[0][0], line[0][1]))];

    public static TheoryData<string, string> Errors => [.. Lines(ReferenceCodes.Errors).SelectMany(line => line[1..], (line, error) => (line[0], error))];

    public static TheoryData<string> Replies => [.. ReferenceCodes.Replies.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_number_of_the_identity_platform_is_known_with_who_repairs_it(int number, char consent, char secret)
    {
        var rule = Assert.Single(Catalog.Rules, rule => rule.Entry.Match.Aadsts.Contains(number));
        if (consent is not '-')
            Assert.Equal(consent is 'y', rule.Entry.Consent);
        if (secret is not '-')
            Assert.Equal(secret is 'y', rule.Entry.Secret);
        var asked = Catalog.ForOAuthError("microsoft", rule.Entry.Example.Split(':')[0], $"AADSTS{number}: Something. Trace ID: 0");
        Assert.Equal((rule.Entry.Id, true), (asked.Id, asked.Known));
    }

    [Fact]
    public void The_list_of_numbers_is_whole() => Assert.Equal(120, Numbers.Count);

    [Theory]
    [MemberData(nameof(Errors))]
    public void An_error_of_the_protocol_is_known(string provider, string error) =>
        Assert.True(Catalog.ForOAuthError(provider, error, "in words not met before").Known);

    [Theory]
    [MemberData(nameof(Replies))]
    public void A_reply_of_the_server_is_known_with_its_retry_class(string row)
    {
        var parts = row.Split(' ', 6);
        var failure = Catalog.ForReply(parts[0], Enum.Parse<SmtpStage>(parts[2], ignoreCase: true), int.Parse(parts[3], CultureInfo.InvariantCulture), parts[4] is "-" ? null : parts[4], parts[5]);
        Assert.True(failure.Known, failure.Id);
        Assert.True(parts[1] == Letter(failure), $"{failure.Id} is {failure.Class}");
    }

    private static string Letter(KnownFailure failure) => failure.Class switch
    {
        RetryClass.Permanent => "P", RetryClass.Transient => "T", RetryClass.RateLimited => "L", RetryClass.Configuration => "C", _ => "A",
    };

    private static IEnumerable<string[]> Lines(string text) => text.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(line => line.Length > 0);
}
