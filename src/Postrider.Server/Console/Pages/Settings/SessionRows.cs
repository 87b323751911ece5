using Postrider.Server.Console.People;

namespace Postrider.Server.Console.Pages.Settings;

/// <param name="Here">The session that looks.</param>
/// <param name="Page">Where the forms go.</param>
internal sealed record SessionRows(IReadOnlyList<Sessions.Session> Sessions, string Here, string Page, DateTimeOffset Now)
{
    /// <summary>The browser and system, of a line that says everything; the line itself when they are not found.</summary>
    public static string Browser(string agent)
    {
        string? Find(params ReadOnlySpan<(string Mark, string Name)> names)
        {
            foreach (var (mark, name) in names)
                if (agent.Contains(mark, StringComparison.Ordinal))
                    return name;
            return null;
        }
        var browser = Find(("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl"));
        var system = Find(("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS X", "macOS"), ("Linux", "Linux"));
        return browser is null ? agent.Length > 0 ? Ui.Foreign.Clean(agent) : "unknown" : system is null ? browser : $"{browser} on {system}";
    }
}
