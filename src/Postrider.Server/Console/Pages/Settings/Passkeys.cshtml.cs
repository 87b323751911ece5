using Microsoft.AspNetCore.Mvc;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.People.Passkeys;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Settings;

/// <summary>A person's passkeys: added, listed, removed.</summary>
[Needs(Right.Look, Proven = true)]
internal sealed class PasskeysModel(PeopleDirectory people, PasskeySignIn passkeys) : ConsolePage
{
    public Person Person { get; private set; } = null!;
    public IReadOnlyList<PasskeyRow> Mine { get; private set; } = [];
    public Confirmation? Confirm { get; private set; }
    public bool IsPossible => passkeys.IsPossible(Request);
    public string Place => passkeys.Place;

    public static string Here => "~/settings/you/passkeys";

    public Task OnGetAsync(CancellationToken cancellation) => LoadAsync(cancellation);

    [Needs(Right.Look)]
    public async Task<IActionResult> OnPostOptionsAsync(CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        HttpContext.NoteNothing();
        return IsPossible ? Content(await passkeys.BeginAddingAsync(HttpContext, Person), "application/json") : NotFound();
    }

    [Needs(Right.Look)]
    public async Task<IActionResult> OnPostAsync(string? credential, string? name, CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        var wrong = await passkeys.AddAsync(HttpContext, Person, credential ?? "", name, cancellation);
        if (wrong is null)
            HttpContext.Note("passkey added", Person.Name);
        else
            HttpContext.NoteNothing();
        Say(wrong ?? T["The passkey is added. It signs you in from now on."], wrong is null);
        return LocalRedirect(Here);
    }

    public async Task<IActionResult> OnGetRemoveAsync(string key, CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        if (Mine.FirstOrDefault(one => one.CredentialId == key) is not { } mine)
            return Missing(T["There is no such passkey of yours"]);
        Confirm = new(T[$"Remove {mine.Name}"], [T["It signs you in no more. Remove it on the device as well, or the device goes on offering it."],
            .. Mine.Count == 1 && Person is { PasswordHash: null, OidcSubject: null } ? [T["It is the only way in that you have. An owner would have to make a link for you."]] : Array.Empty<string>()],
            T[$"Remove {mine.Name}"], Url.Content($"{Here}?handler=Remove&key={Uri.EscapeDataString(key)}"), Url.Content(Here));
        return Page();
    }

    [Needs(Right.Look)]
    public async Task<IActionResult> OnPostRemoveAsync([FromQuery] string key, CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        if (!await passkeys.RemoveAsync(Person, key, cancellation))
            return Missing(T["There is no such passkey of yours"]);
        HttpContext.Note("passkey removed", Person.Name);
        Say(T["The passkey is removed."]);
        return LocalRedirect(Here);
    }

    private async Task LoadAsync(CancellationToken cancellation)
    {
        Person = (await people.FindAsync(PersonId, cancellation))!;
        Mine = await passkeys.OfAsync(Person, cancellation);
    }
}
