using System.CommandLine;
using Postrider.Client;

namespace Postrider.Cli;

/// <summary>Keys of the HTTP interface.</summary>
internal static class KeyCommand
{
    private static readonly Argument<string> Name = new("name") { Description = "What the key is for." };
    private static readonly Argument<string> Id = new("id") { Description = "The key's id, as in 'key list'." };
    private static readonly Option<string[]> Scope = ScopeOption();
    private static readonly Option<string?> ExpiresAt = new("--expires-at") { HelpName = "moment", Description = "When it ends, such as 2027-01-31." };

    public static Command Create() => new Command("key", "Keys of the HTTP interface.")
    {
        new Verb("add", "Make a key and print it, this once.", "key add webshop", "key add monitoring --scope read --expires-at 2027-01-31")
            { Name, Scope, ExpiresAt }.Does(AddAsync),
        new Verb("list", "List the keys.", "key list").Does(ListAsync),
        new Verb("revoke", "End a key at once.", "key revoke 4f1c") { Id, Confirmation.Yes }.Does(RevokeAsync),
    };

    private static async Task AddAsync(Call call)
    {
        var key = new KeyInput
        {
            Name = call.Get(Name),
            Scopes = call.Get(Scope) is { Length: > 0 } scopes ? scopes : ["send"],
            ExpiresAt = Moments.Coming(ExpiresAt.Name, call.Get(ExpiresAt), call.Terminal.Time),
        };
        var created = await call.AskAsync(server => server.Keys.AddAsync(key, call.Cancellation));
        call.Output.Show(created, PostriderJson.Default.KeyCreated, _ =>
        {
            call.Output.Say($"Made {created.Name} ({string.Join(", ", created.Scopes)}), id {created.Id}. The key is not shown again:");
            call.Output.Say(created.Key);
        });
    }

    private static async Task ListAsync(Call call)
    {
        var time = call.Terminal.Time;
        var page = await call.AskAsync(server => server.Keys.ListAsync(call.Cancellation));
        call.Output.Show(page, PostriderJson.Default.PageKeyView, _ => call.Output.Table(
            page.Items, "No keys. Make one with: postrider key add NAME",
            new("ID", key => key.Id, whole: true),
            new("NAME", key => key.Name),
            new("SCOPES", key => string.Join(", ", key.Scopes)),
            new("LAST USED", key => key.LastUsedAt is { } used ? Moments.Since(used, time) : "never"),
            new("ENDS", key => key switch
            {
                { RevokedAt: { } revoked } => $"revoked {Moments.Since(revoked, time)}",
                { ExpiresAt: { } expires } => Moments.At(expires, time),
                _ => "never",
            })));
    }

    private static async Task RevokeAsync(Call call)
    {
        if (!await Confirmation.AskUnlessScriptedAsync(call, $"Revoke {call.Get(Id)}? It stops working at once and cannot be had back."))
            return;
        await call.AskAsync(server => server.Keys.RevokeAsync(call.Get(Id), call.Cancellation));
        call.Output.Did("revoked", call.Get(Id), $"Revoked {call.Get(Id)}.");
    }

    private static Option<string[]> ScopeOption()
    {
        var option = new Option<string[]>("--scope")
        {
            HelpName = "admin|send|read", Description = "What it may do (default send); once for each scope.",
        };
        return option.AcceptOnlyFromAmong("admin", "send", "read");
    }
}
