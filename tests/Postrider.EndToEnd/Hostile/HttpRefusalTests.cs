using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Postrider.EndToEnd.Hostile;

/// <summary>Requests to hand in a message as fields that cannot be taken. Each answer tells a person what to write instead.</summary>
[Collection(OpenDoors.Name)]
public sealed class HttpRefusalTests(OpenDoors doors)
{
    public static TheoryData<string, string, string> Bodies => new()
    {
        { "", "bad-request", "The body cannot be read" },
        { "{", "bad-request", "The body cannot be read" },
        { "nonsense", "bad-request", "The body cannot be read" },
        { "null", "bad-request", "The body is null" },
        { "[]", "bad-request", "wrong type" },
        { "42", "bad-request", "wrong type" },
        { "{} {}", "bad-request", "The body cannot be read" },
        { """{"to":["a@example.org"],}""", "bad-request", "The body cannot be read" },
        { """{"too":["a@example.org"]}""", "bad-request", "there is no member \"too\"" },
        { """{"to":"a@example.org"}""", "bad-request", "the value at $.to has the wrong type" },
        { """{"to":[1]}""", "bad-request", "the value at $.to[0] has the wrong type" },
        { """{"to":null}""", "bad-request", "\"to\" may not be null" },
        { """{"to":[null]}""", "bad-request", "null stands at $.to" },
        { """{"to":["a@example.org"],"headers":{"X":null}}""", "bad-request", "null stands at $.headers" },
        { """{"to":["a@example.org"],"attachments":[null]}""", "bad-request", "null stands at $.attachments" },
        { """{"to":["a@example.org"],"attachments":[{"name":null}]}""", "bad-request", "\"name\" may not be null" },
        { """{"to":["a@example.org"],"to":["b@example.org"]}""", "bad-request", "\"to\" stands twice" },
        { """{"to":["a@example.org"],"subject":7}""", "bad-request", "the value at $.subject has the wrong type" },
        { """{"to":["a@example.org"],"subject":"\ud800"}""", "bad-request", "the value at $.subject" },
        { """{"to":["a@example.org"],"sendAt":"tomorrow"}""", "bad-request", "the value at $.sendAt has the wrong type" },
        { """{"to":["a@example.org"],"sendAt":"9999-12-31T23:59:59Z"}""", "validation", "sendAt: " },
        { $$"""{"to":{{new string('[', 1000)}}{{new string(']', 1000)}}}""", "bad-request", "The body cannot be read" },
        { "{\"to\":[\"a@example.org\"],\"text\":\"\u00ff\"}", "bad-request", "the value at $.text" },
        { """{}""", "validation", "to: Name at least one recipient in to, cc or bcc." },
        { """{"to":[]}""", "validation", "to: Name at least one recipient in to, cc or bcc." },
        { """{"to":[""]}""", "validation", "to: \"\" is not an address." },
        { """{"to":["nobody"]}""", "validation", "to: \"nobody\": The address has no @ and domain." },
        { """{"to":["a@b@example.org"]}""", "validation", "is not an address." },
        { """{"to":["a@example.org, b@example.org"]}""", "validation", "is not an address." },
        { """{"to":["Team: a@example.org;"]}""", "validation", "is not an address." },
        { """{"to":["a@example.org\r\nBcc: evil@example.org"]}""", "validation", "\"a@example.org??Bcc: evil@example.org\" is not an address." },
        { """{"to":["\"a\r\n\"@example.org"]}""", "validation", "is not an address." },
        { """{"cc":["A\nB <a@example.org>"]}""", "validation", "cc: " },
        { """{"bcc":["a@example.org\u0000"]}""", "validation", "bcc: " },
        { """{"to":["a@example.org"],"replyTo":["x"]}""", "validation", "replyTo: \"x\": The address has no @ and domain." },
        { """{"from":"","to":["a@example.org"]}""", "validation", "from: \"\" is not an address." },
        { """{"from":"a@example.org, b@example.org","to":["a@example.org"]}""", "validation", "from: " },
        { """{"from":"a@example.org\r\nX: y","to":["a@example.org"]}""", "validation", "from: " },
        { """{"to":["a@example.org"],"subject":"x\r\nBcc: evil@example.org"}""", "validation", "subject: A subject is one line without control characters." },
        { """{"to":["a@example.org"],"subject":"x\u0000"}""", "validation", "subject: " },
        { """{"to":["a@example.org"],"headers":{"X-A":"b\r\nBcc: evil@example.org"}}""", "validation", "headers: The value of X-A holds a line break or another control character." },
        { """{"to":["a@example.org"],"headers":{"X-A\r\nBcc":"b"}}""", "validation", "headers: \"X-A??Bcc\" is not a header name (RFC 5322 section 2.2)." },
        { """{"to":["a@example.org"],"headers":{"X A":"b"}}""", "validation", "is not a header name" },
        { """{"to":["a@example.org"],"headers":{"":"b"}}""", "validation", "is not a header name" },
        { """{"to":["a@example.org"],"headers":{"bCC":"evil@example.org"}}""", "validation", "headers: bCC has a member of its own or is written by the gateway." },
        { """{"to":["a@example.org"],"headers":{"From":"evil@example.org"}}""", "validation", "headers: From has a member of its own or is written by the gateway." },
        { """{"to":["a@example.org"],"headers":{"Resent-From":"evil@example.org"}}""", "validation", "headers: Resent-From has a member of its own or is written by the gateway." },
        { """{"to":["a@example.org"],"attachments":[{"name":"a.txt","contentBase64":"%%%"}]}""", "validation", "attachments: The content of a.txt is not base64." },
        { """{"to":["a@example.org"],"attachments":[{"name":"","contentBase64":""}]}""", "validation", "attachments: \"\" is not a file name." },
        { """{"to":["a@example.org"],"attachments":[{"name":"a\r\nb","contentBase64":""}]}""", "validation", "attachments: \"a??b\" is not a file name." },
        { """{"to":["a@example.org"],"attachments":[{"name":"a","contentType":"nonsense","contentBase64":""}]}""", "validation", "attachments: \"nonsense\" is not a media type. Write it like application/pdf." },
        { """{"to":["a@example.org"],"attachments":[{"name":"a","contentType":"text/plain;\r\n x=\"y\"","contentBase64":""}]}""", "validation", "is not a media type." },
        { """{"to":["a@example.org"],"attachments":[{"name":"a","contentType":"multipart/mixed; boundary=x","contentBase64":""}]}""", "validation", "is a container" },
        { """{"from":"a@example.org","to":["a@example.org"],"provider":"nowhere"}""", "message-refused", "There is no provider \"nowhere\". There are: contoso." },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Fields_that_cannot_be_taken_are_named(string body, string type, string words) => await doors.UnchangedByAsync(async () =>
    {
        using var content = new ByteArrayContent(body.Contains('\u00ff', StringComparison.Ordinal) ? Encoding.Latin1.GetBytes(body) : Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var answer = await doors.Gateway.Http.PostAsync(Problem.Messages, content, TestContext.Current.CancellationToken);
        var problem = await Problem.OfAsync(answer, type == "message-refused" ? HttpStatusCode.UnprocessableEntity : HttpStatusCode.BadRequest, type);
        Assert.Contains(words, problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    });

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("nonsense")]
    [InlineData(null)]
    public async Task A_body_of_another_type_is_refused(string? type) => await doors.UnchangedByAsync(async () =>
    {
        using var content = new ByteArrayContent("{\"to\":[\"a@example.org\"]}"u8.ToArray());
        if (type is not null)
            content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var answer = await doors.Gateway.Http.PostAsync(Problem.Messages, content, TestContext.Current.CancellationToken);
        await Problem.OfAsync(answer, HttpStatusCode.UnsupportedMediaType, "media-type");
    });

    [Theory]
    [InlineData("application/json")]
    [InlineData("message/rfc822")]
    public async Task A_huge_body_is_refused_and_costs_no_memory(string type) => await doors.UnchangedByAsync(async () =>
    {
        var before = ProcessMemory.Now(doors.Installation.Process.ProcessId);
        using var content = new StreamContent(new Endless(OpenDoors.MaxMessageBytes * 8L));
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        content.Headers.ContentLength = OpenDoors.MaxMessageBytes * 8L;   // and waits for "100 Continue", as curl does
        using var request = new HttpRequestMessage(HttpMethod.Post, Problem.Messages + "?from=a@example.org&to=b@example.org") { Content = content };
        request.Headers.ExpectContinue = true;
        using var answer = await doors.Gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
        await Problem.OfAsync(answer, HttpStatusCode.RequestEntityTooLarge, "too-large");
        Assert.InRange(ProcessMemory.Peak(doors.Installation.Process.ProcessId) - before, long.MinValue, 64L * 1024 * 1024);
    });

    [Fact]
    public async Task A_message_beyond_the_limit_is_too_large_whatever_its_form() => await doors.UnchangedByAsync(async () =>
    {
        var text = new JsonObject { ["to"] = new JsonArray("a@example.org"), ["text"] = new string('x', OpenDoors.MaxMessageBytes) };
        using var content = new StringContent(text.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await doors.Gateway.Http.PostAsync(Problem.Messages, content, TestContext.Current.CancellationToken);
        await Problem.OfAsync(answer, HttpStatusCode.RequestEntityTooLarge, "too-large");
    });

    [Fact]
    public async Task A_key_of_many_characters_and_too_many_recipients_are_refused() => await doors.UnchangedByAsync(async () =>
    {
        using var keyed = new HttpRequestMessage(HttpMethod.Post, Problem.Messages) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        keyed.Headers.Add("Idempotency-Key", new string('k', 256));
        using var answer = await doors.Gateway.Http.SendAsync(keyed, TestContext.Current.CancellationToken);
        var problem = await Problem.OfAsync(answer, HttpStatusCode.BadRequest, "validation");
        Assert.Contains("Idempotency-Key: At most 255 printable characters.", problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);

        var many = new JsonObject { ["to"] = new JsonArray([.. Enumerable.Range(0, 101).Select(number => (JsonNode)$"a{number}@example.org")]) };
        using var content = new StringContent(many.ToJsonString(), Encoding.UTF8, "application/json");
        using var tooMany = await doors.Gateway.Http.PostAsync(Problem.Messages, content, TestContext.Current.CancellationToken);
        await Problem.OfAsync(tooMany, HttpStatusCode.BadRequest, "validation");
    });

    /// <summary>So many octets without holding them.</summary>
    private sealed class Endless(long length) : Stream
    {
        private long left = length;
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var now = (int)Math.Min(count, left);
            buffer.AsSpan(offset, now).Fill((byte)' ');
            left -= now;
            return now;
        }

        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
