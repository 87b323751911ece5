using System.Text.Json.Nodes;

namespace Postrider.Tests.Cli;

[Collection(OneCommandLineAtATime.Name)]
public sealed class SendCommandTests
{
    private const string Accepted = """{"id":"01J8"}""";

    [Fact]
    public async Task Fields_become_a_message()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("POST /api/v1/messages", Accepted, 202);
        var file = shell.File("report.txt", "figures");

        Assert.Equal(0, await shell.RunAsync(
            "send", "--from", "Me <me@contoso.com>", "--to", "a@example.org", "b@example.org", "--cc", "c@example.org", "--bcc", "d@example.org",
            "--reply-to", "r@contoso.com", "--subject", "S", "--text", "T", "--html", "<p>", "--attach", file, "--header", "X-Kind: test: 1",
            "--provider", "m", "--idempotency-key", "once"));

        var asked = shell.Gateway.Only;
        Assert.Equal("once", asked.Headers["Idempotency-Key"]);
        Assert.True(JsonNode.DeepEquals(asked.Json, JsonNode.Parse("""
            {"from":"Me <me@contoso.com>","to":["a@example.org","b@example.org"],"cc":["c@example.org"],"bcc":["d@example.org"],
             "replyTo":["r@contoso.com"],"subject":"S","text":"T","html":"<p>","headers":{"X-Kind":"test: 1"},"provider":"m",
             "attachments":[{"name":"report.txt","contentBase64":"ZmlndXJlcw=="}]}
            """)), asked.Text);
        Assert.Contains("Accepted as 01J8.", shell.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_json_the_id_is_the_answer()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("POST /api/v1/messages", Accepted, 202);

        Assert.Equal(0, await shell.RunAsync("send", "--to", "a@example.org", "--text", "T", "--json"));
        Assert.Equal(Accepted, shell.Out.Trim());
    }

    [Theory]
    [InlineData("send", "-", "--to", "x+1@example.org", "y@example.org", "--from", "me@contoso.com")]
    [InlineData("send", "--file", "-", "--to", "x+1@example.org", "y@example.org", "--from", "me@contoso.com")]
    [InlineData("send", "--from", "me@contoso.com", "--to", "x+1@example.org", "y@example.org", "-")]
    public async Task A_complete_message_is_sent_raw_with_its_line_ends_made_crlf(params string[] args)
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("POST /api/v1/messages", Accepted, 202);

        Assert.Equal(0, await shell.RunWithInputAsync("Subject: one\nX: two\r\n\nbody\n.\n", args));
        Assert.Equal("POST /api/v1/messages?from=me%40contoso.com&to=x%2B1%40example.org&to=y%40example.org", shell.Gateway.Only.Line);
        Assert.Equal("message/rfc822", shell.Gateway.Only.Headers["Content-Type"]);
        Assert.Equal("Subject: one\r\nX: two\r\n\r\nbody\r\n.\r\n", shell.Gateway.Only.Text);
    }

    [Fact]
    public async Task Without_to_the_headers_name_the_envelope()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("POST /api/v1/messages", Accepted, 202);
        var file = shell.File("m.eml", "From: \"Me, myself\" <me@contoso.com>\nTo: A <a@example.org>,\n b@example.org\nCc: a@example.org\nBcc: hidden@example.org\n\nbody");

        Assert.Equal(0, await shell.RunAsync("send", "--file", file, "--provider", "m"));
        Assert.Equal("?from=me%40contoso.com&to=a%40example.org&to=b%40example.org&to=hidden%40example.org&provider=m", shell.Gateway.Only.Query);
    }

    [Fact]
    public async Task The_null_reverse_path_can_be_given()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("POST /api/v1/messages", Accepted, 202);

        Assert.Equal(0, await shell.RunWithInputAsync("From: me@contoso.com\n\nx", "send", "-", "--from", "", "--to", "a@example.org"));
        Assert.Equal("?from=&to=a%40example.org", shell.Gateway.Only.Query);
    }

    [Theory]
    [InlineData("--subject", "S")]
    [InlineData("--text", "T")]
    [InlineData("--header", "A: b")]
    public async Task A_complete_message_takes_no_fields(string option, string value)
    {
        await using var shell = await Shell.StartAsync();
        Assert.Equal(2, await shell.RunWithInputAsync("To: a@example.org\n\n", "send", "-", option, value));
        Assert.Contains(option, shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_complete_message_without_recipients_says_what_to_give()
    {
        await using var shell = await Shell.StartAsync();
        Assert.Equal(2, await shell.RunWithInputAsync("Subject: x\n\n", "send", "-"));
        Assert.Contains("--to", shell.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sent", 0)]
    [InlineData("failed", 1)]
    public async Task Wait_ends_with_the_last_recipient_and_its_outcome(string outcome, int code)
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway
            .Answers("POST /api/v1/messages", Accepted, 202)
            .Answers("GET /api/v1/messages/01J8", Samples.Message("failed", ("a@example.org", outcome), ("b@example.org", "queued")))
            .Answers("GET /api/v1/messages/01J8", Samples.Message(outcome, ("a@example.org", outcome), ("b@example.org", "sent")));

        Assert.Equal(code, await shell.RunAsync("send", "--to", "a@example.org", "--text", "T", "--wait", "--json"));
        Assert.Equal(outcome, (string?)shell.Json["state"]);
        Assert.Equal(2, shell.Gateway.Requests.Count(asked => asked.Method == "GET"));
    }

    [Fact]
    public async Task Waiting_in_vain_says_that_nothing_is_lost()
    {
        await using var shell = await Shell.StartAsync();
        shell.Gateway.Answers("POST /api/v1/messages", Accepted, 202).Answers("GET /api/v1/messages/01J8", Samples.Message("queued", ("a@example.org", "queued")));

        Assert.Equal(1, await shell.RunAsync("send", "--to", "a@example.org", "--text", "T", "--wait", "--timeout", "0"));
        Assert.Contains("it is not lost", shell.Error, StringComparison.Ordinal);
    }
}
