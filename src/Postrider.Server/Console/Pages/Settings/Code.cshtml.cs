using Microsoft.AspNetCore.Mvc;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Settings;

/// <summary>Codes from an app: set up, recovery codes, switched off.</summary>
[Needs(Right.Look, Proven = true)]
internal sealed class CodeModel(PeopleDirectory people, TotpCodes codes) : ConsolePage
{
    public Person Person { get; private set; } = null!;
    public string? Secret { get; private set; }
    public string? Problem { get; private set; }
    public string? Recovery { get; private set; }
    public long RecoveryLeft { get; private set; }
    public Confirmation? Confirm { get; private set; }

    public static string Here => "~/settings/you/code";

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        Recovery = TakeOnce(Person.Id);
    }

    [Needs(Right.Look)]
    public async Task<IActionResult> OnPostBeginAsync(CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        await codes.BeginAsync(Person, cancellation);
        HttpContext.Note("codes being set up", Person.Name);
        return LocalRedirect(Here);
    }

    [Needs(Right.Look)]
    public async Task<IActionResult> OnPostConfirmAsync(string? code, CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        if (await codes.ConfirmAsync(Person, code ?? "", cancellation) is not { } recovery)
        {
            Problem = T["That is not the code that the app shows now. The clocks of both devices have to be right."];
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return Page();
        }
        HttpContext.Note("codes switched on", Person.Name);
        ShowOnce(Person.Id, string.Join('\n', recovery));
        return LocalRedirect(Here);
    }

    [Needs(Right.Look)]
    public async Task<IActionResult> OnPostRecoveryAsync(CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        if (!Person.AsksForCode)
            return LocalRedirect(Here);
        ShowOnce(Person.Id, string.Join('\n', await codes.RenewRecoveryAsync(Person, cancellation)));
        HttpContext.Note("recovery codes made", Person.Name);
        return LocalRedirect(Here);
    }

    public async Task OnGetOffAsync(CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        Confirm = new(T["Stop asking for codes"], [T["Your password alone signs you in from then on. The app's entry and the recovery codes are worth nothing any more."]], T["Stop asking for codes"], Url.Content(Here + "?handler=Off"), Url.Content(Here));
    }

    [Needs(Right.Look)]
    public async Task<IActionResult> OnPostOffAsync(CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        await codes.EndAsync(Person, cancellation);
        HttpContext.Note("codes switched off", Person.Name);
        Say(T["You are not asked for codes any more."]);
        return LocalRedirect("~/settings/you");
    }

    private async Task LoadAsync(CancellationToken cancellation)
    {
        Person = (await people.FindAsync(PersonId, cancellation))!;
        Secret = codes.Pending(Person);
        RecoveryLeft = await codes.RecoveryLeftAsync(Person, cancellation);
    }
}
