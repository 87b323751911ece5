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

    public static Command Create() => new Command("client", "Applications and devices that may hand in mail over SMTP.")
    {
        new Verb("add", "Add a client and print its password, this once.",
            "client add erp --sender @contoso.com --provider microsoft365",
            "client add printers --network 10.20.0.0/16 --sender scanner@contoso.com")
            { Name, UserName, Network, Sender, Provider }.Does(AddAsync),
        new Verb("list", "List the clients.", "client list").Does(ListAsync),
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
        };
        var created = await call.AskAsync(server => server.Clients.AddAsync(client, call.Cancellation));
        call.Output.Show(created, PostriderJson.Default.ClientCreated, _ =>
        {
            call.Output.Say($"Added {created.Name}. Enter these at the application or device; the password is not shown again.");
            call.Output.Say($"  User name  {created.UserName}");
            call.Output.Say($"  Password   {created.Password}");
        });
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
            new("LAST SEEN", client => client.LastSeenAt is { } seen ? Moments.Since(seen, call.Terminal.Time) : "never")));
    }

    private static async Task RemoveAsync(Call call)
    {
        if (!await Confirmation.AskUnlessScriptedAsync(call, $"Remove {call.Get(Name)}? Its password stops working at once and cannot be had back."))
            return;
        await call.AskAsync(server => server.Clients.RemoveAsync(call.Get(Name), call.Cancellation));
        call.Output.Say($"Removed {call.Get(Name)}.");
    }

    private static Option<string[]> Several(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description, AllowMultipleArgumentsPerToken = true };
}
