using System.Text.Json.Nodes;

namespace Postrider.Cli;

/// <summary>Signs a provider in with a code that is typed on another device; the server asks the identity platform until that is done.</summary>
internal static class DeviceConnect
{
    public static bool OverSsh(Call call) => call.Terminal.Variable("SSH_CONNECTION") is not null || call.Terminal.Variable("SSH_TTY") is not null;

    /// <returns>Why a code is better than a page here; null when it is not.</returns>
    public static string? Reason(Call call, JsonObject provider) => ProviderText.Text(provider, "grant") switch
    {
        "deviceCode" => "This provider signs in with a code.",
        _ when OverSsh(call) && ProviderText.Text(provider, "type") == "microsoft" && ReturnsToThisMachine(provider) =>
            "This is an SSH session, and the sign-in page would return to this machine, where your browser is not. So a code is used; --no-browser uses the page all the same.",
        _ => null,
    };

    public static async Task RunAsync(Call call, string name, TimeSpan patience, string reason)
    {
        var signIn = await call.AskAsync(server => server.Providers.StartDeviceAsync(name, call.Cancellation));
        if (call.Json)
        {
            call.Output.Json(signIn);
            return;
        }
        if (reason.Length > 0)
            call.Output.Say(reason);
        call.Output.Say("Open this page on any device and type the code, signing in as the mailbox:");
        call.Output.Say("");
        call.Output.Say($"  {Plain.Text(ProviderText.Text(signIn, "verificationUri"))}");
        call.Output.Say($"  {Plain.Text(ProviderText.Text(signIn, "userCode"))}");
        call.Output.Say("");
        call.Output.Say($"Waiting for the sign-in until {Plain.Text(ProviderText.Text(signIn, "expiresAt"))}. Ctrl-C ends the waiting only.");
        await WaitAsync(call, name, patience);
    }

    private static async Task WaitAsync(Call call, string name, TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience, call.Terminal.Time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, call.Cancellation);
        using var look = new PeriodicTimer(call.Terminal.LookEvery, call.Terminal.Time);
        try
        {
            while (await look.WaitForNextTickAsync(ends.Token))
            {
                var now = await call.AskAsync(server => server.Providers.DeviceAsync(name, ends.Token));
                if (ProviderText.Text(now, "state") == "failed")
                    throw new FailedException($"not connected: {Plain.Text(ProviderText.Text(now, "cause"))} {Plain.Text(ProviderText.Text(now, "remedy"))}");
                if (ProviderText.Text(now, "state") == "connected")
                {
                    ProviderConnect.SayConnected(call, name, await call.AskAsync(server => server.Providers.GetAsync(name, ends.Token)));
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new FailedException($"nobody signed in at {name} in time. Start again with: postrider provider connect {name} --device");
        }
        catch (OperationCanceledException)
        {
            throw new FailedException($"stopped waiting. A sign-in that is under way still counts: postrider provider show {name}");
        }
    }

    private static bool ReturnsToThisMachine(JsonObject provider) =>
        Uri.TryCreate(ProviderText.Text(provider, "redirectUri"), UriKind.Absolute, out var address) && address.IsLoopback;
}
