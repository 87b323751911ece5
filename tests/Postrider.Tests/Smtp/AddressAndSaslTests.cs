using System.Text;
using CsCheck;
using Postrider.Smtp;

namespace Postrider.Tests.Smtp;

public sealed class AddressAndSaslTests
{
    [Theory]
    [InlineData("a@example.org")]
    [InlineData("first.last+tag@sub.example.org")]
    [InlineData("a..b.@example.org")]
    [InlineData("o'brien/dept=x@example.org")]
    [InlineData("\"a b\"@example.org")]
    [InlineData("\"a\\\"@b\"@example.org")]
    [InlineData("a@[192.0.2.1]")]
    [InlineData("a@[IPv6:2001:db8::1]")]
    [InlineData("root@localhost")]
    [InlineData("scan@printer_1.example")]
    [InlineData("grüße@example.org")]
    [InlineData("a@bücher.example")]
    [InlineData("用户@例え.テスト")]
    public void A_valid_address_is_accepted_as_given(string text)
    {
        Assert.True(SmtpAddress.TryParse(text, out var address, out _));
        Assert.Equal(text, address.Text);
        Assert.Equal(text, address.LocalPart + "@" + address.Domain);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("@example.org")]
    [InlineData("a@")]
    [InlineData("a@b@c")]
    [InlineData("a@b@bücher.example")]
    [InlineData("a b@example.org")]
    [InlineData("a@exa mple.org")]
    [InlineData("<a@example.org>")]
    [InlineData("a@example.org>")]
    [InlineData("a@example.org\r\nRCPT TO:<b@example.org>")]
    [InlineData("a@example.org\n")]
    [InlineData("a\0@example.org")]
    [InlineData("\"a@example.org")]
    [InlineData("\"a\"b@example.org")]
    [InlineData("\"\"@example.org")]
    [InlineData("\"a\r\nb\"@example.org")]
    [InlineData("a\"b@example.org")]
    [InlineData("a@.example.org")]
    [InlineData("a@example..org")]
    [InlineData("a@example.org.")]
    [InlineData("a@-example.org")]
    [InlineData("a@[192.0.2]")]
    [InlineData("a@[2001:db8::1]")]
    [InlineData("a@[IPv6:192.0.2.1]")]
    [InlineData("a@[192.0.2.1]x")]
    [InlineData("a@[IPv6:fe80::1%eth0]")]
    [InlineData("\u202Ea@example.org")]
    [InlineData("a@e\u0301.example")]
    [InlineData("a@ＦＵＬＬ.example")]
    [InlineData("a,b@example.org")]
    public void A_dangerous_or_broken_address_is_refused_with_a_reason(string text)
    {
        Assert.False(SmtpAddress.TryParse(text, out _, out var why));
        Assert.NotEmpty(why);
        Assert.False(SmtpAddress.IsPlain(text));
    }

    [Fact]
    public void Half_a_character_is_refused()
    {
        Assert.False(SmtpAddress.TryParse("a\uD800@example.org", out _));
        Assert.False(SmtpAddress.TryParse("\uDC00a@example.org", out _));
        Assert.True(SmtpAddress.TryParse("\uD83D\uDCE8@example.org", out _));
    }

    [Fact]
    public void Lengths_are_held()
    {
        Assert.True(SmtpAddress.TryParse(new string('a', 64) + "@example.org", out _));
        Assert.False(SmtpAddress.TryParse(new string('a', 65) + "@example.org", out _));
        Assert.False(SmtpAddress.TryParse(new string('é', 33) + "@example.org", out _));
        Assert.False(SmtpAddress.TryParse("a@" + new string('a', 64) + ".org", out _));
        Assert.False(SmtpAddress.TryParse("a@" + string.Join('.', Enumerable.Repeat(new string('a', 50), 6)), out _));
    }

    [Fact]
    public void Domains_are_equal_without_regard_to_case_and_in_both_forms()
    {
        Assert.Equal(SmtpAddress.Parse("a@EXAMPLE.org"), SmtpAddress.Parse("a@example.ORG"));
        Assert.Equal(SmtpAddress.Parse("a@BÜCHER.example"), SmtpAddress.Parse("a@xn--bcher-kva.example"));
        Assert.NotEqual(SmtpAddress.Parse("A@example.org"), SmtpAddress.Parse("a@example.org"));
        Assert.Equal("a@xn--bcher-kva.example", SmtpAddress.Parse("a@bücher.example").AsciiText);
        Assert.False(SmtpAddress.Parse("a@bücher.example").NeedsSmtpUtf8);
        Assert.True(SmtpAddress.Parse("é@example.org").NeedsSmtpUtf8);
    }

    [Fact]
    public void Whatever_parses_can_be_written_between_angle_brackets() =>
        Gen.String[Gen.Char["ab@.\"\\<> \r\n\0é[]:1"], 0, 20].Sample(text =>
            !SmtpAddress.TryParse(text, out var address)
            || (!address.AsciiText.Any(c => c is '\r' or '\n' or '\0')
                && SmtpCommandParser.Parse(Encoding.UTF8.GetBytes($"MAIL FROM:<{text}> SMTPUTF8")) is SmtpCommand.Mail mail && mail.ReversePath!.Equals(address)), iter: 100_000);

    [Theory]
    [InlineData("\0user\0secret", true)]
    [InlineData("user\0user\0secret", true)]
    [InlineData("other\0user\0secret", false)]
    [InlineData("\0\0secret", false)]
    [InlineData("\0user\0", false)]
    [InlineData("user\0secret", false)]
    [InlineData("\0user\0sec\0ret", false)]
    public void Plain_lets_nobody_act_as_another(string message, bool accepted)
    {
        var decoded = SaslPlain.TryDecode(Convert.ToBase64String(Encoding.UTF8.GetBytes(message)), out _, out var user, out var password);
        Assert.Equal(accepted, decoded);
        if (accepted)
            Assert.Equal(("user", "secret"), (user, password));
    }

    [Theory]
    [InlineData("AHVzZXIAc2VjcmV0 ")]
    [InlineData("AHVz ZXIAc2VjcmV0")]
    [InlineData("AHVzZXIAc2VjcmV")]
    [InlineData("AHVzZXIAc2VjcmV0====")]
    [InlineData("!!!!")]
    [InlineData("*")]
    [InlineData("=")]
    [InlineData("")]
    [InlineData("AP8A/w==")]
    public void Broken_base64_is_no_credential(string base64) => Assert.False(SaslPlain.TryDecode(base64, out _, out _, out _));

    [Fact]
    public void Login_answers_are_decoded()
    {
        Assert.True(SaslLogin.TryDecode("dXNlcg==", out var user));
        Assert.Equal("user", user);
        Assert.False(SaslLogin.TryDecode("", out _));
        Assert.Equal("Username:", Encoding.ASCII.GetString(Convert.FromBase64String(SaslLogin.UsernamePrompt)));
        Assert.Equal("Password:", Encoding.ASCII.GetString(Convert.FromBase64String(SaslLogin.PasswordPrompt)));
    }

    [Fact]
    public void Credentials_never_print_their_secrets()
    {
        Assert.DoesNotContain("s3cret", $"{new SmtpCredential.Password("user", "s3cret")}", StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", $"{(SmtpCredential)new SmtpCredential.OAuth("user", "s3cret")}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("smtp.office365.com", "OAUTHBEARER,XOAUTH2", "XOAUTH2")]
    [InlineData("smtp-mail.outlook.com", "LOGIN,XOAUTH2", "XOAUTH2")]
    [InlineData("smtp.gmail.com", "LOGIN,PLAIN,XOAUTH2,PLAIN-CLIENTTOKEN,OAUTHBEARER,XOAUTH", "OAUTHBEARER")]
    [InlineData("smtp.fastmail.example", "XOAUTH2", "XOAUTH2")]
    [InlineData("smtp.office365.com", "OAUTHBEARER", "OAUTHBEARER")]
    [InlineData("smtp.example.org", "LOGIN,PLAIN", null)]
    public void The_oauth_mechanism_follows_the_offer_and_the_host(string host, string offered, string? expected) =>
        Assert.Equal(expected, ClientMechanism.Choose(new SmtpCredential.OAuth("a@example.org", "token"),
            new SmtpCapabilities { AuthMechanisms = offered.Split(',') }, new SmtpEndpoint(host, 587, SmtpSecurity.StartTls))?.Name);

    // The samples of the vendors' pages and RFC 7628.
    [Fact]
    public void The_oauth_responses_are_those_of_the_documents()
    {
        var credential = new SmtpCredential.OAuth("sender@contoso.example", "eyJ0eXAiTOKEN");
        var gmail = new SmtpEndpoint("smtp.gmail.com", 587, SmtpSecurity.StartTls);
        Assert.Equal("dXNlcj1zZW5kZXJAY29udG9zby5leGFtcGxlAWF1dGg9QmVhcmVyIGV5SjBlWEFpVE9LRU4BAQ==",
            ClientMechanism.Choose(credential, new SmtpCapabilities { AuthMechanisms = ["XOAUTH2"] }, gmail)!.Responses[0]);
        Assert.Equal("bixhPXNlbmRlckBjb250b3NvLmV4YW1wbGUsAWhvc3Q9c210cC5nbWFpbC5jb20BcG9ydD01ODcBYXV0aD1CZWFyZXIgZXlKMGVYQWlUT0tFTgEB",
            ClientMechanism.Choose(credential, new SmtpCapabilities { AuthMechanisms = ["OAUTHBEARER"] }, gmail)!.Responses[0]);
    }
}
