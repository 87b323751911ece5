using System.Net;
using System.Text.RegularExpressions;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Postrider.Client;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd;

/// <summary>Apps and devices: clients and keys, in the console and behind it.</summary>
public sealed partial class AppsPagesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_is_added_its_password_is_shown_once_and_works_and_a_changed_one_works_beside_it_until_it_is_ended()
    {
        await using var installation = await Installation.StartAsync();
        using var browser = await Browser.OwnerAsync(installation);
        Assert.Contains("No app or device yet", await browser.SeeAsync("/apps"), StringComparison.Ordinal);

        using var added = await browser.FormAsync("/apps/clients/add", new() { ["name"] = "erp", ["senders"] = $"{Installation.Mailbox}\n@contoso.example", ["messagesPerDay"] = "0" });
        Assert.Equal("/apps/clients/erp", added.Headers.Location!.ToString());
        var first = Shown().Match(await browser.SeeAsync("/apps/clients/erp")).Value;
        Assert.NotEqual("", first);
        Assert.DoesNotContain(first, await browser.SeeAsync("/apps/clients/erp"), StringComparison.Ordinal);
        await HandInAsync(installation, "erp", first);

        using var changed = await browser.FormAsync("/apps/clients/erp", new() { ["keepOldHours"] = "24" }, "/apps/clients/erp?handler=Rotate");
        var page = await browser.SeeAsync("/apps/clients/erp");
        var second = Shown().Match(page).Value;
        Assert.NotEqual(first, second);
        Assert.Contains("Nothing has signed in with the old one", page, StringComparison.Ordinal);
        await HandInAsync(installation, "erp", second);
        await HandInAsync(installation, "erp", first);
        Assert.Contains("Something signed in with the old one", await browser.SeeAsync("/apps/clients/erp"), StringComparison.Ordinal);

        await browser.PostAsync("/apps/clients/erp", "EndOld");
        await HandInAsync(installation, "erp", second);
        await Assert.ThrowsAsync<AuthenticationException>(() => HandInAsync(installation, "erp", first));

        Assert.Contains("cannot be had back", await browser.SeeAsync("/apps/clients/erp?handler=Remove"), StringComparison.Ordinal);
        await browser.PostAsync("/apps/clients/erp", "Remove");
        await Assert.ThrowsAsync<AuthenticationException>(() => HandInAsync(installation, "erp", second));
        Assert.Equal(HttpStatusCode.NotFound, await browser.StatusAsync("/apps/clients/erp"));

        var audit = await File.ReadAllTextAsync(Path.Combine(installation.Gateway.DataDirectory, "postrider.db"), System.Text.Encoding.Latin1, Cancellation)
            + await File.ReadAllTextAsync(Path.Combine(installation.Gateway.DataDirectory, "postrider.db-wal"), System.Text.Encoding.Latin1, Cancellation);
        Assert.Contains("client password changed", audit, StringComparison.Ordinal);
        Assert.DoesNotContain(first, audit + installation.Gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_refuses_what_the_interface_refuses_and_says_what_to_write()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        using var browser = await Browser.OwnerAsync(installation);
        using var wrong = await browser.FormAsync("/apps/clients/add", new() { ["name"] = "two words", ["networks"] = "0.0.0.0/0, nonsense", ["senders"] = "not an address", ["messagesPerDay"] = "-1" });
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        var page = WebUtility.HtmlDecode(await wrong.Content.ReadAsStringAsync(Cancellation));
        Assert.Contains("such as printer-3rd-floor", page, StringComparison.Ordinal);
        Assert.Contains("anybody could send", page, StringComparison.Ordinal);
        Assert.Contains("neither an address nor a domain", page, StringComparison.Ordinal);
        Assert.Contains("two words", page, StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<PostriderException>(() => installation.Gateway.Api.Clients.AddAsync(new ClientInput { Name = "x", Networks = ["::/0"], MessagesPerDay = -1 }, Cancellation));
        Assert.Equal(400, refused.Problem.Status);
    }

    [Fact]
    public async Task A_client_that_has_handed_in_what_it_may_within_a_day_is_told_to_wait()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.AddProviderAsync(connect: false);
        var created = await installation.Gateway.Api.Clients.AddAsync(new ClientInput { Name = "loop", MessagesPerDay = 2 }, Cancellation);
        await HandInAsync(installation, "loop", created.Password);
        await HandInAsync(installation, "loop", created.Password);
        var refused = await Assert.ThrowsAsync<SmtpCommandException>(() => HandInAsync(installation, "loop", created.Password));
        Assert.Equal(451, (int)refused.StatusCode);
        Assert.Contains("2 messages", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await installation.Gateway.CliAsync("client", "set", "loop", "--messages-per-day", "0")).ExitCode);
        await HandInAsync(installation, "loop", created.Password);
        var (exitCode, output, error) = await installation.Gateway.CliAsync("client", "rotate", "loop", "--keep-old", "0");
        Assert.True(exitCode == 0, error);
        await HandInAsync(installation, "loop", Shown().Match(output).Value);
        await Assert.ThrowsAsync<AuthenticationException>(() => HandInAsync(installation, "loop", created.Password));
    }

    [Fact]
    public async Task A_key_is_made_shown_once_used_and_revoked()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        using var browser = await Browser.OwnerAsync(installation);
        using var none = await browser.FormAsync("/apps/keys/add", new() { ["name"] = "monitoring" });
        Assert.Equal(HttpStatusCode.BadRequest, none.StatusCode);
        using var made = await browser.FormAsync("/apps/keys/add", new() { ["name"] = "monitoring", ["scopes"] = "read", ["days"] = "30" });
        var address = made.Headers.Location!.ToString();
        var key = Key().Match(await browser.SeeAsync(address)).Value;
        Assert.DoesNotMatch(Key(), await browser.SeeAsync(address));
        using var http = new HttpClient();
        var api = PostriderClient.For(http, installation.Gateway.HttpUrl, key);
        await api.Queue.GetAsync(Cancellation);

        var id = key.Split('_')[1];
        Assert.Contains("Revoke monitoring", await browser.SeeAsync($"/apps/keys/{id}"), StringComparison.Ordinal);
        using var revoked = await browser.FormAsync($"/apps/keys/{id}", []);
        await Assert.ThrowsAsync<PostriderException>(() => api.Queue.GetAsync(Cancellation));
        Assert.Equal(HttpStatusCode.NotFound, await browser.StatusAsync($"/apps/keys/{id}"));
    }

    private static async Task HandInAsync(Installation installation, string user, string password)
    {
        using var smtp = new SmtpClient();
        await smtp.ConnectAsync("127.0.0.1", installation.Gateway.Smtp.Port, SecureSocketOptions.None, Cancellation);
        await smtp.AuthenticateAsync(user, password, Cancellation);
        await smtp.SendAsync(new MimeMessage([MailboxAddress.Parse(Installation.Mailbox)], [MailboxAddress.Parse("someone@example.org")], "Hello", new TextPart("plain") { Text = "Hello" }), Cancellation);
        await smtp.DisconnectAsync(true, Cancellation);
    }

    [GeneratedRegex("(?<=\\W)[a-km-np-z2-9]{28}(?=\\W)")]
    private static partial Regex Shown();

    [GeneratedRegex("pr_[0-9a-f]{12}_[0-9a-f]{64}")]
    private static partial Regex Key();
}
