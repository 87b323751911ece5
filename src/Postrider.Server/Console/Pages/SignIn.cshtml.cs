using Microsoft.AspNetCore.Mvc;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.Ui;

namespace Postrider.Server.Console.Pages;

internal sealed class SignInModel(PeopleDirectory people, Sessions sessions, SignIns signIns, HalfSignIn half, SignInRates rates) : ConsolePage
{
    public string? Name { get; private set; }
    public string? Problem { get; private set; }

    public async Task<IActionResult> OnPostAsync(string? name, string? password, string? next, CancellationToken cancellation)
    {
        Name = name;
        if (!rates.Allows(HttpContext))
            return Refuse(StatusCodes.Status429TooManyRequests, "Too many tries came from your address. Wait a minute.", name, "rate");
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
                return Refuse(StatusCodes.Status429TooManyRequests, $"Too many wrong passwords. This name can be tried again in {Moment.Length(until - Now)}.", name, "locked");
            default:
                return Refuse(StatusCodes.Status401Unauthorized, "Name or password is wrong.", name, "wrong");
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
