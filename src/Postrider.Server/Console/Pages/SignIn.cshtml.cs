using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.People.Passkeys;
using Postrider.Server.Console.People.SingleSignOn;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages;

internal sealed class SignInModel(PeopleDirectory people, Sessions sessions, SignIns signIns, HalfSignIn half, SignInRates rates, OidcOptions oidc, PasskeySignIn passkeys) : ConsolePage
{
    public string? Name { get; private set; }
    public string? Problem { get; private set; }
    public OidcOptions Oidc => oidc;
    public bool TakesPasskeys => passkeys.IsPossible(Request);

    /// <summary>Where to go afterwards, for the links.</summary>
    public string? Next => Request.Query["next"].ToString() is { Length: > 0 } next && Url.IsLocalUrl(next) ? next : null;

    public void OnGet()
    {
        Problem = half.Read(HttpContext, OidcSignIn.Problem);
        if (Problem is not null)
            HalfSignIn.Forget(HttpContext, OidcSignIn.Problem);
    }

    public async Task<IActionResult> OnPostPasskeyOptionsAsync()
    {
        HttpContext.NoteNothing();
        return rates.Allows(HttpContext) && TakesPasskeys ? Content(await passkeys.AskAsync(HttpContext), "application/json") : StatusCode(StatusCodes.Status429TooManyRequests);
    }

    public async Task<IActionResult> OnPostPasskeyAsync(string? credential, string? next, CancellationToken cancellation)
    {
        if (!rates.Allows(HttpContext))
            return Refuse(StatusCodes.Status429TooManyRequests, T["Too many tries came from your address. Wait a minute."], null, "rate");
        if (await passkeys.TakeAsync(HttpContext, credential ?? "", cancellation) is not { } person)
            return Refuse(StatusCodes.Status401Unauthorized, T["That passkey is not known here, or it took too long."], null, "passkey");
        await signIns.BeginAsync(HttpContext, person, "passkey", cancellation);
        return Onwards(next);
    }

    /// <summary>Leads on to the provider.</summary>
    /// <param name="again">The provider is to ask for the password again.</param>
    public async Task<IActionResult> OnGetOidcAsync(string? next, bool again)
    {
        if (!oidc.IsOn)
            return Missing(T["There is no single sign-on here"]);
        try
        {
            await HttpContext.ChallengeAsync(OidcSignIn.SchemeName, OidcSignIn.To(next is not null && Url.IsLocalUrl(next) ? next : "/", again));
            return new EmptyResult();
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or IOException or HttpRequestException or TaskCanceledException)
        {
            Response.StatusCode = StatusCodes.Status502BadGateway;
            Problem = T[$"{oidc.Name} cannot be reached at {oidc.Authority} now. Try again, or sign in with a password."];
            return Page();
        }
    }

    public async Task<IActionResult> OnPostAsync(string? name, string? password, string? next, CancellationToken cancellation)
    {
        Name = name;
        if (!rates.Allows(HttpContext))
            return Refuse(StatusCodes.Status429TooManyRequests, T["Too many tries came from your address. Wait a minute."], name, "rate");
        switch (await people.SignInAsync(name ?? "", password ?? "", cancellation))
        {
            case SignIn.Welcome { Person: var person }:
                if (person.AsksForCode)
                {
                    half.Keep(HttpContext, SignInCodeModel.Step, $"{person.Id}\n{next}");
                    return LocalRedirect("~/sign-in/code");
                }
                await signIns.BeginAsync(HttpContext, person, "password", cancellation);
                // Nowhere but within the console.
                return Onwards(next);
            case SignIn.Locked { Until: var until }:
                return Refuse(StatusCodes.Status429TooManyRequests, T[$"Too many wrong passwords. This name can be tried again in {Moment.Length(until - Now)}."], name, "locked");
            default:
                return Refuse(StatusCodes.Status401Unauthorized, T["Name or password is wrong."], name, "wrong");
        }
    }

    public async Task<IActionResult> OnPostOutAsync(CancellationToken cancellation)
    {
        if (SessionCookie.Read(Request) is { } token && await sessions.FindAsync(token, cancellation) is { } session)
        {
            await sessions.EndAsync(session.Id, cancellation);
            HttpContext.Note("signed out", session.Name, actor: session.Name);
        }
        SessionCookie.Clear(HttpContext);
        return LocalRedirect("~/sign-in");
    }

    private Microsoft.AspNetCore.Mvc.RazorPages.PageResult Refuse(int status, string problem, string? name, string why)
    {
        Problem = problem;
        Response.StatusCode = status;
        HttpContext.Note("sign-in refused", name ?? "", why, actor: "nobody");
        return Page();
    }
}
