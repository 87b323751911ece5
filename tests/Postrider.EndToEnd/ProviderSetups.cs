using System.Net;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.EndToEnd;

/// <summary>What tests of the wizard do again and again.</summary>
internal static class ProviderSetups
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<string> BeginAsync(Browser browser, string preset = "microsoft")
    {
        using var begun = await browser.FormAsync("/providers/add", new() { ["mailbox"] = Installation.Mailbox, ["preset"] = preset });
        Assert.True(begun.StatusCode == HttpStatusCode.Redirect, await begun.Content.ReadAsStringAsync(Cancellation));
        return begun.Headers.Location!.ToString().Replace("/register", "", StringComparison.Ordinal);
    }

    /// <summary>What an administrator types into the third step, with the simulator as the identity platform and the server.</summary>
    public static Dictionary<string, string> Details(Installation installation) => new()
    {
        ["name"] = Installation.ProviderName, ["displayName"] = "Contoso", ["address"] = "localhost", ["port"] = installation.Simulator.SmtpPort.ToString(System.Globalization.CultureInfo.InvariantCulture), ["security"] = "startTls",
        ["userName"] = Installation.Mailbox, ["tenant"] = Seed.TenantId.ToString(), ["authority"] = installation.Simulator.HttpUrl.GetLeftPart(UriPartial.Authority),
        ["clientId"] = Seed.ClientId.ToString(), ["clientSecret"] = Seed.ClientSecret, ["clientSecretExpiresAt"] = "2030-01-31", ["enabled"] = "true",
    };

    public static string Here(Installation installation, Uri landed) => new Uri(installation.Gateway.HttpUrl, landed.PathAndQuery).AbsoluteUri;

    public static Task<string> OverAsync(Browser browser, string run) => GatewayProcess.EventuallyAsync(
        async () => await browser.SeeAsync(run) is var page && (page.Contains("Every step works", StringComparison.Ordinal) || page.Contains("and test again.", StringComparison.Ordinal)) ? page : null, "the test is over");

    public static async Task<string> DatabaseTextAsync(Installation installation) =>
        await File.ReadAllTextAsync(Path.Combine(installation.Gateway.DataDirectory, "postrider.db"), System.Text.Encoding.Latin1, Cancellation)
        + await File.ReadAllTextAsync(Path.Combine(installation.Gateway.DataDirectory, "postrider.db-wal"), System.Text.Encoding.Latin1, Cancellation);
}
