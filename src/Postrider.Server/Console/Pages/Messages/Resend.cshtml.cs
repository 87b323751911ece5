using Microsoft.AspNetCore.Mvc;
using Postrider.Mail.History;
using Postrider.Mail.Intake;
using Postrider.Mail.Queue;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Messages;

/// <summary>The same content once more, to recipients that a person chooses, as a new message.</summary>
[Needs(Right.Operate)]
internal sealed class ResendModel(MessageHistory history, MessageResend resend) : ConsolePage
{
    private StoredMessage message = null!;

    public string Id => message.Id;
    public string Subject => message.Subject.Length > 0 ? Foreign.Clean(message.Subject) : T["(no subject)"];
    public string To { get; private set; } = "";

    public async Task<IActionResult> OnGetAsync(string id, CancellationToken cancellation)
    {
        if (!await FindAsync(id, cancellation))
            return Missing(T["There is no such message"]);
        To = string.Join('\n', message.Recipients.Select(recipient => recipient.Address));
        return Page();
    }

    [Needs(Right.Operate)]
    public async Task<IActionResult> OnPostAsync(string id, string? to, CancellationToken cancellation)
    {
        if (!await FindAsync(id, cancellation))
            return Missing(T["There is no such message"]);
        To = to ?? "";
        var recipients = Several(to);
        var (wrong, result) = recipients.Length == 0 ? ((string?)T["Name at least one recipient."], null) : await resend.SendAsync(message, recipients, "console", $"person {Actor}", Actor, cancellation);
        if (result is IntakeResult.Accepted { Id: var copy })
        {
            HttpContext.Note("message resent", Id, copy);
            Say(T["This is the new message. It goes out like any other."]);
            return LocalRedirect($"~/messages/{copy}");
        }
        Errors["to"] = [wrong ?? (result is IntakeResult.Refused { Why: var why } ? why.Text : T["The content of the message is no longer kept: it cannot be sent again."])];
        Response.StatusCode = StatusCodes.Status400BadRequest;
        return Page();
    }

    private async Task<bool> FindAsync(string id, CancellationToken cancellation)
    {
        if (MessageIds.Parse(id) is not { } known || await history.FindAsync(known, cancellation) is not { } found)
            return false;
        message = found;
        return true;
    }
}
