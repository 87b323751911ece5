using System.Text;
using Postrider.Accounts.Consent;
using Postrider.Server.Console;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Api;

/// <summary>The page a sign-in ends on.</summary>
internal static class OAuthCallbackPage
{
    public static string Write(ConsentResult result, string pathBase)
    {
        var (title, body) = result switch
        {
            ConsentResult.Connected connected => (T["Connected"].ToString(), Connected(connected)),
            ConsentResult.Refused refused => (T["Not connected"].ToString(), Refused(refused)),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        var on = result.ReturnTo.Length == 0 ? "" : $"<a class=\"first\" href=\"{Page.Text(pathBase + result.ReturnTo)}\">{Page.Text(result is ConsentResult.Connected ? T["Go on"] : T["Back to where it began"])}</a>";
        return Page.Write(title, body, $"{on}<a href=\"{Page.Text(pathBase)}/\">{Page.Text(T["Overview"])}</a>");
    }

    /// <summary>An administrator followed the link that consents for the whole tenant. Nobody signed in as a mailbox.</summary>
    public static string Consented(string pathBase) => Page.Write(T["Consent given"],
        $"<h1 class=\"ok\"><span aria-hidden=\"true\">●</span>{Page.Text(T["The application may now send for this tenant"])}</h1><p>{Page.Text(T["Tell whoever sent you the link: they can connect the mailbox now. You can close this page."])}</p>",
        $"<a href=\"{Page.Text(pathBase)}/\">{Page.Text(T["Overview"])}</a>");

    private static string Connected(ConsentResult.Connected connected)
    {
        var page = new StringBuilder();
        page.Append($"<h1 class=\"ok\"><span aria-hidden=\"true\">●</span>{Page.Text(T[$"{connected.Provider.DisplayName} is connected"])}</h1>");
        page.Append(connected.Account is { } account
            ? $"<p>{Page.Text(T[$"{account} signed in. Mail is sent as {connected.Provider.UserName}."])}</p>"
            : $"<p>{Page.Text(T[$"Mail is sent as {connected.Provider.UserName}. The identity platform does not say who signed in: send a test message to be sure."])}</p>");
        page.Append(connected.Provider.StateReason is { } reason
            ? $"<p>{Page.Text(T.Told(reason))} {Page.Text(T.Told(connected.Provider.Remedy) ?? "")}</p>"
            : $"<p>{Page.Text(T["What waited is sent by itself. You can close this page."])}</p>");
        foreach (var note in connected.Notes)
            page.Append($"<p class=\"note\">{Page.Text(T.Told(note.Message))}</p>");
        return page.ToString();
    }

    private static string Refused(ConsentResult.Refused refused)
    {
        var page = new StringBuilder();
        page.Append($"<h1 class=\"bad\"><span aria-hidden=\"true\">▲</span>{Page.Text(refused.Provider is { } provider ? T[$"{provider.DisplayName} is not connected by this sign-in"] : T["This sign-in did not succeed"])}</h1>");
        page.Append($"<p>{Page.Text(T.Told(refused.Why.Cause))}</p><h2>{Page.Text(T["What to do"])}</h2><p>{Page.Text(T.Told(refused.Why.Remedy))}</p>");
        if (refused.Why.Verbatim is { Length: > 0 } words)
            page.Append($"<h2>{Page.Text(T["What the identity platform said"])}</h2><pre>{Page.Text(words)}</pre>");
        return page.ToString();
    }
}
