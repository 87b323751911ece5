using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts.Providers;
using Postrider.Mail.Intake;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Providers;

/// <summary>Removes a provider: says what goes with it, and asks for its name.</summary>
[Needs(Right.Own)]
internal sealed class RemoveModel(ProviderDirectory providers, ClientDirectory clients) : ConsolePage
{
    public Provider Provider { get; private set; } = null!;
    public long Waiting { get; private set; }

    /// <summary>What happens, in the order of its weight.</summary>
    public IEnumerable<string> Consequences
    {
        get
        {
            yield return T["Its settings, its tokens and its secrets are deleted, and cannot be had back. The application at the identity platform stays: remove it there too if nothing else uses it."];
            var named = clients.All.Where(client => client.ProviderId == Provider.Id).Select(client => client.Name).ToList();
            if (named.Count > 0)
                yield return T["These hand in mail for it: {0}. That mail is refused until they have another provider.", string.Join(", ", named.Take(5)) + (named.Count > 5 ? ", …" : "")];
            if (providers.All.Where(other => other.Failover == Provider.Name).Select(other => other.DisplayName).ToList() is { Count: > 0 } covered)
                yield return T[$"It stands in for {string.Join(", ", covered)}, whose mail then waits when they cannot send."];
            if (Provider.Default)
                yield return T["It is the default. Mail that no other provider is named for is refused until another one is the default."];
            yield return T["What it has sent stays in the history."];
        }
    }

    public async Task<IActionResult> OnGetAsync(string name, CancellationToken cancellation) => await FindAsync(name, cancellation) ? Page() : Missing(T["There is no such provider"]);

    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostAsync(string name, string? typed, CancellationToken cancellation)
    {
        if (!await FindAsync(name, cancellation))
            return Missing(T["There is no such provider"]);
        if (typed?.Trim() != Provider.Name)
            return Wrong(T[$"That is not its name. Write \"{Provider.Name}\"."]);
        switch (await providers.RemoveAsync(Provider.Id, cancellation))
        {
            case ProviderResult.Removed:
                HttpContext.Note("provider removed", Provider.Name);
                Say(T[$"{Provider.DisplayName} is removed."]);
                return LocalRedirect(Url.Content("~/providers"));
            case ProviderResult.Refused refused:
                return Wrong($"{refused.Cause} {refused.Remedy}");
            default:
                return Missing(T["There is no such provider"]);
        }
    }

    private Microsoft.AspNetCore.Mvc.RazorPages.PageResult Wrong(string error)
    {
        HttpContext.NoteNothing();
        Errors["typed"] = [error];
        Response.StatusCode = StatusCodes.Status400BadRequest;
        return Page();
    }

    private async Task<bool> FindAsync(string name, CancellationToken cancellation)
    {
        if (providers.Find(name) is not { } provider)
            return false;
        Provider = provider;
        Waiting = await providers.WaitingAsync(provider.Id, cancellation);
        return true;
    }
}
