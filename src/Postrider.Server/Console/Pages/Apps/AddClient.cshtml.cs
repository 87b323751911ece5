using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts.Providers;
using Postrider.Mail.Intake;
using Postrider.Server.Api;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Apps;

/// <summary>Adds a client. Its password is shown by the page that it lands on, which is told it once.</summary>
[Needs(Right.Own, Proven = true)]
internal sealed class AddClientModel(ClientRules rules, ClientDirectory clients, ProviderDirectory providers) : ConsolePage
{
    public ClientFields Fields { get; private set; } = null!;

    public void OnGet() => Fields = Shown(new ClientForm());

    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostAsync(ClientForm form, CancellationToken cancellation)
    {
        (var client, Errors) = rules.New(form.AsInput());
        if (client is not null && rules.IsTaken(client))
            Errors["name"] = [T["There is a client with this name or user name already. Take another one."]];
        if (client is null || Errors.Count > 0)
        {
            Fields = Shown(form);
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return Page();
        }
        var (added, password) = await clients.AddAsync(client, cancellation);
        HttpContext.Note("client added", added.Name);
        ShowOnce(added.Id, password);
        return LocalRedirect($"~/apps/clients/{added.Name}");
    }

    private ClientFields Shown(ClientForm form) => new(form, Error, Choices(providers), IsNew: true);

    public static IReadOnlyList<(string, string)> Choices(ProviderDirectory providers) =>
        [("", T["By the usual rules"]), .. providers.All.Select(provider => (provider.Name, provider.DisplayName))];
}
