using Postrider.Server.Console.People;
using Postrider.Server.Console.Ui;

namespace Postrider.Server.Console.Pages.Settings.People;

/// <summary>Who may use the console.</summary>
[Needs(Right.Own)]
internal sealed class PeopleModel(PeopleDirectory people) : ConsolePage
{
    public ListPage<Person> List { get; private set; } = null!;

    public async Task OnGetAsync(CancellationToken cancellation) =>
        List = ListPage.Of(Request, "", await people.AllAsync(cancellation), person => person.Name, person => $"{person.Name} {person.Role}");
}
