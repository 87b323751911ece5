using System.CommandLine;
using System.Text.Json.Nodes;
using Postrider.Client;

namespace Postrider.Cli;

/// <summary>The accounts through which mail leaves.</summary>
internal static class ProviderCommand
{
    private static readonly Argument<string> Name = new("name") { Description = "The provider's name." };
    private static readonly Option<string?> To = new("--to") { HelpName = "address", Description = "Send a test message there as the last step." };

    public static Command Create() => new Command("provider", "The accounts through which mail leaves.")
    {
        ProviderOptions.AddTo(new Verb("add", "Add a provider. Secrets come from a file, or - for standard input.",
            "provider add microsoft365 --type microsoft --user-name noreply@contoso.com --tenant contoso.com --client-id 00000000-0000-0000-0000-000000000000 --client-secret-file secret.txt",
            "provider add relay --type password --address smtp.example.org --port 587 --user-name me --password-file - --enabled") { Name })
            .Does(AddAsync),
        ProviderOptions.AddTo(new Verb("set", "Change the members given and leave the others.",
            "provider set microsoft365 --client-secret-file new.txt --client-secret-expires-at 2027-05-01",
            "provider set microsoft365 --messages-per-minute 25") { Name })
            .Does(SetAsync),
        new Verb("list", "List the providers and their states.", "provider list").Does(ListAsync),
        new Verb("show", "Show one provider.", "provider show microsoft365") { Name }.Does(ShowAsync),
        ProviderConnect.Create(Name),
        ProviderCertificateCommand.Create(Name),
        new Verb("scope", "Keep the scope that works in the place of the one that was typed.", "provider scope microsoft365 keep")
            { Name, new Argument<string>("act") { Description = "keep." }.AcceptOnlyFromAmong("keep") }.Does(call => ActAsync(call, (providers, name) => providers.KeepScopeAsync(name, call.Cancellation))),
        ProviderScript.Create(Name),
        ProviderImportCommand.Create(),
        new Verb("test", "Try each step from the name's address to a message.", "provider test microsoft365", "provider test microsoft365 --to me@contoso.com")
            { Name, To }.Does(TestAsync),
        new Verb("enable", "Let mail leave through it.", "provider enable microsoft365") { Name }
            .Does(call => ActAsync(call, (providers, name) => providers.EnableAsync(name, call.Cancellation))),
        new Verb("disable", "Take it out of use.", "provider disable microsoft365") { Name }
            .Does(call => ActAsync(call, (providers, name) => providers.DisableAsync(name, call.Cancellation))),
        new Verb("pause", "Hold its queue; mail is still accepted.", "provider pause microsoft365") { Name }
            .Does(call => ActAsync(call, (providers, name) => providers.PauseAsync(name, call.Cancellation))),
        new Verb("resume", "Let a paused queue drain.", "provider resume microsoft365") { Name }
            .Does(call => ActAsync(call, (providers, name) => providers.ResumeAsync(name, call.Cancellation))),
        new Verb("remove", "Remove a provider with its tokens.", "provider remove microsoft365") { Name, Confirmation.Yes }.Does(RemoveAsync),
        new Verb("presets", "List the kinds of providers that are known, for --preset.", "provider presets").Does(PresetsAsync),
    };

    private static async Task AddAsync(Call call)
    {
        var members = new JsonObject { ["name"] = call.Get(Name) };
        await ProviderOptions.ReadAsync(call, members);
        var added = await call.AskAsync(server => server.Providers.AddAsync(members, call.Cancellation));
        call.Output.Show(added, provider =>
        {
            call.Output.Say($"Added {call.Get(Name)}.");
            ProviderText.SayNext(call.Output, call.Get(Name), provider);
        });
    }

    private static async Task SetAsync(Call call)
    {
        var members = new JsonObject();
        await ProviderOptions.ReadAsync(call, members);
        if (members.Count == 0)
            throw new UsageException("nothing to change. Name a member, such as --messages-per-minute 25; --help lists them.");
        var changed = await call.AskAsync(server => server.Providers.ChangeAsync(call.Get(Name), members, call.Cancellation));
        call.Output.Show(changed, provider =>
        {
            call.Output.Say($"Changed {call.Get(Name)}.");
            ProviderText.SayNext(call.Output, call.Get(Name), provider);
        });
    }

    private static async Task ListAsync(Call call)
    {
        var page = await call.AskAsync(server => server.Providers.ListAsync(call.Cancellation));
        call.Output.Show(page, PostriderJson.Default.PageJsonObject, _ => ProviderText.List(call.Output, page.Items));
    }

    private static async Task ShowAsync(Call call)
    {
        var provider = await call.AskAsync(server => server.Providers.GetAsync(call.Get(Name), call.Cancellation));
        call.Output.Show(provider, _ => ProviderText.Show(call.Output, provider));
    }

    private static async Task<int> TestAsync(Call call)
    {
        var result = await call.AskAsync(server => server.Providers.TestAsync(call.Get(Name), call.Get(To), call.Cancellation));
        call.Output.Show(result, _ => TestSteps.Write(call.Output, result));
        return TestSteps.Passed(result) ? CommandLine.Done : CommandLine.Failed;
    }

    private static async Task ActAsync(Call call, Func<PostriderProviders, string, Task<JsonObject>> act)
    {
        var name = call.Get(Name);
        var provider = await call.AskAsync(server => act(server.Providers, name));
        call.Output.Show(provider, _ => ProviderText.SayState(call.Output, name, provider));
    }

    private static async Task RemoveAsync(Call call)
    {
        if (!await Confirmation.AskUnlessScriptedAsync(call, $"Remove {call.Get(Name)} with its tokens? To use the mailbox again somebody has to sign in."))
            return;
        await call.AskAsync(server => server.Providers.RemoveAsync(call.Get(Name), call.Cancellation));
        call.Output.Did("removed", call.Get(Name), $"Removed {call.Get(Name)}.");
    }

    private static async Task PresetsAsync(Call call)
    {
        var page = await call.AskAsync(server => server.Providers.PresetsAsync(call.Cancellation));
        call.Output.Show(page, PostriderJson.Default.PageJsonObject, _ => ProviderText.Presets(call.Output, page.Items));
    }
}
