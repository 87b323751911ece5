using Microsoft.AspNetCore.Mvc;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.Languages;
using Postrider.Server.Console.People;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages;

/// <summary>Where a one-time link leads. Looking at it uses nothing up; sending the form does.</summary>
internal sealed class SetupModel(OneTimeLinks links, PeopleDirectory people, SignIns signIns, SignInRates rates) : ConsolePage
{
    public bool IsOver => Over is not null;

    /// <summary>Why the link leads nowhere; null when it works.</summary>
    public string? Over { get; private set; }
    public bool IsFirst { get; private set; }
    public string? Name { get; private set; }
    public string? NameError { get; private set; }
    public string? PasswordError { get; private set; }
    public string? RepeatError { get; private set; }

    public async Task<IActionResult> OnGetAsync(string token, CancellationToken cancellation)
    {
        await FindAsync(token, cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string token, string? name, string? password, string? repeat, CancellationToken cancellation)
    {
        var person = await FindAsync(token, cancellation);
        if (IsOver)
            return Page();
        Name = IsFirst ? name : Name;
        NameError = IsFirst ? PeopleDirectory.WrongName(name) : null;
        PasswordError = PeopleDirectory.WrongPassword(password, Name ?? "");
        RepeatError = password == repeat ? null : T["The two are not the same."];
        if (NameError is not null || PasswordError is not null || RepeatError is not null)
        {
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return Page();
        }
        // Whoever is first uses the link up: a second one finds it over.
        if (!await links.UseAsync(token, cancellation))
        {
            Over = Used;
            return Page();
        }
        if (IsFirst)
            person = await people.AddAsync(name!, Role.Owner, password, cancellation) ?? throw new InvalidOperationException("The name of the first owner is taken.");
        else
            await people.SetPasswordAsync(person!.Id, password!, null, cancellation);
        var act = IsFirst ? "first owner created" : "password set";
        HttpContext.Note(act, person!.Name, actor: person.Name);
        // Who is asked for codes is asked now too: the link stands for the password alone.
        if (person.AsksForCode)
            return LocalRedirect("~/sign-in");
        await signIns.BeginAsync(HttpContext, person, "one-time link", cancellation);
        HttpContext.Note(act, person.Name, actor: person.Name);
        return LocalRedirect(IsFirst ? "~/welcome" : "~/");
    }

    private static readonly Phrase Used = T["It is not known here: it was used, a newer one has taken its place, or a part of it is missing. Copy the whole address. A link works once."];

    private async Task<Person?> FindAsync(string token, CancellationToken cancellation)
    {
        Response.Headers["Referrer-Policy"] = "no-referrer";
        var link = rates.MayGuess(HttpContext) ? await links.FindAsync(token, cancellation) : new FoundLink.Unknown();
        var person = link is FoundLink.Open { PersonId: { } id } ? await people.FindAsync(id, cancellation) : null;
        (IsFirst, Name) = (link is FoundLink.Open { PersonId: null }, person?.Name);
        if (link is FoundLink.Unknown && !rates.MayGuess(HttpContext))
        {
            Response.StatusCode = StatusCodes.Status429TooManyRequests;
            Over = T["Too many links that are not known here came from your address. Wait a minute, and open yours again."];
        }
        else if (link is FoundLink.Unknown || (!IsFirst && link is FoundLink.Open && person is null))
        {
            rates.Guessed(HttpContext);
            Over = Used;
        }
        else if (link is FoundLink.Expired { At: var at })
            Over = T[$"It ran out at {Zone.Minute(at)}. A link works once, for {OneTimeLinks.Lifetime.TotalMinutes:0} minutes."];
        else if (link is FoundLink.OwnerThere)
            Over = T["It makes the first owner, and there is one by now. Sign in, or let an owner invite you."];
        return person;
    }
}
