using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using static Postrider.Server.Console.Languages.Speech;
using Answer = Postrider.Server.Console.People.SignIn;

namespace Postrider.Server.Console.Pages.Settings;

/// <summary>What a person may do about themselves: the password, and where they are signed in.</summary>
internal sealed class YouModel(PeopleDirectory people, Sessions sessions, SignInRates rates) : ConsolePage
{
    public Person Person { get; private set; } = null!;
    public IReadOnlyList<Sessions.Session> Mine { get; private set; } = [];
    public string SessionId => User.FindFirstValue(ConsoleAuthentication.SessionClaim)!;

    public Task OnGetAsync(CancellationToken cancellation) => LoadAsync(cancellation);

    [Needs(Right.Look)]
    public async Task<IActionResult> OnPostPasswordAsync(string? current, string? password, string? repeat, CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        if (!rates.Allows(HttpContext))
            Errors["current"] = [T["Too many tries came from your address. Wait a minute."]];
        else if (PeopleDirectory.WrongPassword(password, Person.Name) is { } wrong)
            Errors["password"] = [wrong];
        else if (password != repeat)
            Errors["repeat"] = [T["The two are not the same."]];
        else if (Person.PasswordHash is not null && await people.SignInAsync(Person.Name, current ?? "", cancellation) is var answer and not Answer.Welcome)
            Errors["current"] = [answer is Answer.Locked ? T["Too many wrong passwords. Try again in a few minutes."] : T["That is not your present password."]];
        if (Errors.Count > 0)
        {
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return Page();
        }
        await people.SetPasswordAsync(Person.Id, password!, SessionId, cancellation);
        HttpContext.Note("password changed", Person.Name);
        Say(T["Your password is changed. You are signed out everywhere else."]);
        return LocalRedirect("~/settings/you");
    }

    [Needs(Right.Look)]
    public async Task<IActionResult> OnPostEndAsync(string session, CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        if (Mine.FirstOrDefault(one => one.Id == session) is not { } ended)
            return Missing(T["There is no such session of yours"]);
        await sessions.EndAsync(ended.Id, cancellation);
        HttpContext.Note("session ended", Person.Name, ended.Address);
        Say(ended.Id == SessionId ? T["You are signed out."] : T["That session has ended."]);
        return LocalRedirect("~/settings/you");
    }

    [Needs(Right.Look)]
    public async Task<IActionResult> OnPostEndOthersAsync(CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        var ended = await sessions.EndOthersAsync(Person.Id, SessionId, cancellation);
        HttpContext.Note("other sessions ended", Person.Name, Ui.Moment.Number(ended));
        Say(ended == 0 ? T["You were signed in nowhere else."] : T["You are signed in here alone."]);
        return LocalRedirect("~/settings/you");
    }

    private async Task LoadAsync(CancellationToken cancellation)
    {
        Person = (await people.FindAsync(PersonId, cancellation))!;
        Mine = await sessions.OfAsync(Person.Id, cancellation);
    }
}
