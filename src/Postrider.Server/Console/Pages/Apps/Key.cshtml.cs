using Microsoft.AspNetCore.Mvc;
using Postrider.Server.Api;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Apps;

/// <summary>Revokes a key, after a look at what will stop.</summary>
[Needs(Right.Own, Proven = true)]
internal sealed class KeyModel(ApiKeys keys) : ConsolePage
{
    public Confirmation Confirm { get; private set; } = null!;

    public IActionResult OnGet(string id)
    {
        if (Valid(id) is not { } key)
            return Missing(T["There is no such key that still works"]);
        Confirm = new(T[$"Revoke {key.Name}"], [
            T["The key stops working at once and cannot be had back."],
            key.LastUsedAt is { } used ? T[$"It was last used {Moment.InWords(DateTimeOffset.FromUnixTimeMilliseconds(used), Now)}. Whatever uses it is refused from then on."] : T["It has never been used."],
            .. key.Name == ApiKeys.FirstName ? [T["It is the key that the command line on the server uses. The next start of the gateway makes another one."]] : Array.Empty<string>()],
            T[$"Revoke {key.Name}"], Url.Content($"~/apps/keys/{key.Id}"), Url.Content("~/apps"));
        return Page();
    }

    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostAsync(string id, CancellationToken cancellation)
    {
        if (Valid(id) is not { } key || !await keys.RevokeAsync(id, cancellation))
            return Missing(T["There is no such key that still works"]);
        HttpContext.Note("key revoked", $"{key.Name} {key.Id}");
        Say(T[$"The key {key.Name} is revoked."]);
        return LocalRedirect("~/apps");
    }

    private ApiKeys.ApiKey? Valid(string id) => keys.All.FirstOrDefault(key => key.Id == id && key.RevokedAt is null);
}
