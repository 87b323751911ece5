using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.EndToEnd.Tokens;

/// <summary>The SMTP server refuses a token that looks good.</summary>
public sealed class RefusedTokenTests
{
    private const string Refused = "535 5.7.3 Authentication unsuccessful [SIMULATOR.PROD.OUTLOOK.COM]";

    [Fact]
    public async Task A_token_refused_once_is_renewed_and_nobody_notices()
    {
        await using var installation = await Installation.StartAsync();
        installation.Simulator.State.SmtpFaults.Add(new SmtpFault(SmtpStage.Auth, Refused, Times: 1));
        var id = await installation.SendAsync();

        Assert.Equal(1, (await installation.Gateway.MessageIsAsync(id, "sent")).AttemptCount);
        Assert.Equal((1, 2), (installation.Refreshes(), installation.SignIns()));
        Assert.Equal("ready", (await installation.ProviderAsync()).Text("state"));
    }

    [Fact]
    public async Task A_token_refused_again_after_one_refresh_holds_the_mail_until_somebody_resumes_it()
    {
        await using var installation = await Installation.StartAsync();
        installation.Simulator.State.SmtpFaults.Add(new SmtpFault(SmtpStage.Auth, Refused));
        var ids = await installation.SendManyAsync(20);

        var provider = await installation.ProviderIsAsync("needsAttention");
        Assert.Contains("535 5.7.3", provider.Text("stateReason"), StringComparison.Ordinal);
        Assert.Contains("Get-CASMailbox", provider.Text("remedy"), StringComparison.Ordinal);
        var waiting = await installation.WaitsBecauseAsync(ids[^1], "535 5.7.3");
        Assert.Equal(provider.Text("remedy"), waiting.Remedy);
        Assert.Equal((1, 2), (installation.Refreshes(), installation.SignIns()));

        installation.Simulator.State.SmtpFaults.Clear();
        await installation.Gateway.Api.Providers.ResumeAsync(Installation.ProviderName, TestContext.Current.CancellationToken);
        await installation.ArrivedAsync(20);
        Assert.Equal(1, installation.Refreshes());
        Assert.Equal("ready", (await installation.ProviderAsync()).Text("state"));
    }

    [Fact]
    public async Task Probes_of_a_refused_token_sign_in_once_each_and_find_the_repair()
    {
        await using var installation = await Installation.StartAsync(settings: new Dictionary<string, string> { ["POSTRIDER__Mail__ProbeInterval"] = "00:00:00.300" });
        installation.Simulator.State.SmtpFaults.Add(new SmtpFault(SmtpStage.Auth, Refused));
        await installation.SendAsync();
        await GatewayProcess.EventuallyAsync(() => Task.FromResult(installation.SignIns() >= 5 ? "" : null), "three probes");
        Assert.Equal("needsAttention", (await installation.ProviderAsync()).Text("state"));
        Assert.Equal(1, installation.Refreshes());

        installation.Simulator.State.SmtpFaults.Clear();
        await installation.ArrivedAsync(1);
        await installation.ProviderIsAsync("ready");
        Assert.Equal(1, installation.Refreshes());
    }

    [Fact]
    public async Task SMTP_AUTH_switched_off_names_the_cmdlet_and_makes_no_token_request()
    {
        await using var installation = await Installation.StartAsync(settings: new Dictionary<string, string> { ["POSTRIDER__Mail__ProbeInterval"] = "00:00:01" });
        var directory = installation.Simulator.State.Directory;
        var account = directory.FindAccount(Installation.Mailbox)!;
        directory.Add(account with { SmtpAuthDisabled = true });
        var ids = await installation.SendManyAsync(5);

        var provider = await installation.ProviderIsAsync("needsAttention");
        Assert.Contains("SMTP AUTH is switched off", provider.Text("stateReason"), StringComparison.Ordinal);
        Assert.Contains($"Set-CASMailbox -Identity {Installation.Mailbox} -SmtpClientAuthenticationDisabled $false", provider.Text("remedy"), StringComparison.Ordinal);
        Assert.Equal(provider.Text("remedy"), (await installation.WaitsBecauseAsync(ids[0], "SMTP AUTH is switched off")).Remedy);

        directory.Add(account);
        await installation.ArrivedAsync(5);
        await installation.ProviderIsAsync("ready");
        Assert.Equal(0, installation.Refreshes());
    }
}
