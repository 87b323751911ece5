using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts.Providers;
using Postrider.Client;
using Postrider.Mail.Intake;
using Postrider.Server.Api;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using static Postrider.Server.Console.Languages.Speech;
using MailClient = Postrider.Mail.Intake.Client;

namespace Postrider.Server.Console.Pages.Apps;

/// <summary>What a client may do: its senders, networks, provider and limit.</summary>
[Needs(Right.Own, Proven = true)]
internal sealed class EditClientModel(ClientDirectory clients, ClientRules rules, ProviderDirectory providers) : ConsolePage
{
    public MailClient Client { get; private set; } = null!;
    public ClientFields Fields { get; private set; } = null!;

    public IActionResult OnGet(string name)
    {
        if (clients.Find(name) is not { } client)
            return Missing(T["There is no such app or device"]);
        return Show(client, new ClientForm
        {
            Senders = string.Join('\n', client.Senders), Networks = string.Join('\n', client.Networks.Select(network => network.ToString())),
            Provider = client.ProviderId is { } id ? providers.Find(id)?.Name : "", MessagesPerDay = client.MessagesPerDay,
            Uncertain = client.HoldUncertain ? UncertainMail.Hold : UncertainMail.Retry,
        });
    }

    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostAsync(string name, ClientForm form, CancellationToken cancellation)
    {
        if (clients.Find(name) is not { } client)
            return Missing(T["There is no such app or device"]);
        (var changed, Errors) = rules.Changed(client, form.AsChange());
        if (changed is null)
        {
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return Show(client, form);
        }
        await clients.ChangeAsync(changed, cancellation);
        HttpContext.Note("client changed", client.Name);
        Say(T["Saved. It counts from the next message on."]);
        return LocalRedirect($"~/apps/clients/{client.Name}");
    }

    private Microsoft.AspNetCore.Mvc.RazorPages.PageResult Show(MailClient client, ClientForm form)
    {
        (Client, Fields) = (client, new(form, Error, AddClientModel.Choices(providers), IsNew: false));
        return Page();
    }
}
