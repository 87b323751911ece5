namespace Postrider.Simulator;

/// <summary>The first page, and the style sheet of all.</summary>
internal static class IndexPage
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", () => Page.Show("Postrider simulator", Body));
        routes.MapGet("/simulator.css", () => Results.Content(StyleSheet.Text, "text/css; charset=utf-8"));
    }

    private static Html Body => Html.Of($"""
        <h1>Postrider simulator</h1>
        <p>This program pretends to be an identity platform that behaves like Microsoft Entra ID, and an SMTP
        provider that behaves like Exchange Online. Nothing leaves it: mail that it accepts ends in the mailbox below.</p>
        <p><a class="button" href="/mailbox">Open the mailbox</a></p>
        <h2>Values for a provider</h2>
        <table>
        <tr><th>Tenant</th><td><code>{Seed.TenantDomain}</code> or <code>{Seed.TenantId}</code></td></tr>
        <tr><th>Client ID</th><td><code>{Seed.ClientId}</code></td></tr>
        <tr><th>Client secret</th><td><code>{Seed.ClientSecret}</code></td></tr>
        <tr><th>Redirect URI</th><td><code>http://localhost:PORT/oauth/callback</code>, <code>http://127.0.0.1:PORT/oauth/callback</code>, or <code>{Seed.DeafRedirectUri}</code>, where nobody answers</td></tr>
        <tr><th>Scope</th><td><code>https://outlook.office.com/SMTP.Send offline_access</code></td></tr>
        <tr><th>Accounts</th><td><code>{Seed.NoReply}</code>, <code>{Seed.Alerts}</code>, and the shared mailbox <code>{Seed.Shared}</code>, which the first may use</td></tr>
        </table>
        <h2>For programs</h2>
        <ul>
        <li><a href="/{Seed.TenantDomain}/v2.0/.well-known/openid-configuration">Discovery document</a></li>
        <li><a href="/control/state">State</a>, <a href="/control/counters">counters</a> and <a href="/control/messages">messages</a> of the control API</li>
        </ul>
        """);
}
