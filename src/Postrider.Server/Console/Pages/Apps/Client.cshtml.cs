using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts.Providers;
using Postrider.Mail.Intake;
using Postrider.Server.Api;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.Connecting;
using Postrider.Server.Console.People;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;
using MailClient = Postrider.Mail.Intake.Client;

namespace Postrider.Server.Console.Pages.Apps;

/// <summary>An application or device: what it may do, how to connect it, its password.</summary>
internal sealed class ClientModel(ClientDirectory clients, ClientQuotas quotas, ProviderDirectory providers, Instructions instructions) : ConsolePage
{
    public MailClient Client { get; private set; } = null!;
    public string? Password { get; private set; }
    public Confirmation? Confirm { get; private set; }
    public long Used { get; private set; }
    public Instructions How => instructions;

    public string Through => Client.ProviderId is not { } id ? T["whatever the usual rules choose"] : providers.Find(id)?.DisplayName ?? T["(removed): its mail is refused until it has another one"];

    public async Task<IActionResult> OnGetAsync(string name, CancellationToken cancellation)
    {
        if (!await FindAsync(name, cancellation))
            return Missing(T["There is no such app or device"]);
        Password = May(Right.Own) ? TakeOnce(Client.Id) : null;
        return Page();
    }

    [Needs(Right.Own, Proven = true)]
    public async Task<IActionResult> OnGetRemoveAsync(string name, CancellationToken cancellation)
    {
        if (!await FindAsync(name, cancellation))
            return Missing(T["There is no such app or device"]);
        Confirm = new(T[$"Remove {Client.Name}"], [T["Its passwords stop working at once. They cannot be had back."], .. Client.Networks.Count > 0 ? [T["Sending without one stops too, from {0}.", string.Join(", ", Client.Networks)]] : Array.Empty<string>(),
            Client.LastSeenAt is { } seen ? T[$"It last handed in mail {Moment.InWords(seen, Now)}."] : T["It has never handed in mail."], T["Mail that it has handed in is still sent, and its history stays."]],
            T[$"Remove {Client.Name}"], Url.Content($"~/apps/clients/{Client.Name}?handler=Remove"), Url.Content($"~/apps/clients/{Client.Name}"));
        return Page();
    }

    [Needs(Right.Own, Proven = true)]
    public async Task<IActionResult> OnPostRemoveAsync(string name, CancellationToken cancellation)
    {
        if (clients.Find(name) is not { } client || !await clients.RemoveAsync(client.Id, cancellation))
            return Missing(T["There is no such app or device"]);
        HttpContext.Note("client removed", client.Name);
        Say(T[$"{client.Name} is removed. Its passwords no longer work."]);
        return LocalRedirect("~/apps");
    }

    [Needs(Right.Own, Proven = true)]
    public async Task<IActionResult> OnPostRotateAsync(string name, int keepOldHours, CancellationToken cancellation)
    {
        if (!await FindAsync(name, cancellation))
            return Missing(T["There is no such app or device"]);
        var keep = Math.Clamp(keepOldHours, 0, ClientRules.LongestOverlapHours);
        ShowOnce(Client.Id, await clients.RotateAsync(Client.Id, TimeSpan.FromHours(keep), cancellation));
        HttpContext.Note("client password changed", Client.Name, $"the old one works for {keep} h");
        return Again();
    }

    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostEndOldAsync(string name, CancellationToken cancellation)
    {
        if (!await FindAsync(name, cancellation))
            return Missing(T["There is no such app or device"]);
        await clients.EndPreviousAsync(Client.Id, cancellation);
        HttpContext.Note("client old password ended", Client.Name);
        Say(T["Only the present password works now."]);
        return Again();
    }

    private async Task<bool> FindAsync(string name, CancellationToken cancellation)
    {
        if (clients.Find(name) is not { } client)
            return false;
        Client = client;
        Used = client.MessagesPerDay > 0 ? await quotas.UsedAsync(client, client.MessagesPerDay, cancellation) : 0;
        return true;
    }
}
