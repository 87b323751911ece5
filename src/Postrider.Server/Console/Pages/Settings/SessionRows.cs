using Postrider.Server.Console.People;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Settings;

/// <param name="Here">The session that looks.</param>
/// <param name="Page">Where the forms go.</param>
internal sealed record SessionRows(IReadOnlyList<Sessions.Session> All, string Here, string Page, DateTimeOffset Now)
{
    /// <summary>The last seen first.</summary>
    public ListPage<Sessions.Session> List(HttpRequest request) => ListPage.Of(request, "", All, session => $"{long.MaxValue - session.SeenAt:D19} {session.Id}", session => $"{Browser(session.Agent)} {session.Address} {session.Way}");

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
        return browser is null ? agent.Length > 0 ? Foreign.Clean(agent) : T["unknown"] : system is null ? browser : T[$"{browser} on {system}"];
    }
}
