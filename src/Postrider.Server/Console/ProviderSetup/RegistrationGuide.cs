using Postrider.Accounts.Providers;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.ProviderSetup;

/// <summary>A piece of a step: a sentence, a link, a value to copy with its label, or commands.</summary>
internal sealed record GuidePart(string Kind, string Text, string Value = "")
{
    public const string Say = "say", Link = "link", Copy = "copy", Commands = "commands", Warn = "warn";
}

internal sealed record GuideStep(string Title, IReadOnlyList<GuidePart> Parts);

/// <summary>What is done at the portal, with this installation's values filled in.</summary>
internal static class RegistrationGuide
{
    /// <param name="settings">Filled from the preset.</param>
    /// <returns>Empty where there is nothing to register.</returns>
    public static IReadOnlyList<GuideStep> Of(ProviderSettings settings, string redirectUri) => (settings.Type, settings.Grant) switch
    {
        (ProviderType.Password, _) => [],
        (ProviderType.Microsoft, ProviderGrant.ClientCredentials) => [.. MicrosoftGuide.AsApplication(settings)],
        (ProviderType.Microsoft, _) => [.. MicrosoftGuide.AsPerson(settings, redirectUri)],
        (ProviderType.Google, ProviderGrant.ServiceAccount) => [.. GoogleGuide.ServiceAccount(settings)],
        (ProviderType.Google, _) => [.. GoogleGuide.Client(settings, redirectUri)],
        _ => [.. Other(settings, redirectUri)],
    };

    private static IEnumerable<GuideStep> Other(ProviderSettings settings, string redirectUri)
    {
        var preset = ProviderCatalog.Of(settings);
        List<GuidePart> register = [Link(preset.Name == ProviderType.OAuth2 ? T["What a discovery document holds (RFC 8414)"] : T[$"{T.Told(preset.Title)}: documentation"], preset.Documentation)];
        register.Add(Say(T["Register a confidential web application: one with a client ID and a client secret."]));
        register.Add(Copy(T["Name"], AppName(settings)));
        if (settings.Grant == ProviderGrant.AuthorizationCode)
            register.Add(Copy(T["Redirect URI, exactly as it is"], redirectUri));
        yield return new(T["Register the application"], register);
        yield return new(T["Allow it to send"],
        [
            settings.Scope.Length > 0 ? Copy(T["Scope"], settings.Scope) : Say(T["Find the scope that the provider's documentation names for SMTP. You write it in the next step."]),
            .. settings.Grant == ProviderGrant.AuthorizationCode ? [Say(T["Allow refresh tokens: at many platforms by the scope offline_access."])] : Array.Empty<GuidePart>(),
        ]);
        yield return new(T["Note what the next step asks for"], [Say(settings.Grant == ProviderGrant.ClientCredentials && settings.ClientAuthentication == ClientAuthentication.PrivateKeyJwt
            ? T["The client ID and the issuer's address. The certificate is made after the next step."] : T["The client ID, the client secret, and the issuer's address or the addresses of its endpoints."])]);
    }

    public static string AppName(ProviderSettings settings) => $"Postrider {settings.Name}";

    public static GuidePart Say(string text) => new(GuidePart.Say, text);
    public static GuidePart Warn(string text) => new(GuidePart.Warn, text);
    public static GuidePart Link(string text, string address) => new(GuidePart.Link, text, address);
    public static GuidePart Copy(string label, string value) => new(GuidePart.Copy, label, value);
    public static GuidePart Commands(string label, string lines) => new(GuidePart.Commands, label, lines);
}
