using System.Text;
using Postrider.Accounts.Consent;
using Postrider.Server.Console;

namespace Postrider.Server.Api;

/// <summary>The page a sign-in ends on.</summary>
internal static class OAuthCallbackPage
{
    public static string Write(ConsentResult result, string pathBase)
    {
        var (title, body) = result switch
        {
            ConsentResult.Connected connected => ("Connected", Connected(connected)),
            ConsentResult.Refused refused => ("Not connected", Refused(refused)),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        var on = result.ReturnTo.Length == 0 ? "" : $"<a class=\"first\" href=\"{Page.Text(pathBase + result.ReturnTo)}\">{(result is ConsentResult.Connected ? "Go on" : "Back to where it began")}</a>";
        return Page.Write(title, body, $"{on}<a href=\"{Page.Text(pathBase)}/\">Overview</a>");
    }

    /// <summary>An administrator followed the link that consents for the whole tenant. Nobody signed in as a mailbox.</summary>
    public static string Consented(string pathBase) => Page.Write("Consent given",
        "<h1 class=\"ok\"><span aria-hidden=\"true\">●</span>The application may now send for this tenant</h1><p>Tell whoever sent you the link: they can connect the mailbox now. You can close this page.</p>",
        $"<a href=\"{Page.Text(pathBase)}/\">Overview</a>");

    private static string Connected(ConsentResult.Connected connected)
    {
        var page = new StringBuilder();
        page.Append($"<h1 class=\"ok\"><span aria-hidden=\"true\">●</span>{Page.Text(connected.Provider.DisplayName)} is connected</h1>");
        page.Append(connected.Account is { } account
            ? $"<p>{Page.Text(account)} signed in. Mail is sent as {Page.Text(connected.Provider.UserName)}.</p>"
            : $"<p>Mail is sent as {Page.Text(connected.Provider.UserName)}. The identity platform does not say who signed in: send a test message to be sure.</p>");
        page.Append(connected.Provider.StateReason is { } reason
            ? $"<p>{Page.Text(reason)} {Page.Text(connected.Provider.Remedy ?? "")}</p>"
            : "<p>What waited is sent by itself. You can close this page.</p>");
        foreach (var note in connected.Notes)
            page.Append($"<p class=\"note\">{Page.Text(note.Message)}</p>");
        return page.ToString();
    }

    private static string Refused(ConsentResult.Refused refused)
    {
        var page = new StringBuilder();
        page.Append($"<h1 class=\"bad\"><span aria-hidden=\"true\">▲</span>{(refused.Provider is { } provider ? $"{Page.Text(provider.DisplayName)} is not connected by this sign-in" : "This sign-in did not succeed")}</h1>");
        page.Append($"<p>{Page.Text(refused.Why.Cause)}</p><h2>What to do</h2><p>{Page.Text(refused.Why.Remedy)}</p>");
        if (refused.Why.Verbatim is { Length: > 0 } words)
            page.Append($"<h2>What the identity platform said</h2><pre>{Page.Text(words)}</pre>");
        return page.ToString();
    }
}
