using System.Text.RegularExpressions;
using Postrider.Accounts.Consent;
using Postrider.Mail.Alerts;

namespace Postrider.Tests.Alerts;

public partial class AlertMailTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_alert_goes_through_another_provider_than_the_broken_one()
    {
        await using var alerts = await TestAlerts.StartAsync(options => (options.To, options.Provider) = ("ops@contoso.example", "broken"));
        await alerts.AddAsync("works");
        await alerts.BreakAsync(await alerts.AddAsync("broken"));
        await alerts.LookAsync();
        await alerts.LookAsync();
        var (subject, provider, content) = Assert.Single(await alerts.MailAsync());
        Assert.Equal(("broken needs you.", "works"), (subject, provider));
        Assert.Contains("Auto-Submitted: auto-generated\r\n", content, StringComparison.Ordinal);
        Assert.Contains("From: Postrider <works@contoso.example>", content, StringComparison.Ordinal);
        Assert.Contains("The grant was revoked.", content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_the_broken_provider_alone_the_alert_waits_for_another_and_is_forgotten_when_it_has_healed()
    {
        await using var alerts = await TestAlerts.StartAsync(options => options.To = "ops@contoso.example");
        var broken = await alerts.AddAsync("broken");
        await alerts.BreakAsync(broken);
        await alerts.LookAsync();
        Assert.Empty(await alerts.MailAsync());
        await alerts.AddAsync("works");
        await alerts.LookAsync();
        Assert.Equal("works", Assert.Single(await alerts.MailAsync()).Provider);
    }

    [Fact]
    public async Task Nobody_is_told_by_mail_when_nobody_asked_for_it_and_what_was_set_counts_before_the_settings()
    {
        await using var alerts = await TestAlerts.StartAsync(options => options.To = "ops@contoso.example");
        await alerts.Get<AlertMail>().SetRecipientsAsync(new([], null), Stop);
        await alerts.AddAsync("works");
        await alerts.BreakAsync(await alerts.AddAsync("broken"));
        await alerts.LookAsync();
        Assert.Empty(await alerts.MailAsync());
        await alerts.Get<AlertMail>().SetRecipientsAsync(new(["other@contoso.example"], null), Stop);
        await alerts.BreakAsync(await alerts.AddAsync("broken-too"));
        await alerts.LookAsync();
        Assert.Contains("To: other@contoso.example", Assert.Single(await alerts.MailAsync()).Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_link_in_it_starts_a_sign_in_once_and_not_by_being_looked_at()
    {
        await using var alerts = await TestAlerts.StartAsync(options => options.To = "ops@contoso.example");
        await alerts.AddAsync("works");
        await alerts.BreakAsync(await alerts.AddAsync("broken"));
        await alerts.LookAsync();
        var token = Link().Match(Unfolded(Assert.Single(await alerts.MailAsync()).Content)).Groups[1].Value;
        var links = alerts.Get<ReconnectLinks>();
        Assert.Equal("broken", (await links.FindAsync(token, Stop)).Provider?.Name);
        Assert.Equal("broken", (await links.FindAsync(token, Stop)).Provider?.Name);
        var started = Assert.IsType<ConsentStart.Started>(await links.StartAsync(token, Stop));
        Assert.StartsWith("https://login.microsoftonline.com/contoso.example/oauth2/v2.0/authorize?", started.AuthorizeUrl.AbsoluteUri, StringComparison.Ordinal);
        Assert.Contains("used", Assert.IsType<ConsentStart.Refused>(await links.StartAsync(token, Stop)).Why.Cause, StringComparison.Ordinal);
        Assert.Contains("not known", Assert.IsType<ConsentStart.Refused>(await links.StartAsync("x" + token, Stop)).Why.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_link_ends_after_its_time()
    {
        await using var alerts = await TestAlerts.StartAsync();
        var provider = await alerts.AddAsync("m365");
        var token = (await alerts.Get<ReconnectLinks>().MakeAsync(provider, Stop))!.Segments[^1];
        alerts.Clock.Advance(TimeSpan.FromDays(2) + TimeSpan.FromSeconds(1));
        Assert.Contains("expired", Assert.IsType<ConsentStart.Refused>(await alerts.Get<ReconnectLinks>().StartAsync(token, Stop)).Why.Cause, StringComparison.Ordinal);
    }

    private static string Unfolded(string quotedPrintable) => quotedPrintable.Replace("=\r\n", "", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal);

    [GeneratedRegex(@"https://mail\.contoso\.example/reconnect/([A-Za-z0-9_-]{43})")]
    private static partial Regex Link();
}
