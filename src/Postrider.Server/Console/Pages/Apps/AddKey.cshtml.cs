using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Postrider.Client;
using Postrider.Server.Api;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.Connecting;
using Postrider.Server.Console.People;

namespace Postrider.Server.Console.Pages.Apps;

/// <summary>Makes a key of the HTTP interface.</summary>
[Needs(Right.Own, Proven = true)]
internal sealed class AddKeyModel(ApiKeys keys, ClientRules rules, Instructions instructions) : ConsolePage
{
    public string? Name { get; private set; }
    public IReadOnlyList<string> Scopes { get; private set; } = [ApiKeys.Send];
    public string Days { get; private set; } = "";
    public string? Key { get; private set; }
    public Instructions How => instructions;

    public void OnGet(string? made)
    {
        if (made is not null && keys.All.FirstOrDefault(key => key.Id == made) is { } key)
            (Key, Name) = (TakeOnce(key.Id), key.Name);
    }

    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostAsync(string? name, string[] scopes, string? days, CancellationToken cancellation)
    {
        (Name, Scopes, Days) = (name, scopes, days ?? "");
        var input = new KeyInput
        {
            Name = name?.Trim() ?? "", Scopes = [.. scopes.Distinct()],
            ExpiresAt = int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out var many) ? Now.AddDays(Math.Min(many, 3650)) : null,
        };
        Errors = rules.WrongIn(input);
        if (Errors.Count > 0)
        {
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return Page();
        }
        var (row, key) = await keys.AddAsync(input.Name, input.Scopes, input.ExpiresAt, cancellation);
        HttpContext.Note("key made", $"{row.Name} {row.Id}", string.Join(", ", input.Scopes));
        ShowOnce(row.Id, key);
        return LocalRedirect($"~/apps/keys/add?made={row.Id}");
    }
}
