using Microsoft.AspNetCore.Mvc;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Settings.People;

/// <summary>Someone new gets a link that works once.</summary>
[Needs(Right.Own, Proven = true)]
internal sealed class InviteModel(PeopleDirectory people, OneTimeLinks links) : ConsolePage
{
    public string? Name { get; private set; }
    public string Chosen { get; private set; } = Role.Operator;

    public static IEnumerable<(string, string)> Roles => Role.All.Select(role => (role, $"{T[role]}: {Role.InWords(role)}"));

    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostAsync(string? name, string? role, CancellationToken cancellation)
    {
        (Name, Chosen) = (name, Role.All.Contains(role) ? role! : Role.Viewer);
        var wrong = PeopleDirectory.WrongName(name);
        var added = wrong is null ? await people.AddAsync(name!, Chosen, null, cancellation) : null;
        if (added is null)
        {
            Errors["name"] = [wrong ?? T["Somebody has this name already."]];
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return Page();
        }
        var (url, _) = await links.MakeAsync(added.Id, cancellation);
        HttpContext.Note("person invited", added.Name, added.Role);
        ShowOnce(added.Id, url.AbsoluteUri);
        return LocalRedirect($"~/settings/people/{added.Id}");
    }
}
