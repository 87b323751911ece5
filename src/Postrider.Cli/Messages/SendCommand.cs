using System.CommandLine;
using Postrider.Client;

namespace Postrider.Cli;

/// <summary>Hands in a message, as fields or complete.</summary>
internal static class SendCommand
{
    private static readonly Argument<string?> Source = new("-") { Description = "Read a complete message from standard input.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> From = Text("--from", "address", "Author; of a complete message the envelope's sender.");
    private static readonly Option<string[]> To = Several("--to", "address", "Recipients.");
    private static readonly Option<string[]> Cc = Several("--cc", "address", "Recipients of a copy.");
    private static readonly Option<string[]> Bcc = Several("--bcc", "address", "Recipients that the others do not see.");
    private static readonly Option<string[]> ReplyTo = Several("--reply-to", "address", "Where answers go.");
    private static readonly Option<string?> Subject = Text("--subject", "text", "Subject.");
    private static readonly Option<string?> PlainText = Text("--text", "text", "Body as plain text.");
    private static readonly Option<string?> Html = Text("--html", "html", "Body as HTML; with --text both are sent.");
    private static readonly Option<string?> File = Text("--file", "file|-", "A complete message (RFC 5322), sent as it is.");
    private static readonly Option<string[]> Attach = Several("--attach", "file", "Files to attach.");
    private static readonly Option<string[]> Header = Several("--header", "'name: value'", "Further header fields.");
    private static readonly Option<string?> Provider = Text("--provider", "name", "The provider to send through.");
    private static readonly Option<string?> SendAt = Text("--send-at", "moment", "Not before this moment.");
    private static readonly Option<string?> IdempotencyKey = Text("--idempotency-key", "text", "Makes a second try of the same send harmless.");
    private static readonly Option<bool> Wait = new("--wait") { Description = "Wait until every recipient has a final state; exit 1 if one failed." };
    private static readonly Option<int?> Timeout = new("--timeout") { HelpName = "seconds", Description = "How long to wait (default 600)." };

    public static Command Create() => new Verb("send", "Hand in a message. It is on the server's disk when its id is printed.",
        "send --from noreply@contoso.com --to someone@example.org --subject 'It works' --text 'Sent by Postrider.' --wait",
        "send --from noreply@contoso.com --to a@example.org b@example.org --subject Report --html '<p>Attached.</p>' --attach report.pdf",
        "send --file message.eml --to someone@example.org",
        "send - < message.eml")
    {
        Source, From, To, Cc, Bcc, ReplyTo, Subject, PlainText, Html, File, Attach, Header, Provider, SendAt, IdempotencyKey, Wait, Timeout,
    }.Does(SendAsync);

    private static async Task<int> SendAsync(Call call)
    {
        var accepted = CompleteMessage(call) is { } path ? await SendRawAsync(call, path) : await SendFieldsAsync(call);
        if (call.Get(Wait))
            return await FinalState.AwaitAsync(call, accepted.Id, TimeSpan.FromSeconds(call.Get(Timeout) ?? 600));
        call.Output.Show(accepted, PostriderJson.Default.MessageAccepted, _ =>
        {
            call.Output.Say($"Accepted as {accepted.Id}.");
            call.Output.Say($"See what became of it: postrider message show {accepted.Id}");
        });
        return CommandLine.Done;
    }

    private static async Task<MessageAccepted> SendFieldsAsync(Call call)
    {
        var message = new SendMessage
        {
            From = call.Get(From),
            To = Addresses(call, To),
            Cc = Addresses(call, Cc),
            Bcc = Addresses(call, Bcc),
            ReplyTo = Addresses(call, ReplyTo),
            Subject = call.Get(Subject),
            Text = call.Get(PlainText),
            Html = call.Get(Html),
            Headers = Headers(call),
            Attachments = await AttachmentsAsync(call),
            Provider = call.Get(Provider),
            SendAt = Moments.Coming(SendAt.Name, call.Get(SendAt), call.Terminal.Time),
        };
        if (message.To.Count + message.Cc.Count + message.Bcc.Count == 0)
            throw new UsageException("nobody to send to. Name a recipient with --to.");
        if (message.Text is null && message.Html is null && message.Attachments.Count == 0)
            throw new UsageException("nothing to send. Give --text, --html, --file or --attach.");
        return await call.AskAsync(server => server.Messages.SendAsync(message, call.Get(IdempotencyKey), call.Cancellation));
    }

    private static async Task<MessageAccepted> SendRawAsync(Call call, string path)
    {
        if (new Option[] { Subject, PlainText, Html, Attach, Header, ReplyTo, SendAt }.FirstOrDefault(call.Has) is { } field)
            throw new UsageException($"{field.Name} does not go with a complete message, which is sent as it is.");

        var raw = RawMessage.Read(await InputFile.ReadAsync(call, path));
        List<string> to = [.. Addresses(call, To), .. Addresses(call, Cc), .. Addresses(call, Bcc)];
        if (to.Count == 0)
            to.AddRange(raw.Recipients);
        if (to.Count == 0)
            throw new UsageException("nobody to send to: the message has no To, Cc or Bcc. Name a recipient with --to.");
        var from = call.Get(From) ?? raw.Author
            ?? throw new UsageException("nobody to send as: the message has no From. Name the sender with --from; --from '' is the null reverse path.");

        using var content = new MemoryStream(raw.Content, writable: false);
        return await call.AskAsync(server => server.Messages.SendRawAsync(
            content, from, to, call.Get(Provider), call.Get(IdempotencyKey), call.Cancellation));
    }

    // "--to a b -": the option takes what follows it, but a dash is no address.
    private static string? CompleteMessage(Call call)
    {
        var dash = call.Get(Source);
        if (dash is not (null or InputFile.StandardInput))
            throw new UsageException($"'{dash}' is not understood. A file is sent with --file {dash}.");
        var trailing = new[] { To, Cc, Bcc }.Any(option => (call.Get(option) ?? []).Contains(InputFile.StandardInput));
        return call.Get(File) ?? (dash is not null || trailing ? InputFile.StandardInput : null);
    }

    private static List<string> Addresses(Call call, Option<string[]> option) =>
        [.. (call.Get(option) ?? []).Where(address => address != InputFile.StandardInput)];

    private static Dictionary<string, string> Headers(Call call)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var header in call.Get(Header) ?? [])
        {
            var colon = header.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1)
                throw new UsageException($"--header '{header}' has no name. Write it as 'Name: value'.");
            if (!headers.TryAdd(header[..colon].Trim(), header[(colon + 1)..].Trim()))
                throw new UsageException($"--header {header[..colon]} is given twice.");
        }

        return headers;
    }

    private static async Task<List<SendAttachment>> AttachmentsAsync(Call call)
    {
        var attachments = new List<SendAttachment>();
        foreach (var path in call.Get(Attach) ?? [])
        {
            var bytes = await InputFile.ReadAsync(call, path);
            attachments.Add(new SendAttachment { Name = Path.GetFileName(path), ContentBase64 = Convert.ToBase64String(bytes) });
        }

        return attachments;
    }

    private static Option<string?> Text(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description };

    private static Option<string[]> Several(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description, AllowMultipleArgumentsPerToken = true };
}
