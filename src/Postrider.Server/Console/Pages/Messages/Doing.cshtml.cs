using Microsoft.AspNetCore.Mvc;
using Postrider.Server.Console.People;
using Postrider.Server.Console.Reading;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Messages;

/// <summary>How far an act on many messages is, and what came of it. It goes on without this page.</summary>
[Needs(Right.Operate)]
internal sealed class DoingModel(RecentActs acts) : ConsolePage
{
    public RecentAct Act { get; private set; } = null!;
    public string Title => ActWords.Title(Act);
    public string Result => ActWords.Result(Act);
    public string Back => Url.Content("~/messages") + Act.Query;

    public async Task<IActionResult> OnGetAsync(string id, CancellationToken cancellation)
    {
        if (await acts.FindAsync(id, Actor, cancellation) is not { } act)
            return Missing(T["There is no such act any more"]);
        Act = act;
        return Page();
    }
}
