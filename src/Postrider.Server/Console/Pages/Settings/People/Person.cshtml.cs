using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Settings.People;

/// <summary>A person of the console: role, link, sessions.</summary>
[Needs(Right.Own, Proven = true)]
internal sealed class PersonModel(PeopleDirectory people, Sessions sessions, OneTimeLinks links) : ConsolePage
{
    public Person Person { get; private set; } = null!;
    public IReadOnlyList<Sessions.Session> Theirs { get; private set; } = [];
    public string? Link { get; private set; }
    public Confirmation? Confirm { get; private set; }

    public string Here => Url.Content("~/settings/people/" + Person.Id);
    public string SessionId => User.FindFirstValue(ConsoleAuthentication.SessionClaim)!;
    public bool IsLocked => Person.LockedUntil > Now.ToUnixTimeMilliseconds();
    public bool IsMe => Person.Id == PersonId;

    public async Task<IActionResult> OnGetAsync(string id, CancellationToken cancellation)
    {
        if (!await FindAsync(id, cancellation))
            return Missing(T["There is no such person"]);
        Link = TakeOnce(Person.Id);
        return Page();
    }

    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostLinkAsync(string id, CancellationToken cancellation)
    {
        if (!await FindAsync(id, cancellation))
            return Missing(T["There is no such person"]);
        var (url, _) = await links.MakeAsync(Person.Id, cancellation);
        HttpContext.Note("link made", Person.Name);
        ShowOnce(Person.Id, url.AbsoluteUri);
        return LocalRedirect(Here);
    }

    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostUnlockAsync(string id, CancellationToken cancellation)
    {
        if (!await FindAsync(id, cancellation))
            return Missing(T["There is no such person"]);
        await people.UnlockAsync(Person.Id, cancellation);
        HttpContext.Note("person unlocked", Person.Name);
        Say(T[$"{Person.Name} may try again. Whoever does not know who tried has another password set."]);
        return LocalRedirect(Here);
    }

    [Needs(Right.Own)]
    public async Task<IActionResult> OnGetResetAsync(string id, CancellationToken cancellation)
    {
        if (!await FindAsync(id, cancellation))
            return Missing(T["There is no such person"]);
        Confirm = new(T[$"Take away codes and passkeys of {Person.Name}"], [T[$"For one who has lost the device: {Person.Name} is signed out and not asked for codes any more, and passkeys are forgotten. The password stays. Be sure that it is them who ask."]],
            T["Take them away"], Here + "?handler=Reset", Here);
        return Page();
    }

    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostResetAsync(string id, CancellationToken cancellation)
    {
        if (!await FindAsync(id, cancellation))
            return Missing(T["There is no such person"]);
        await people.ResetWaysAsync(Person.Id, cancellation);
        HttpContext.Note("codes and passkeys taken away", Person.Name);
        Say(T[$"{Person.Name} signs in with the password alone, and can set up codes and passkeys again."]);
        return LocalRedirect(Here);
    }

    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostRoleAsync(string id, string? role, CancellationToken cancellation)
    {
        if (!await FindAsync(id, cancellation) || !Role.All.Contains(role))
            return Missing(T["There is no such person or role"]);
        var changed = role == Person.Role || await people.SetRoleAsync(Person.Id, role!, cancellation);
        HttpContext.Note("role changed", Person.Name, changed ? $"{Person.Role} to {role}" : "refused: the last owner");
        Say(changed ? T[$"{Person.Name} is {T[role!]} from now on, and signs in again."] : T["Nothing is changed: no owner would be left. Make somebody else an owner first."], changed);
        return LocalRedirect(Here);
    }

    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostEndAsync(string id, string session, CancellationToken cancellation)
    {
        if (!await FindAsync(id, cancellation) || Theirs.FirstOrDefault(one => one.Id == session) is not { } theirs)
            return Missing(T["There is no such session"]);
        await sessions.EndAsync(theirs.Id, cancellation);
        HttpContext.Note("session ended", Person.Name, theirs.Address);
        Say(T["That session has ended."]);
        return LocalRedirect(Here);
    }

    [Needs(Right.Own)]
    public async Task<IActionResult> OnGetRemoveAsync(string id, CancellationToken cancellation)
    {
        if (!await FindAsync(id, cancellation))
            return Missing(T["There is no such person"]);
        Confirm = new(T[$"Remove {Person.Name}"], [T[$"{Person.Name} is signed out at once and can no longer sign in. What they did stays in the audit."], .. IsMe ? [T["That is you."]] : Array.Empty<string>()],
            T[$"Remove {Person.Name}"], Here + "?handler=Remove", Here);
        return Page();
    }

    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostRemoveAsync(string id, CancellationToken cancellation)
    {
        if (!await FindAsync(id, cancellation))
            return Missing(T["There is no such person"]);
        var removed = await people.RemoveAsync(Person.Id, cancellation);
        HttpContext.Note("person removed", Person.Name, removed ? "" : "refused: the last owner");
        Say(removed ? T[$"{Person.Name} is removed."] : T["Nothing is changed: no owner would be left. Make somebody else an owner first."], removed);
        return LocalRedirect(removed ? "~/settings/people" : Here);
    }

    private async Task<bool> FindAsync(string id, CancellationToken cancellation)
    {
        if (await people.FindAsync(id, cancellation) is not { } person)
            return false;
        Person = person;
        Theirs = await sessions.OfAsync(person.Id, cancellation);
        return true;
    }
}
