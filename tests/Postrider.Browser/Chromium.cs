using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Postrider.Browser.Chromium))]

namespace Postrider.Browser;

/// <summary>The distribution's Chromium without its windows, started once for all tests.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Executable = "/usr/bin/chromium-headless-shell";
    public const int DesktopWidth = 1280, DesktopHeight = 860;
    private IPlaywright playwright = null!;
    private IBrowser browser = null!;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Executable))
            throw new InvalidOperationException($"These tests need {Executable}: apt-get install chromium-headless-shell");
        Assertions.SetDefaultExpectTimeout(20_000);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Executable, Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"] });
    }

    /// <summary>A person at a machine of their own, with nothing stored.</summary>
    /// <param name="script">Whether their browser runs script.</param>
    /// <param name="locale">What it asks pages for.</param>
    internal async Task<Visitor> VisitAsync(Uri console, bool script = true, string locale = "en-GB")
    {
        var context = await browser.NewContextAsync(new()
        {
            BaseURL = console.AbsoluteUri, JavaScriptEnabled = script, ColorScheme = ColorScheme.Light, ReducedMotion = ReducedMotion.Reduce,
            ViewportSize = new() { Width = DesktopWidth, Height = DesktopHeight }, DeviceScaleFactor = 1, TimezoneId = "Europe/Berlin", Locale = locale,
        });
        context.SetDefaultTimeout(20_000);
        return new Visitor(context, await context.NewPageAsync(), console);
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
    }
}
