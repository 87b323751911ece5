using Microsoft.Playwright;

namespace Postrider.Browser;

/// <summary>Pictures of the pages, for whoever asks: with POSTRIDER_PICTURES=1 all of them, in the folder pictures beside the tests; with
/// POSTRIDER_UPDATE=1 those that documents show, in docs/images.</summary>
internal static class Pictures
{
    private static readonly string[] InDocuments = ["overview-desktop-light", "overview-phone-dark", "provider-desktop-light", "message-failed-desktop-light", "wizard-desktop-light", "messages-desktop-dark", "overview-de-desktop-light", "message-failed-de-desktop-light"];

    public static async Task TakeAsync(IPage page, string name)
    {
        var shown = Asked("UPDATE") && InDocuments.Contains(name);
        if (!shown && !Asked("PICTURES"))
            return;
        var folder = shown ? Path.Combine(Root(), "docs", "images") : Path.Combine(AppContext.BaseDirectory, "pictures");
        await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png"), FullPage = true });
    }

    private static bool Asked(string what) => Environment.GetEnvironmentVariable($"POSTRIDER_{what}") == "1";

    private static string Root()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Postrider.slnx")))
            directory = Path.GetDirectoryName(directory)!;
        return directory;
    }
}
