using System.Collections.Concurrent;
using Microsoft.Playwright;
using Postrider.EndToEnd.Running;

namespace Postrider.Browser;

/// <summary>Somebody at a browser, watched: whatever the console asks for elsewhere, whatever its policy has to stop, and whatever its script
/// stumbles over is a fault of the console.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    public const string Name = "anna", Password = "a sentence that nobody guesses";

    private readonly IBrowserContext context;
    private readonly ConcurrentQueue<string> faults = [];

    public Visitor(IBrowserContext context, IPage page, Uri console)
    {
        (this.context, Page) = (context, page);
        // Only pages of the console are held to this: a sign-in goes through the identity platform's own.
        bool IsOurs(string url) => new Uri(url) is var uri && uri.Port == console.Port;
        page.Request += (_, request) =>
        {
            if (!request.IsNavigationRequest && IsOurs(page.Url) && !request.Url.StartsWith("data:", StringComparison.Ordinal) && !IsOurs(request.Url))
                faults.Enqueue($"{page.Url} asks for {request.Url}");
        };
        page.Console += (_, message) =>
        {
            // A check of a field that was still under way when its page was left is cut off; what fails says "sendError" or "timeout" besides.
            if (message.Type == "error" && IsOurs(page.Url) && !message.Text.Contains("status of 4", StringComparison.Ordinal)
                && message.Text is not ("htmx:sendAbort" or "htmx:afterRequest") && !message.Text.Contains(EmptyStyle, StringComparison.Ordinal))
                faults.Enqueue($"{page.Url}: {message.Text}");
        };
        page.PageError += (_, error) => faults.Enqueue($"{page.Url}: {error}");
    }

    /// <summary>The hash of no style at all. The examiner of accessibility leaves empty style attributes behind, and a part of the page that
    /// refreshes itself meanwhile takes them over.</summary>
    private const string EmptyStyle = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    public IPage Page { get; }

    /// <summary>Uses the first link, and is an owner from then on.</summary>
    public async Task SetUpAsync(RunningGateway gateway)
    {
        await Page.GotoAsync((await gateway.Api.Console.LinkAsync(null)).Url);
        await Page.GetByLabel("Your name").FillAsync(Name);
        await Page.GetByLabel("Password").FillAsync(Password);
        await Page.GetByLabel("The same again").FillAsync(Password);
        await PressAsync("Create the owner and sign in");
    }

    public async Task SignInAsync(string name = Name, string password = Password)
    {
        await Page.GotoAsync("/sign-in");
        await Page.Locator("[name=name]").FillAsync(name);
        await Page.Locator("[name=password]").FillAsync(password);
        await Page.Locator("form:has([name=password]) button").ClickAsync();
    }

    public Task PressAsync(string button) => Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).First.ClickAsync();

    public Task FollowAsync(string link) => Page.GetByRole(AriaRole.Link, new() { Name = link, Exact = true }).First.ClickAsync();

    /// <summary>Fills a field, and unfolds what it is in.</summary>
    public async Task FillAsync(string member, string value)
    {
        var field = Page.Locator($"[name='{member}']:not([type=hidden])").First;
        if (!await field.IsVisibleAsync())
            await Page.Locator($"details:has([name='{member}']) > summary").First.ClickAsync();
        if (await field.EvaluateAsync<string>("field => field.tagName") == "SELECT")
            await field.SelectOptionAsync(value);
        else
            await field.FillAsync(value);
    }

    /// <summary>Waits until the page says it; a page that does not refresh itself is loaded again.</summary>
    public Task SeesAsync(string text) => GatewayProcess.EventuallyAsync(async () =>
    {
        if (await Page.GetByText(text).First.IsVisibleAsync())
            return this;
        await Page.WaitForTimeoutAsync(150);
        if (await Page.GetByText(text).First.IsVisibleAsync())
            return this;
        await Page.ReloadAsync();
        return null;
    }, $"{Page.Url} says \"{text}\"");

    public void AssertNoFault() => Assert.True(faults.IsEmpty, string.Join('\n', faults));

    public async ValueTask DisposeAsync() => await context.DisposeAsync();
}
