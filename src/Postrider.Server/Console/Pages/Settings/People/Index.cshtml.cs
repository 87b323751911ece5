using Microsoft.AspNetCore.Mvc;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.Ui;

namespace Postrider.Server.Console.Pages.Settings.People;

/// <summary>Who may use the console. Someone new gets a link that works once.</summary>
[Needs(Right.Own)]
internal sealed class PeopleModel(PeopleDirectory people, OneTimeLinks links) : ConsolePage
{
    public IReadOnlyList<Person> All { get; private set; } = [];
    public ListPage<Person> List => ListPage.Of(Request, "", All, person => person.Name, person => $"{person.Name} {person.Role}");
    public string? Name { get; private set; }
    public string Chosen { get; private set; } = Role.Operator;
    public string? NameError { get; private set; }

    public static IEnumerable<(string, string)> Roles => Role.All.Select(role => (role, $"{role}: {Role.InWords(role)}"));

    public async Task OnGetAsync(CancellationToken cancellation) => All = await people.AllAsync(cancellation);

    [Needs(Right.Own, Proven = true)]
    public async Task<IActionResult> OnPostAsync(string? name, string? role, CancellationToken cancellation)
    {
        (Name, Chosen) = (name, Role.All.Contains(role) ? role! : Role.Viewer);
        NameError = PeopleDirectory.WrongName(name);
        var added = NameError is null ? await people.AddAsync(name!, Chosen, null, cancellation) : null;
        if (added is null)
        {
            NameError ??= "Somebody has this name already.";
            Response.StatusCode = StatusCodes.Status400BadRequest;
            All = await people.AllAsync(cancellation);
            return Page();
        }
        var (url, _) = await links.MakeAsync(added.Id, cancellation);
        HttpContext.Note("person invited", added.Name, added.Role);
        ShowOnce(added.Id, url.AbsoluteUri);
        return LocalRedirect($"~/settings/people/{added.Id}");
    }
}
