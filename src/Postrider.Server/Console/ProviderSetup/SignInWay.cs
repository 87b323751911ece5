using Postrider.Accounts.Providers;
using Postrider.Server.Console.Languages;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.ProviderSetup;

/// <summary>A way to sign in, as a person chooses it: a grant, and how the application proves itself.</summary>
internal sealed record SignInWay(string Id, Phrase Title, Phrase Text, string Grant, string Proof)
{
    private static readonly SignInWay Browser = new("browser", T["Somebody signs in once, in a browser"], T["Usual. The mailbox's owner consents once; Postrider keeps the connection."], ProviderGrant.AuthorizationCode, "");
    private static readonly SignInWay Device = new("device", T["Somebody signs in once, on another device"], T["A short code is typed on a phone or another computer: for servers that no browser reaches."], ProviderGrant.DeviceCode, "");
    private static readonly SignInWay Token = new("token", T["A refresh token that you have"], T["It was obtained elsewhere, for the same application."], ProviderGrant.RefreshToken, "");
    private static readonly SignInWay Secret = new("app-secret", T["The application by itself, with a secret"], T["Nobody signs in. An administrator gives the application the right to send as the mailbox."], ProviderGrant.ClientCredentials, "");
    private static readonly SignInWay Certificate = new("app-certificate", T["The application by itself, with a certificate"], T["The same, without a secret that could leak: Postrider makes the key pair, and you upload the certificate."], ProviderGrant.ClientCredentials, ClientAuthentication.PrivateKeyJwt);
    private static readonly SignInWay ServiceAccount = new("service-account", T["A service account by itself"], T["Google Workspace only: nobody signs in, and an administrator delegates the mailbox to it."], ProviderGrant.ServiceAccount, "");

    /// <summary>The usual one first; none for a password.</summary>
    public static IReadOnlyList<SignInWay> Of(ProviderSettings settings) => (settings.Type, settings.Preset) switch
    {
        (ProviderType.Password, _) => [],
        (ProviderType.Google, _) => [Browser, ServiceAccount, Token],
        (_, "outlook.com") => [Browser, Device, Token],
        _ => [Browser, Device, Secret, Certificate, Token],
    };

    public static SignInWay? Current(ProviderSettings settings) =>
        Of(settings).FirstOrDefault(way => way.Grant == settings.Grant && (way.Proof == settings.ClientAuthentication || way.Grant != ProviderGrant.ClientCredentials))
        ?? Of(settings).FirstOrDefault(way => way.Grant == settings.Grant);

    /// <summary>Another way asks for another scope and another proof, where they were the preset's.</summary>
    public static void Apply(Dictionary<string, string> values, string grant, string proof)
    {
        var preset = ProviderCatalog.Find(values.GetValueOrDefault("preset", "")) ?? ProviderCatalog.Find(ProviderType.OAuth2)!;
        var scope = values.GetValueOrDefault("scope", "");
        if (scope.Length == 0 || scope == preset.Scope || scope == preset.AppScope)
            values["scope"] = grant == ProviderGrant.ClientCredentials && preset.AppScope.Length > 0 ? preset.AppScope : preset.Scope;
        values["grant"] = grant;
        values["clientAuthentication"] = proof;
    }
}
