using Microsoft.Playwright;

namespace Postrider.Browser;

/// <summary>Pictures of the pages, in the folder pictures beside the tests. With POSTRIDER_UPDATE=1 those that documents show go to docs/images.</summary>
internal static class Pictures
{
    private static readonly string[] InDocuments = ["overview-desktop-light", "overview-phone-dark", "provider-desktop-light", "message-failed-desktop-light", "wizard-desktop-light", "messages-desktop-dark", "overview-de-desktop-light", "message-failed-de-desktop-light"];

    public static async Task TakeAsync(IPage page, string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "pictures")).FullName;
        var picture = await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png"), FullPage = true });
        if (Environment.GetEnvironmentVariable("POSTRIDER_UPDATE") == "1" && InDocuments.Contains(name))
            await File.WriteAllBytesAsync(Path.Combine(Root(), "docs", "images", $"{name}.png"), picture);
    }

    private static string Root()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Postrider.slnx")))
            directory = Path.GetDirectoryName(directory)!;
        return directory;
    }
}
