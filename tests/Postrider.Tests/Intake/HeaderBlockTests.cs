using System.Text;
using CsCheck;
using Postrider.Mail.Intake;

namespace Postrider.Tests.Intake;

public sealed class HeaderBlockTests
{
    private static HeaderBlock Read(string message) => HeaderBlock.Read(Encoding.Latin1.GetBytes(message))!;

    private static string Edited(string message, string first = "", params string[] without)
    {
        var bytes = Encoding.Latin1.GetBytes(message);
        var block = HeaderBlock.Read(bytes)!;
        return Encoding.Latin1.GetString(block.Edited(first, without)) + Encoding.Latin1.GetString(bytes, block.Length, bytes.Length - block.Length);
    }

    [Theory]
    [InlineData("Subject: a\r\n\tb\r\n  c\r\n\r\nx", "a\tb  c")]
    [InlineData("SUBJECT : a\r\n\r\n", "a")]
    [InlineData("Subject:\r\n a\r\n", "a")]
    [InlineData("Subject:\r\n\r\n", "")]
    [InlineData("X: y\r\nSubject: last", "last")]
    [InlineData("Subject: a:b\r\n\r\nSubject: body", "a:b")]
    [InlineData("X-Subject: a\r\n\r\n", null)]
    [InlineData("\r\nSubject: body\r\n", null)]
    [InlineData(" Subject: a\r\n\r\n", null)]
    [InlineData("no field\r\nSubject: a\r\n\r\n", null)]
    [InlineData("Sub ject: a\r\nSubject: b\r\n\r\n", null)]
    [InlineData(": a\r\nSubject: b\r\n\r\n", null)]
    [InlineData("", null)]
    public void A_field_is_found_in_the_header_and_nowhere_else(string message, string? expected) => Assert.Equal(expected, Read(message).Value("subject"));

    [Fact]
    public void Fields_are_counted_without_regard_to_case_and_spaces()
    {
        var header = Read("From: a\r\nfrom: b\r\nFROM\t: c\r\nX-From: d\r\n\r\nFrom: e");
        Assert.Equal(3, header.Count("From"));
        Assert.Equal(["a", "b", "c"], header.Values("From"));
    }

    [Theory]
    [InlineData("A: 1\r\nBcc: x,\r\n y\r\nB: 2\r\nbcc : z\r\n\r\nBcc: body\r\n", "A: 1\r\nB: 2\r\n\r\nBcc: body\r\n")]
    [InlineData("Bcc: x\r\n\r\n", "\r\n")]
    [InlineData("\r\nbody", "\r\nbody")]
    [InlineData("A: 1\r\n", "A: 1\r\n\r\n")]
    [InlineData("A: 1\r\nbody begins\r\nBcc: kept", "A: 1\r\n\r\nbody begins\r\nBcc: kept")]
    public void Named_fields_go_with_all_their_lines_and_a_missing_empty_line_is_put_in(string message, string expected) =>
        Assert.Equal(expected, Edited(message, "", "Bcc"));

    [Fact]
    public void A_header_beyond_the_limit_is_none()
    {
        Assert.NotNull(HeaderBlock.Read(Encoding.ASCII.GetBytes($"X: {new string('x', HeaderBlock.MaxLength - 5)}\r\n\r\n")));
        Assert.Null(HeaderBlock.Read(Encoding.ASCII.GetBytes($"X: {new string('x', HeaderBlock.MaxLength - 4)}\r\n\r\n")));
    }

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(at => texts[at]);

    private static readonly Gen<string> Value = Gen.OneOf(Gen.String[Gen.Char["ab :;<>@\t\u00e9\u00ff"], 0, 30], Gen.Const(new string('y', 1500)));
    private static readonly Gen<string> Field = Gen.Select(OneOf("From", "X-A", "x!#$", "To", "List-Id", "Content-Type", "Bccx"), OneOf(":", ": ", " :", "\t:"), Value, OneOf("\r\n", "\r\n folded\r\n", "\r\n\tx\r\n \r\n"))
        .Select((name, colon, value, end) => name + colon + value + end);

    [Fact]
    public void Every_other_octet_stays_in_its_place() =>
        Gen.Select(Field.List[1, 15], Field.List[0, 3], Gen.String[Gen.Char["ab:\r\n\u00e9"], 0, 60]).Sample((kept, removed, body) =>
        {
            var secrets = removed.ConvertAll(field => "bCc" + field[field.IndexOf(':', StringComparison.Ordinal)..]);
            var mixed = new List<string>(kept);
            for (var i = 0; i < secrets.Count; i++)
                mixed.Insert((i * 7) % (mixed.Count + 1), secrets[i]);
            return Edited(string.Concat(mixed) + "\r\n" + body, "First: x\r\n", "Bcc") == "First: x\r\n" + string.Concat(kept) + "\r\n" + body;
        }, iter: 5000);
}
