using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Postrider.EndToEnd.Hostile;

/// <summary>Complete messages over HTTP: the same rules as at the SMTP door.</summary>
[Collection(OpenDoors.Name)]
public sealed class RawMessageTests(OpenDoors doors)
{
    private const string Good = "From: app@example.org\r\nSubject: x\r\n\r\nHello\r\n";
    private const string Envelope = "from=app@example.org&to=someone@example.org";

    [Theory]
    [InlineData(Envelope, "From: app@example.org\n\nHello\n", HttpStatusCode.BadRequest, "bad-request", "Lines of a message end in CR LF")]
    [InlineData(Envelope, "From: app@example.org\r\n\r\nHel\rlo\r\n", HttpStatusCode.BadRequest, "bad-request", "Lines of a message end in CR LF")]
    [InlineData(Envelope, "From: app@example.org\r\n\r\nHel\0lo\r\n", HttpStatusCode.BadRequest, "bad-request", "The message holds a NUL octet")]
    [InlineData(Envelope, "Subject: x\r\n\r\nHello\r\n", HttpStatusCode.UnprocessableEntity, "message-refused", "The header has no From field.")]
    [InlineData(Envelope, "", HttpStatusCode.UnprocessableEntity, "message-refused", "The header has no From field.")]
    [InlineData(Envelope, "From: a@example.org\r\nFrom: b@example.org\r\n\r\nx", HttpStatusCode.UnprocessableEntity, "message-refused", "more than one From")]
    [InlineData("from=app@example.org", Good, HttpStatusCode.BadRequest, "validation", "to: Name the recipients of the envelope")]
    [InlineData("from=nobody&to=a@example.org", Good, HttpStatusCode.BadRequest, "validation", "from: The address has no @ and domain.")]
    [InlineData("from=a@example.org&to=b@example.org%0d%0aDATA", Good, HttpStatusCode.BadRequest, "validation", "to: ")]
    [InlineData("from=a@example.org%0d%0aDATA&to=b@example.org", Good, HttpStatusCode.BadRequest, "validation", "from: The address contains a control character.")]
    [InlineData("from=a@example.org&to=b%00@example.org", Good, HttpStatusCode.BadRequest, "validation", "to: ")]
    [InlineData("from=a@b@example.org&to=b@example.org", Good, HttpStatusCode.BadRequest, "validation", "from: The address contains more than one @.")]
    [InlineData(Envelope + "&provider=nowhere", Good, HttpStatusCode.UnprocessableEntity, "message-refused", "There is no provider \"nowhere\".")]
    public async Task A_raw_message_that_cannot_be_taken_is_refused_with_the_reason(string query, string body, HttpStatusCode status, string type, string words) => await doors.UnchangedByAsync(async () =>
    {
        using var answer = await PostAsync(query, body);
        var problem = await Problem.OfAsync(answer, status, type);
        Assert.Contains(words, problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.DoesNotContain(problem["detail"]!.GetValue<string>(), char.IsControl);
    });

    [Fact]
    public async Task A_raw_message_is_stored_as_it_is_and_sent_under_addresses_that_every_server_knows()
    {
        using var answer = await PostAsync("from=a@b%C3%BCcher.example&to=c@b%C3%BCcher.example", Good[..^2]);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var id = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["id"]!.GetValue<string>();
        Assert.EndsWith("\r\n" + Good, Encoding.Latin1.GetString(await doors.ContentAsync(id)), StringComparison.Ordinal);
        var message = await doors.Gateway.Api.Messages.GetAsync(id, TestContext.Current.CancellationToken);
        Assert.Equal("a@xn--bcher-kva.example", message.From);
        Assert.Equal("c@xn--bcher-kva.example", Assert.Single(message.Recipients).Address);
    }

    private async Task<HttpResponseMessage> PostAsync(string query, string body)
    {
        using var content = new ByteArrayContent(Encoding.Latin1.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("message/rfc822");
        return await doors.Gateway.Http.PostAsync(new Uri($"/api/v1/messages?{query}", UriKind.Relative), content, TestContext.Current.CancellationToken);
    }
}
