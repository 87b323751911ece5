using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using CsCheck;
using Postrider.Smtp;

namespace Postrider.Tests.Smtp;

public sealed class DataReaderTests
{
    [Theory]
    [InlineData("Subject: x\n.\nMAIL FROM:<evil@example.org>", "LF.LF")]
    [InlineData("Subject: x\n.\r\nMAIL FROM:<evil@example.org>", "LF.CRLF")]
    [InlineData("Subject: x\r.\rMAIL FROM:<evil@example.org>", "CR.CR")]
    [InlineData("Subject: x\r.\r\nMAIL FROM:<evil@example.org>", "CR.CRLF")]
    [InlineData("Subject: x\r\n.\rMAIL FROM:<evil@example.org>", "CRLF.CR")]
    [InlineData("Subject: x\r\n.\nMAIL FROM:<evil@example.org>", "CRLF.LF")]
    [InlineData("Subject: x\r\n\0.\r\nMAIL FROM:<evil@example.org>", "CRLF NUL.CRLF")]
    [InlineData("Subject: x\r\n.\0\r\nMAIL FROM:<evil@example.org>", "CRLF. NUL CRLF")]
    [InlineData("Subject: x\r\r\n.\r\nMAIL FROM:<evil@example.org>", "CRCRLF.CRLF")]
    [InlineData("Subject: x\r\n.\r\r\nMAIL FROM:<evil@example.org>", "CRLF.CRCRLF")]
    [InlineData("Subject: x\n.\rMAIL FROM:<evil@example.org>", "LF.CR")]
    [InlineData("Subject: x\r\n\r.\r\nMAIL FROM:<evil@example.org>", "CRLF CR.CRLF")]
    [InlineData("Subject: x\n\r.\r\nMAIL FROM:<evil@example.org>", "LF CR.CRLF")]
    public async Task Nothing_that_only_looks_like_the_end_is_the_end(string content, string name)
    {
        foreach (var piece in new[] { int.MaxValue, 1, 2 })
        {
            var (summary, _, rest) = await ReadAsync(content + "\r\n.\r\nQUIT\r\n", piece);
            Assert.True(summary.IsComplete, name);
            Assert.False(summary.IsClean, name);
            Assert.Equal("QUIT\r\n", rest);
            var (cut, _, _) = await ReadAsync(content + "\r\n", piece);
            Assert.False(cut.IsComplete, name);
        }
    }

    [Theory]
    [InlineData(".\r\n", "")]
    [InlineData("a\r\n.\r\n", "a\r\n")]
    [InlineData("..\r\n.\r\n", ".\r\n")]
    [InlineData("...a\r\n.b\r\n.\r\n", "..a\r\nb\r\n")]
    [InlineData("a.\r\nb\r\n\r\n..\r\n..\r\n.\r\n", "a.\r\nb\r\n\r\n.\r\n.\r\n")]
    public async Task Dots_are_taken_out_once(string wire, string expected)
    {
        foreach (var piece in new[] { int.MaxValue, 1 })
        {
            var (summary, received, rest) = await ReadAsync(wire + "RSET\r\n", piece);
            Assert.True(summary is { IsComplete: true, IsClean: true });
            Assert.Equal(expected, received);
            Assert.Equal(expected.Length, summary.Length);
            Assert.Equal("RSET\r\n", rest);
        }
    }

    // Few letters and many line ends and dots, so that every rule meets every border.
    private static readonly Gen<string> Lines = Gen.OneOf(Gen.Const(""), Gen.Const("."), Gen.Const(".."), Gen.Const(".a"), Gen.Const("a."), Gen.String[Gen.Char["ab.é"], 0, 40], Gen.Const(new string('x', 998)))
        .List[0, 30].Select(lines => string.Concat(lines.Select(line => line + "\r\n")));

    [Fact]
    public void What_is_stuffed_in_any_pieces_arrives_as_it_was_read_in_any_pieces() =>
        Gen.Select(Lines, Gen.Int[1, 50], Gen.Int[1, 50]).Sample((content, written, read) =>
        {
            var bytes = Encoding.UTF8.GetBytes(content);
            var wire = Stuff(bytes, written);
            Assert.Equal(1, CountEnds(wire));
            var sink = new ArrayBufferWriter<byte>();
            var scanner = new SmtpContentScanner(sink, long.MaxValue, dots: true);
            var position = 0;
            var ended = false;
            while (!ended && position < wire.Length)
            {
                ended = scanner.Take(wire.AsSpan(position, Math.Min(read, wire.Length - position)), out var taken);
                position += taken;
            }
            var summary = scanner.Summary(ended);
            return ended && position == wire.Length && sink.WrittenSpan.SequenceEqual(bytes) && summary.IsClean
                && summary.EightBit == content.Contains('é', StringComparison.Ordinal);
        }, iter: 20_000);

    [Fact]
    public void No_bytes_at_all_make_the_scanner_end_elsewhere_than_a_plain_search_would() =>
        Gen.Select(Gen.Byte.Select(b => "\r\n.\0a\u00E9\r\n."[b % 9]).Array[0, 60], Gen.Int[1, 9]).Sample((chars, piece) =>
        {
            var wire = Encoding.Latin1.GetBytes(chars);
            var scanner = new SmtpContentScanner(new ArrayBufferWriter<byte>(), 20, dots: true);
            var position = 0;
            var ended = false;
            while (!ended && position < wire.Length)
            {
                ended = scanner.Take(wire.AsSpan(position, Math.Min(piece, wire.Length - position)), out var taken);
                position += taken;
            }
            return (ended ? position : -1) == PlainEnd(wire);
        }, iter: 50_000);

    [Theory]
    [InlineData("a\nb\r\n")]
    [InlineData("a\rb\r\n")]
    [InlineData("a\r\n\r")]
    [InlineData("a\r\n.\n.\r\n")]
    public void Content_with_a_bare_line_end_is_never_stuffed_and_sent(string content)
    {
        foreach (var piece in new[] { 1, 100 })
            Assert.Throws<InvalidDataException>(() => Stuff(Encoding.ASCII.GetBytes(content), piece));
    }

    [Fact]
    public void Content_without_a_last_line_end_is_given_one() =>
        Assert.Equal("a\r\n.\r\n", Encoding.ASCII.GetString(Stuff("a"u8.ToArray(), 1)));

    [Fact]
    public async Task A_message_beyond_the_limit_is_read_to_its_end_and_not_kept()
    {
        var (summary, received, rest) = await ReadAsync(string.Concat(Enumerable.Repeat("0123456789\r\n", 100_000)) + ".\r\nQUIT\r\n", 10_000, limit: 50_000);
        Assert.True(summary is { IsComplete: true, TooLarge: true, Length: 1_200_000 });
        Assert.True(received.Length <= 50_000);
        Assert.Equal("QUIT\r\n", rest);
    }

    [Fact]
    public async Task Long_lines_eight_bits_and_headers_are_counted()
    {
        var (summary, _, _) = await ReadAsync($"A: 1\r\nB: 2\r\n\r\n{new string('x', 1200)}\r\né\r\n.\r\n", 7);
        Assert.True(summary is { LongestLine: 1200, EightBit: true, IsClean: true, HeaderLines: 2, HeaderLength: 14, EndsWithCrLf: true });
    }

    [Fact]
    public async Task Chunks_are_counted_and_nothing_in_them_ends_them()
    {
        var pipe = new Pipe();
        var sink = new ArrayBufferWriter<byte>();
        var reader = new SmtpChunkReader(pipe.Reader, sink, 1000);
        await pipe.Writer.WriteAsync(Encoding.ASCII.GetBytes("a\r\n.\r\n..b\r"), TestContext.Current.CancellationToken);
        Assert.True(await reader.ReadAsync(10, null, TestContext.Current.CancellationToken));
        await pipe.Writer.WriteAsync("\nQUIT\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.True(await reader.ReadAsync(1, null, TestContext.Current.CancellationToken));
        Assert.Equal("a\r\n.\r\n..b\r\n", Encoding.ASCII.GetString(sink.WrittenSpan)[..11] + "");
        Assert.True(reader.Summary is { IsClean: true, EndsWithCrLf: true, Length: 11 });
        Assert.Equal("QUIT", Encoding.ASCII.GetString((await new SmtpLineReader(pipe.Reader).ReadAsync(512, TestContext.Current.CancellationToken)).Bytes.Span));
        await pipe.Writer.CompleteAsync();
        Assert.False(await reader.ReadAsync(5, null, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("A: 1\r\n\r\nb\r\n", SmtpBody.SevenBit, true)]
    [InlineData("A: 1\r\n\r\n\u00e9\r\n", SmtpBody.EightBitMime, true)]
    [InlineData("A: \u00e9\r\n\r\nb", SmtpBody.EightBitMime, true)]
    [InlineData("A: 1\r\n\r\na\nb\r\n", SmtpBody.BinaryMime, true)]
    [InlineData("A: 1\r\n\r\na\rb\r\n", SmtpBody.BinaryMime, true)]
    [InlineData("A: 1\r\n\r\na\0b\r\n", SmtpBody.BinaryMime, true)]
    [InlineData("A: 1\r\n\r\na\r", SmtpBody.BinaryMime, true)]
    [InlineData("A: 1\r\n\r\n\r\r\n", SmtpBody.BinaryMime, true)]
    [InlineData("A: 1\nB: 2\r\n\r\nb\r\n", SmtpBody.BinaryMime, false)]
    [InlineData("A: 1\r\nB:\r2\r\n\r\n", SmtpBody.BinaryMime, false)]
    [InlineData("A: 1\0\r\n\r\n", SmtpBody.BinaryMime, false)]
    [InlineData("A: 1\n\nb\n", SmtpBody.BinaryMime, false)]
    [InlineData("A: 1\r\n\r", SmtpBody.BinaryMime, false)]
    [InlineData("", SmtpBody.SevenBit, true)]
    public async Task What_content_holds_is_told_and_whether_its_header_is_clean(string content, SmtpBody body, bool clean)
    {
        var bytes = Encoding.Latin1.GetBytes(content);
        Assert.Equal(body, MessageContent.BodyOf(bytes));
        foreach (var chunk in new[] { 1, 2, 5, 100 })
        {
            var reader = new SmtpChunkReader(PipeReader.Create(new MemoryStream(bytes)), null, 1000);
            for (var taken = 0; taken < bytes.Length; taken += chunk)
                Assert.True(await reader.ReadAsync(Math.Min(chunk, bytes.Length - taken), null, TestContext.Current.CancellationToken));
            Assert.Equal((body, clean, bytes.Length), (reader.Summary.Body, reader.Summary.HeaderIsClean, reader.Summary.Length));
        }
    }

    private static byte[] Stuff(byte[] content, int piece)
    {
        var output = new ArrayBufferWriter<byte>();
        var stuffer = new DotStuffer();
        for (var i = 0; i < content.Length; i += piece)
            stuffer.Write(content.AsSpan(i, Math.Min(piece, content.Length - i)), output);
        stuffer.Finish(output);
        return output.WrittenSpan.ToArray();
    }

    private static int CountEnds(byte[] wire)
    {
        var text = "\r\n" + Encoding.Latin1.GetString(wire);
        var count = 0;
        for (var i = text.IndexOf("\r\n.\r\n", StringComparison.Ordinal); i >= 0; i = text.IndexOf("\r\n.\r\n", i + 1, StringComparison.Ordinal))
            count++;
        return count;
    }

    // The rule in its slowest form: CRLF.CRLF (or a first line of one dot), where no CR precedes the first CRLF.
    private static int PlainEnd(byte[] wire)
    {
        var text = "\n\r\n" + Encoding.Latin1.GetString(wire);
        for (var i = 1; i + 5 <= text.Length; i++)
            if (string.CompareOrdinal(text, i, "\r\n.\r\n", 0, 5) == 0 && text[i - 1] != '\r')
                return i + 5 - 3;
        return -1;
    }

    private static async Task<(SmtpContentSummary Summary, string Received, string Left)> ReadAsync(string wire, int piece, long limit = long.MaxValue)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var sink = new ArrayBufferWriter<byte>();
        var reading = SmtpDataReader.ReadAsync(pipe.Reader, sink, limit, null, cancellation).AsTask();
        var bytes = Encoding.UTF8.GetBytes(wire);
        for (var i = 0; i < bytes.Length; i += Math.Min(piece, bytes.Length))
            await pipe.Writer.WriteAsync(bytes.AsMemory(i, Math.Min(piece, bytes.Length - i)), cancellation);
        await pipe.Writer.CompleteAsync();
        var summary = await reading;
        var rest = await pipe.Reader.ReadAsync(cancellation);
        return (summary, Encoding.UTF8.GetString(sink.WrittenSpan), Encoding.UTF8.GetString(rest.Buffer));
    }
}
