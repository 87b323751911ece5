using System.CommandLine;
using System.Text.Json.Nodes;
using Postrider.Client;

namespace Postrider.Cli;

/// <summary>Signs a provider in: shows the page, then waits for the browser's return or the pasted address.</summary>
internal static class ProviderConnect
{
    // The sign-in page itself gives up sooner.
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromMinutes(15);

    // Long enough for "echo ADDRESS |" to have written; what comes later is still heard.
    private static readonly TimeSpan PipeIsReady = TimeSpan.FromSeconds(1);

    private static readonly Option<bool> NoBrowser = new("--no-browser") { Description = "Only print the sign-in page's address." };
    private static readonly Option<string?> Pasted = new("--pasted") { HelpName = "url", Description = "The address that the browser landed on; --url takes it as well." };
    private static readonly Option<bool> Device = new("--device") { Description = "Show a code to type on another device." };
    private static readonly Option<int?> Timeout = new("--timeout") { HelpName = "seconds", Description = "How long to wait for the sign-in (default 900)." };

    public static Command Create(Argument<string> name) =>
        new Verb("connect", "Sign a provider in, so that it gets tokens. With --json, print {authorizeUrl, state} and end.",
            "provider connect microsoft365",
            "provider connect microsoft365 --device",
            "provider connect microsoft365 --no-browser",
            "provider connect microsoft365 --pasted 'https://localhost/?code=…&state=…'",
            "provider connect microsoft365 < landed-on.txt")
            { name, Device, NoBrowser, Pasted, Timeout }.Does(call => ConnectAsync(call, call.Get(name)));

    private static async Task ConnectAsync(Call call, string name)
    {
        var landed = call.Get(Pasted) ?? (call.Get(GlobalOptions.Url) ?? []).FirstOrDefault(LandedAddress.Looks);
        if (landed is not null)
        {
            await CompleteAsync(call, name, landed);
            return;
        }

        if (call.Get(Device))
        {
            await DeviceConnect.RunAsync(call, name, Patience(call), "");
            return;
        }

        if (call.Json)
        {
            call.Output.Json(await call.AskAsync(server => server.Providers.AuthorizeAsync(name, call.Cancellation)));
            return;
        }

        var typed = new TypedLine(call.Terminal);
        if (!call.Terminal.InIsTerminal && await typed.WithinAsync(PipeIsReady, call.Cancellation) is { } piped)
        {
            await CompleteAsync(call, name, piped);
            return;
        }

        await SignInAsync(call, name, typed);
    }

    private static async Task SignInAsync(Call call, string name, TypedLine typed)
    {
        var before = await call.AskAsync(server => server.Providers.GetAsync(name, call.Cancellation));
        if (!call.Get(NoBrowser) && DeviceConnect.Reason(call, before) is { } reason)
        {
            await DeviceConnect.RunAsync(call, name, Patience(call), reason);
            return;
        }
        var started = await call.AskAsync(server => server.Providers.AuthorizeAsync(name, call.Cancellation));
        ShowPage(call, ProviderText.Text(started, "authorizeUrl") ?? "");

        using var patience = new CancellationTokenSource(Patience(call), call.Terminal.Time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, call.Cancellation);
        using var look = new PeriodicTimer(call.Terminal.LookEvery, call.Terminal.Time);
        try
        {
            while (await look.WaitForNextTickAsync(ends.Token))
            {
                if (typed.Take() is { } line)
                {
                    await CompleteAsync(call, name, line);
                    return;
                }

                var now = await call.AskAsync(server => server.Providers.GetAsync(name, ends.Token));
                if (HasConnected(before, now))
                {
                    SayConnected(call, name, now);
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw new FailedException($"nobody signed in at {name} in time. Start again with: postrider provider connect {name}");
        }
        catch (OperationCanceledException)
        {
            throw new FailedException($"stopped waiting. A sign-in that is under way still counts: postrider provider show {name}");
        }
    }

    private static TimeSpan Patience(Call call) => call.Get(Timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultPatience;

    private static void ShowPage(Call call, string page)
    {
        call.Output.Say("Sign in as the mailbox on this page:");
        call.Output.Say("");
        call.Output.Say($"  {page}");
        call.Output.Say("");
        if (!call.Get(NoBrowser) && call.Terminal.OutIsTerminal
            && Uri.TryCreate(page, UriKind.Absolute, out var address) && call.Terminal.OpenBrowser(address))
            call.Output.Say("It is open in the browser.");
        else if (DeviceConnect.OverSsh(call))
            call.Output.Say("This is an SSH session, so no browser is opened here: open the page on your own machine.");
        call.Output.Say("Waiting for the sign-in. Ctrl-C ends the waiting only.");
        if (call.Terminal.InIsTerminal)
            call.Output.Say("If the browser lands on a page that does not open, paste its address here and press Enter.");
    }

    private static async Task CompleteAsync(Call call, string name, string landed)
    {
        if (!LandedAddress.Looks(landed))
            throw new UsageException("the pasted text is not the address that the browser landed on: it holds 'code=' and 'state='. Copy all of the address bar.");
        var connected = await call.AskAsync(server => server.Providers.CompleteAsync(name, landed.Trim(), call.Cancellation));
        call.Output.Show(connected, _ => SayConnected(call, name, connected));
    }

    internal static void SayConnected(Call call, string name, JsonObject provider)
    {
        if (ProviderText.Text(provider, "state") == "needsAttention")
            throw new FailedException($"signed in, but {name} needs you: {Plain.Text(ProviderText.Text(provider, "stateReason"))} {Plain.Text(ProviderText.Text(provider, "remedy"))}");
        call.Output.Say($"Connected {name}.");
        ProviderText.SayNext(call.Output, name, provider);
    }

    // A provider may have been ready before (a mailbox is signed in anew) and may stay off after: each new grant
    // is a new version of it.
    private static bool HasConnected(JsonObject before, JsonObject now) =>
        ProviderText.Text(now, "state") is var state && state != "needsConsent"
        && (ProviderText.Text(before, "state") == "needsConsent" || (state == "ready" && ProviderText.Text(before, "state") != "ready")
            || !JsonNode.DeepEquals(before["version"], now["version"]));
}
