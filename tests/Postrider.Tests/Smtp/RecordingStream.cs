using System.Text;

namespace Postrider.Tests.Smtp;

/// <summary>Answers each write with the next text; the first comes unasked.</summary>
internal sealed class RecordingStream(params string[] answers) : Stream
{
    private readonly System.IO.Pipelines.Pipe pipe = new();
    private Stream? reading;
    private int next;

    private readonly TaskCompletionSource allRead = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<string> Writes { get; } = [];

    /// <summary>Every answer has been read, and more is being waited for.</summary>
    public Task AllRead => allRead.Task;

    public async Task SayAsync(string text) => await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(text));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (next == 0)
            await AnswerAsync();
        var read = (reading ??= pipe.Reader.AsStream()).ReadAsync(buffer, cancellationToken);
        if (!read.IsCompleted && next == answers.Length)
            allRead.TrySetResult();
        return await read;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Writes.Add(Encoding.UTF8.GetString(buffer.Span));
        await AnswerAsync();
    }

    private Task AnswerAsync() => SayAsync(answers[next++]);

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
}
