using System.Net;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd;

/// <summary>The console in the language that a browser asks for, or that a person chose.</summary>
public sealed class LanguageTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Of the frame, of buttons and heads of tables: what would be seen first where a page were left in English.</summary>
    private static readonly string[] English = [">Overview<", ">Messages<", ">Queue<", ">Providers<", ">Settings<", ">Audit<", ">Sign out<", ">State<", ">Save<", ">Find<", ">Hold<", ">Cancel<", ">Remove it<", ">Skip to"];

    [Fact]
    public async Task Every_page_is_German_for_whom_the_browser_asks_for_it_and_a_choice_overrides_it()
    {
        await using var installation = await Installation.StartAsync();
        await installation.Gateway.MessageIsAsync(await installation.SendAsync(), "sent");
        using var browser = await Browser.OwnerAsync(installation);
        browser.Http.DefaultRequestHeaders.AcceptLanguage.ParseAdd("fr");
        Assert.Contains("<html lang=\"en\"", await browser.SeeAsync("/"), StringComparison.Ordinal);

        browser.Http.DefaultRequestHeaders.AcceptLanguage.Clear();
        browser.Http.DefaultRequestHeaders.AcceptLanguage.ParseAdd("de-AT,en;q=0.5");
        foreach (var path in new[] { "/", "/messages", "/queue", "/providers", "/providers/contoso", "/providers/contoso/edit", "/providers/contoso/use", "/providers/add", "/apps", "/doctor", "/alerts", "/settings/you", "/settings/system", "/audit", "/welcome" })
        {
            var page = await browser.SeeAsync(path);
            Assert.Contains("<html lang=\"de\"", page, StringComparison.Ordinal);
            Assert.Contains(">Überblick<", page, StringComparison.Ordinal);
            Assert.All(English, text => Assert.DoesNotContain(text, page, StringComparison.Ordinal));
        }
        Assert.Contains("Alle Mail fließt.", await browser.SeeAsync("/"), StringComparison.Ordinal);
        Assert.Contains("Diese Nachricht gibt es nicht", WebUtility.HtmlDecode(await (await browser.Http.GetAsync("/messages/nothing", Cancellation)).Content.ReadAsStringAsync(Cancellation)), StringComparison.Ordinal);
        // What programs read is the same for everybody.
        Assert.DoesNotContain("Nachricht", await browser.SeeAsync("/messages?handler=Export"), StringComparison.Ordinal);

        using var chosen = await browser.FormAsync("/queue", new() { ["code"] = "en", ["back"] = "/queue" }, "/language");
        Assert.Equal("/queue", chosen.Headers.Location!.ToString());
        Assert.Contains(">Sign out<", await browser.SeeAsync("/queue"), StringComparison.Ordinal);
        using var stranger = new Browser(installation.Gateway.HttpUrl);
        using var before = await stranger.FormAsync("/sign-in", new() { ["code"] = "de", ["back"] = "https://elsewhere.example/" }, "/language");
        Assert.Equal("/", before.Headers.Location!.ToString());
        Assert.Contains(">Anmelden<", await stranger.SeeAsync("/sign-in"), StringComparison.Ordinal);
    }
}
