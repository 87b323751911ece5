using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using MimeKit;
using Postrider.Mail.History;
using Postrider.Mail.Queue;
using Postrider.Server.Api;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.Reading;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Messages;

/// <summary>What a message says: its text, its HTML in a frame without rights, its header, its files, its source. Every look is written down.</summary>
[Needs(Right.Operate)]
internal sealed class ContentModel(MessageHistory history, ContentStore contents, MessageReader reader) : ConsolePage
{
    /// <summary>So much of the text is shown; the rest is in the source.</summary>
    private const int LongestText = 200_000;

    private StoredMessage message = null!;

    public string Id => message.Id;
    public string Subject => message.Subject.Length > 0 ? Foreign.Clean(message.Subject) : T["(no subject)"];
    public MimeMessage? Mime { get; private set; }
    public IReadOnlyList<AttachedFile> Files { get; private set; } = [];
    public string? Text { get; private set; }
    public int Blocked { get; private set; }

    /// <summary>Why there is nothing to look at; null when there is.</summary>
    public string? Nothing { get; private set; }
    public bool HasSource { get; private set; }

    public async Task<IActionResult> OnGetAsync(string id, CancellationToken cancellation)
    {
        if (!await FindAsync(id, cancellation))
            return Missing(T["There is no such message"]);
        HttpContext.Note("message content looked at", Id);
        HasSource = await contents.FirstPieceAsync(Id, cancellation) is not null;
        Mime = HasSource ? await reader.OpenAsync(Id, cancellation) : null;
        if (Mime is null)
        {
            Nothing = HasSource ? T["It is too large to be taken apart here, or is not a message that can be read. Its source can be downloaded."]
                : MessagesApi.ContentDeletedAt(message) is { } since ? T[$"Its content is no longer kept since {since}."] : T["Its content is no longer kept."];
            return Page();
        }
        Files = MessageReader.Files(Mime);
        Text = Mime.TextBody is { Length: > LongestText } text ? text[..LongestText] + "\n…" : Mime.TextBody;
        Blocked = Mime.HtmlBody is null ? 0 : SafeHtml.Of(Mime).Blocked;
        return Page();
    }

    public async Task<IActionResult> OnGetHtmlAsync(string id, CancellationToken cancellation)
    {
        if (!await FindAsync(id, cancellation) || await reader.OpenAsync(Id, cancellation) is not { HtmlBody: not null } mime)
            return Missing(T["There is no such message with HTML"]);
        HttpContext.Note("message HTML looked at", Id);
        Response.Headers.ContentSecurityPolicy = SafeHtml.Policy;
        Response.Headers.XFrameOptions = "SAMEORIGIN";
        Response.Headers["Referrer-Policy"] = "no-referrer";
        return Content(SafeHtml.Of(mime).Document, "text/html; charset=utf-8");
    }

    public async Task<IActionResult> OnGetSourceAsync(string id, CancellationToken cancellation)
    {
        if (!await FindAsync(id, cancellation) || await contents.FirstPieceAsync(Id, cancellation) is null)
            return Missing(T["There is no such message whose content is still kept"]);
        HttpContext.Note("message source downloaded", Id);
        await MessagesApi.SendSourceAsync(Response, contents, Id, cancellation);
        return new EmptyResult();
    }

    public async Task<IActionResult> OnGetFileAsync(string id, int number, CancellationToken cancellation)
    {
        if (!await FindAsync(id, cancellation) || await reader.OpenAsync(Id, cancellation) is not { } mime || MessageReader.Files(mime).FirstOrDefault(one => one.Number == number) is not { } file)
            return Missing(T["There is no such file"]);
        HttpContext.Note("message file downloaded", Id, file.Name);
        // Never under its own type: a browser saves it and opens nothing.
        Response.ContentType = "application/octet-stream";
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(file.Name);
        Response.Headers.ContentDisposition = disposition.ToString();
        Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        await file.WriteAsync(Response.Body, cancellation);
        return new EmptyResult();
    }

    private async Task<bool> FindAsync(string id, CancellationToken cancellation)
    {
        if (MessageIds.Parse(id) is not { } known || await history.FindAsync(known, cancellation) is not { } found)
            return false;
        message = found;
        return true;
    }
}
