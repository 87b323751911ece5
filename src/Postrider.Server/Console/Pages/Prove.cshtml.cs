using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.People.Passkeys;
using Postrider.Server.Console.People.SingleSignOn;
using static Postrider.Server.Console.Languages.Speech;
using Answer = Postrider.Server.Console.People.SignIn;

namespace Postrider.Server.Console.Pages;

/// <summary>Asked before what is dangerous: whoever finds a browser open does not know the password.</summary>
internal sealed class ProveModel(PeopleDirectory people, TotpCodes codes, Sessions sessions, SignInRates rates, OidcOptions oidc, PasskeySignIn passkeys) : ConsolePage
{
    public Person Person { get; private set; } = null!;
    public string? Problem { get; private set; }
    public OidcOptions Oidc => oidc;
    public bool TakesPasskeys => Person.Passkeys > 0 && passkeys.IsPossible(Request);
    public string Next => Request.Query["next"].ToString() is { Length: > 0 } next && Url.IsLocalUrl(next) ? next : "/";

    public Task OnGetAsync(CancellationToken cancellation) => LoadAsync(cancellation);

    [Needs(Right.Look)]
    public async Task<IActionResult> OnPostAsync(string? password, string? code, [FromQuery] string? next, CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        Problem = !rates.Allows(HttpContext) ? T["Too many tries came from your address. Wait a minute."] : await WrongAsync(password ?? "", code ?? "", cancellation);
        return await EndAsync(next, cancellation);
    }

    [Needs(Right.Look)]
    public async Task<IActionResult> OnPostPasskeyOptionsAsync()
    {
        HttpContext.NoteNothing();
        return rates.Allows(HttpContext) ? Content(await passkeys.AskAsync(HttpContext), "application/json") : StatusCode(StatusCodes.Status429TooManyRequests);
    }

    [Needs(Right.Look)]
    public async Task<IActionResult> OnPostPasskeyAsync(string? credential, [FromQuery] string? next, CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        Problem = await passkeys.TakeAsync(HttpContext, credential ?? "", cancellation) is { } signer && signer.Id == Person.Id ? null : T["That passkey is not yours here, or it took too long."];
        return await EndAsync(next, cancellation);
    }

    private async Task<IActionResult> EndAsync(string? next, CancellationToken cancellation)
    {
        if (Problem is not null)
        {
            HttpContext.Note("proof refused", Person.Name, actor: Person.Name);
            Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Page();
        }
        await people.UnlockAsync(Person.Id, cancellation);
        await sessions.ProveAsync(User.FindFirstValue(ConsoleAuthentication.SessionClaim)!, cancellation);
        HttpContext.Note("proved to be there", Person.Name);
        Say(T["Thank you. Go on with what you were about to do."]);
        return Onwards(next);
    }

    private async Task<string?> WrongAsync(string password, string code, CancellationToken cancellation)
    {
        if (await people.SignInAsync(Person.Name, password, cancellation) is var answer and not Answer.Welcome)
            return answer is Answer.Locked ? T["Too many were wrong. Try again in a few minutes."] : T["That is not your password."];
        if (!Person.AsksForCode)
            return null;
        return await codes.TakeAsync(Person, code, cancellation) is CodeAnswer.Right or CodeAnswer.Recovery ? null : T["That code is wrong, or was used before."];
    }

    private async Task LoadAsync(CancellationToken cancellation) => Person = (await people.FindAsync(PersonId, cancellation))!;
}
