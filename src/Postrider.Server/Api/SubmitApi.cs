using System.Buffers;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Postrider.Accounts.Providers;
using Postrider.Client;
using Postrider.Mail;
using Postrider.Mail.Intake;
using Postrider.Mail.Queue;
using Postrider.Smtp;
using Postrider.Storage;

namespace Postrider.Server.Api;

/// <summary>The HTTP door: a message as JSON fields, or complete as message/rfc822.</summary>
internal static class SubmitApi
{
    private const int LongestKey = 255;

    public static async Task<Results<Accepted<MessageAccepted>, ProblemHttpResult>> Submit(
        HttpRequest request, ClaimsPrincipal user, MessageIntake intake, MessageComposer composer, ProviderDirectory providers,
        IOptions<MailOptions> options, CancellationToken cancellation)
    {
        var key = request.Headers["Idempotency-Key"].ToString();
        if (key.Length > LongestKey || key.Any(char.IsControl))
            return Problems.Validation("Idempotency-Key", $"At most {LongestKey} printable characters.");
        using var spool = intake.NewSpool();
        var isRaw = request.ContentType?.StartsWith("message/rfc822", StringComparison.OrdinalIgnoreCase) == true;
        try
        {
            var (submission, problem) = isRaw
                ? await RawAsync(request, spool, options.Value, cancellation)
                : await FieldsAsync(request, spool, composer, providers, cancellation);
            if (submission is null)
                return problem!;
            if (submission.Recipients.Count > options.Value.MaxRecipients)
                return Problems.Validation("to", $"A message may have {options.Value.MaxRecipients} recipients, this one has {submission.Recipients.Count}.");
            if (key.Length > 0)
                submission = submission with { Idempotency = new IdempotencyKey(user.FindFirstValue(ClaimTypes.NameIdentifier)!, key, await FingerprintAsync(request, isRaw ? spool : null, cancellation)) };
            return await intake.AcceptAsync(submission, spool, cancellation) switch
            {
                IntakeResult.Accepted accepted => TypedResults.Accepted($"/api/v1/messages/{accepted.Id}", new MessageAccepted { Id = accepted.Id }),
                IntakeResult.Refused { Why: var why } => Problems.Refused(why),
                _ => throw new InvalidOperationException("The intake gave an answer of an unknown kind."),
            };
        }
        catch (StorageException storage)
        {
            return Problems.Unavailable(storage is StorageFullException ? storage.Message : "The message could not be stored.", "Try again in a moment; nothing was kept of it.");
        }
    }

    private static async Task<(IncomingMessage?, ProblemHttpResult?)> FieldsAsync(
        HttpRequest request, ContentSpool spool, MessageComposer composer, ProviderDirectory providers, CancellationToken cancellation)
    {
        // Read whole: an Idempotency-Key holds for what was sent, and what is composed of it differs each time (date, boundaries).
        request.EnableBuffering();
        var (fields, unreadable) = await WireJson.ReadAsync<SendMessage>(request, cancellation);
        if (fields is null)
            return (null, unreadable);
        var provider = fields.Provider is { Length: > 0 } asked ? providers.Find(asked) : providers.All is [var only] ? only : null;
        var (message, errors) = composer.Compose(fields, provider?.UserName is { Length: > 0 } mailbox ? mailbox : null);
        if (message is null)
            return (null, Problems.Validation(errors));
        spool.Write(message.Bytes);
        spool.Spill();
        return (New(request, message.MailFrom, message.Recipients, fields.Provider) with
        {
            SmtpUtf8 = message.NeedsSmtpUtf8, Body = MessageContent.BodyOf(message.Bytes), SendAt = fields.SendAt,
        }, null);
    }

    private static async Task<(IncomingMessage?, ProblemHttpResult?)> RawAsync(
        HttpRequest request, ContentSpool spool, MailOptions options, CancellationToken cancellation)
    {
        var errors = new Dictionary<string, string[]>();
        var from = request.Query["from"].ToString();
        var recipients = new List<SmtpAddress>();
        SmtpAddress? sender = null;
        if (from.Length > 0 && !SmtpAddress.TryParse(from, out sender, out var why))
            errors["from"] = [why];
        foreach (var to in request.Query["to"].SelectMany(value => value?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? []))
            if (SmtpAddress.TryParse(to, out var recipient, out var wrong))
                recipients.Add(recipient);
            else
                errors["to"] = [$"\"{MessageComposer.Shown(to)}\": {wrong}"];
        if (recipients.Count == 0 && !errors.ContainsKey("to"))
            errors["to"] = ["Name the recipients of the envelope: ?from=a@example.org&to=b@example.org&to=c@example.org."];
        if (errors.Count > 0)
            return (null, Problems.Validation(errors));
        var reader = new SmtpChunkReader(request.BodyReader, spool, options.MaxMessageBytes);
        await reader.ReadAsync(long.MaxValue, spool.Spill, cancellation);
        var content = reader.Summary;
        if (content.TooLarge)
            return (null, Problems.TooLarge($"A message may have {options.MaxMessageBytes:N0} octets."));
        if (content.BareCr || content.BareLf || content.Nul)
            return (null, Problems.BadRequest(content.Nul ? "The message holds a NUL octet (RFC 5322 section 2.3)." : "Lines of a message end in CR LF, and neither stands alone (RFC 5321 section 2.3.8).",
                content.Nul ? "Encode the attachment." : "Convert the line ends, for example with unix2dos, or use the command: postrider send --file F."));
        if (!content.EndsWithCrLf)
            spool.Write("\r\n"u8);
        var international = recipients.Exists(recipient => recipient.NeedsSmtpUtf8) || sender is { NeedsSmtpUtf8: true };
        // ?from= alone is the null reverse path; without it the message's author is the sender.
        return (New(request, sender is not null ? sender.WireText : request.Query.ContainsKey("from") ? "" : null, [.. recipients.Distinct().Select(recipient => recipient.WireText)], request.Query["provider"].ToString()) with
        {
            SmtpUtf8 = international, Body = content.Body,
        }, null);
    }

    private static IncomingMessage New(HttpRequest request, string? from, IReadOnlyList<string> recipients, string? provider) => new()
    {
        Source = "http", Submitter = $"key {MessagesApi.Actor(request.HttpContext.User)}", Provider = provider is { Length: > 0 } ? provider : null, MailFrom = from, Recipients = recipients,
        ReceivedFrom = $"from [{request.HttpContext.Connection.RemoteIpAddress}]", ReceivedWith = "HTTP",
    };

    private static async Task<string> FingerprintAsync(HttpRequest request, ContentSpool? raw, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(request.QueryString.Value ?? ""));
        if (raw is not null)
        {
            raw.AppendTo(hash);
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        request.Body.Position = 0;
        hash.AppendData(await SHA256.HashDataAsync(request.Body, cancellation));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
