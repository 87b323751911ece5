using System.CommandLine;
using Postrider.Client;

namespace Postrider.Cli;

/// <summary>Applications and devices that may hand in mail over SMTP.</summary>
internal static class ClientCommand
{
    private static readonly Argument<string> Name = new("name") { Description = "The client's name." };
    private static readonly Option<string?> UserName = new("--user-name") { HelpName = "name", Description = "SMTP user name (default: the client's name)." };
    private static readonly Option<string[]> Network = Several("--network", "cidr", "Networks from which no password is asked.");
    private static readonly Option<string[]> Sender = Several("--sender", "address", "Addresses or @domains it may send as (default: any that its provider allows).");
    private static readonly Option<string?> Provider = new("--provider") { HelpName = "name", Description = "The provider its mail goes through." };

    private static readonly Option<int?> PerDay = new("--messages-per-day") { HelpName = "number", Description = "How many messages it may hand in within 24 hours (default: any number)." };
    private static readonly Option<int?> NewPerDay = new("--messages-per-day") { HelpName = "number", Description = "How many messages it may hand in within 24 hours; 0: any number." };
    private static readonly Option<string?> Uncertain = new("--uncertain") { HelpName = "retry|hold", Description = "What becomes of a message that may have been sent, because the provider's answer never came: retry (send it again) or hold (a person decides)." };
    private static readonly Option<int> KeepOld = new("--keep-old") { HelpName = "hours", Description = "How long the old password works beside the new one (default 24); 0 ends it now.", DefaultValueFactory = _ => 24 };

    public static Command Create() => new Command("client", "Applications and devices that may hand in mail over SMTP.")
    {
        new Verb("add", "Add a client and print its password, this once.",
            "client add erp --sender @contoso.com --provider microsoft365",
            "client add printers --network 10.20.0.0/16 --sender scanner@contoso.com")
            { Name, UserName, Network, Sender, Provider, PerDay, Uncertain }.Does(AddAsync),
        new Verb("list", "List the clients.", "client list").Does(ListAsync),
        new Verb("set", "Change what a client may do; what is left out stays. An empty text clears.", "client set erp --sender @contoso.com --messages-per-day 500", "client set erp --provider ''")
            { Name, Network, Sender, Provider, NewPerDay, Uncertain }.Does(SetAsync),
        new Verb("rotate", "Make another password and print it, this once; the old one works beside it for a while.", "client rotate erp", "client rotate erp --keep-old 72") { Name, KeepOld }.Does(RotateAsync),
        new Verb("end-old", "End the password before the present one now.", "client end-old erp") { Name }.Does(EndOldAsync),
        new Verb("remove", "Remove a client; mail it handed in is still sent.", "client remove erp") { Name, Confirmation.Yes }.Does(RemoveAsync),
    };

    private static async Task AddAsync(Call call)
    {
        var client = new ClientInput
        {
            Name = call.Get(Name),
            UserName = call.Get(UserName),
            Networks = call.Get(Network) ?? [],
            Senders = call.Get(Sender) ?? [],
            Provider = call.Get(Provider),
            MessagesPerDay = call.Get(PerDay),
            Uncertain = call.Get(Uncertain),
        };
        var created = await call.AskAsync(server => server.Clients.AddAsync(client, call.Cancellation));
        Say(call, created, $"Added {created.Name}. Enter these at the application or device; the password is not shown again.");
    }

    private static void Say(Call call, ClientCreated created, string words) => call.Output.Show(created, PostriderJson.Default.ClientCreated, _ =>
    {
        call.Output.Say(words);
        call.Output.Say($"  User name  {created.UserName}");
        call.Output.Say($"  Password   {created.Password}");
    });

    private static async Task SetAsync(Call call)
    {
        static string[] Written(string[]? texts) => [.. (texts ?? []).Where(text => text.Length > 0)];
        var change = new ClientChange
        {
            Networks = call.Has(Network) ? Written(call.Get(Network)) : null,
            Senders = call.Has(Sender) ? Written(call.Get(Sender)) : null,
            Provider = call.Get(Provider),
            MessagesPerDay = call.Get(NewPerDay),
            Uncertain = call.Get(Uncertain),
        };
        var changed = await call.AskAsync(server => server.Clients.ChangeAsync(call.Get(Name), change, call.Cancellation));
        call.Output.Show(changed, PostriderJson.Default.ClientView, _ => call.Output.Say($"Changed {changed.Name}."));
    }

    private static async Task RotateAsync(Call call)
    {
        var created = await call.AskAsync(server => server.Clients.RotateAsync(call.Get(Name), new ClientRotation { KeepOldHours = call.Get(KeepOld) }, call.Cancellation));
        Say(call, created, created.PreviousPasswordUntil is { } until
            ? $"Made another password for {created.Name}, which is not shown again. The old one works until {Moments.At(until, call.Terminal.Time)}; 'client list' says whether something still uses it."
            : $"Made another password for {created.Name}, which is not shown again. The old one has ended.");
    }

    private static async Task EndOldAsync(Call call)
    {
        await call.AskAsync(server => server.Clients.EndPreviousPasswordAsync(call.Get(Name), call.Cancellation));
        call.Output.Did("endedOldOf", call.Get(Name), $"Only the present password of {call.Get(Name)} works now.");
    }

    private static async Task ListAsync(Call call)
    {
        var page = await call.AskAsync(server => server.Clients.ListAsync(call.Cancellation));
        call.Output.Show(page, PostriderJson.Default.PageClientView, _ => call.Output.Table(
            page.Items, "No clients yet. Add one with: postrider client add NAME",
            new("NAME", client => client.Name, whole: true),
            new("USER NAME", client => client.UserName, whole: true),
            new("PROVIDER", client => client.Provider ?? "–"),
            new("SENDERS", client => client.Senders.Count == 0 ? "any" : string.Join(", ", client.Senders)),
            new("NETWORKS", client => client.Networks.Count == 0 ? "–" : string.Join(", ", client.Networks)),
            new("A DAY", client => client.MessagesPerDay?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "–"),
            new("UNCERTAIN", client => client.Uncertain),
            new("OLD PASSWORD", client => client switch
            {
                { PreviousPasswordUntil: { } until } when until > call.Terminal.Time.GetUtcNow() =>
                    $"works until {Moments.At(until, call.Terminal.Time)}, {(client.PreviousPasswordUsedAt is { } used ? $"used {Moments.Since(used, call.Terminal.Time)}" : "not used")}",
                _ => "–",
            }),
            new("LAST SEEN", client => client.LastSeenAt is { } seen ? Moments.Since(seen, call.Terminal.Time) : "never")));
    }

    private static async Task RemoveAsync(Call call)
    {
        if (!await Confirmation.AskUnlessScriptedAsync(call, $"Remove {call.Get(Name)}? Its password stops working at once and cannot be had back."))
            return;
        await call.AskAsync(server => server.Clients.RemoveAsync(call.Get(Name), call.Cancellation));
        call.Output.Did("removed", call.Get(Name), $"Removed {call.Get(Name)}.");
    }

    private static Option<string[]> Several(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description, AllowMultipleArgumentsPerToken = true };
}
