using Microsoft.AspNetCore.Mvc;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages;

/// <summary>The second step for those who are asked for codes. It is reached with a right password alone.</summary>
internal sealed class SignInCodeModel(PeopleDirectory people, TotpCodes codes, SignIns signIns, HalfSignIn half, SignInRates rates) : ConsolePage
{
    public const string Step = "half";

    private string? next;

    public string? Problem { get; private set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation) => await FindAsync(cancellation) is null ? LocalRedirect("~/sign-in") : Page();

    public async Task<IActionResult> OnPostAsync(string? code, CancellationToken cancellation)
    {
        if (await FindAsync(cancellation) is not { } person)
            return LocalRedirect("~/sign-in");
        if (!rates.Allows(HttpContext))
            return Refuse(StatusCodes.Status429TooManyRequests, T["Too many tries came from your address. Wait a minute."], person, "rate");
        switch (await codes.TakeAsync(person, code ?? "", cancellation))
        {
            case CodeAnswer.Right:
                await signIns.BeginAsync(HttpContext, person, "password and code", cancellation);
                break;
            case CodeAnswer.Recovery:
                await signIns.BeginAsync(HttpContext, person, "password and recovery code", cancellation);
                Say(T.Count(await codes.RecoveryLeftAsync(person, cancellation), "You used a recovery code up; 1 is left. Make others under Settings when you have a device again.", "You used a recovery code up; {0} are left. Make others under Settings when you have a device again."), good: false);
                break;
            case CodeAnswer.Locked:
                return Refuse(StatusCodes.Status429TooManyRequests, T["Too many were wrong. Try again in a few minutes."], person, "locked");
            default:
                return Refuse(StatusCodes.Status401Unauthorized, T["That code is wrong, or was used before. The app shows another every half minute; the clocks of both devices have to be right."], person, "wrong code");
        }
        HalfSignIn.Forget(HttpContext, Step);
        return Onwards(next);
    }

    private async Task<Person?> FindAsync(CancellationToken cancellation)
    {
        if (half.Read(HttpContext, Step)?.Split('\n', 2) is not [var id, var wanted])
            return null;
        next = wanted;
        return await people.FindAsync(id, cancellation) is { AsksForCode: true } person ? person : null;
    }

    private Microsoft.AspNetCore.Mvc.RazorPages.PageResult Refuse(int status, string problem, Person person, string why)
    {
        Problem = problem;
        Response.StatusCode = status;
        HttpContext.Note("sign-in refused", person.Name, why, actor: "nobody");
        return Page();
    }
}
