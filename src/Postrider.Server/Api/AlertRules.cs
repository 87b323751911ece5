using Postrider.Accounts.Providers;
using Postrider.Client;
using Postrider.Mail.Alerts;
using Postrider.Smtp;

namespace Postrider.Server.Api;

/// <summary>What may be written into a webhook or the settings of alert mail, whichever door it comes through. Errors are by the member's name.</summary>
internal static class AlertRules
{
    /// <param name="name">As it will be.</param>
    /// <param name="url">As it will be.</param>
    public static Dictionary<string, string[]> WrongIn(WebhookInput input, string name, string url)
    {
        var errors = new Dictionary<string, string[]>();
        if (!Naming.IsGood(name))
            errors["name"] = ["Give it a name of letters, digits, '.', '-' and '_', such as on-call."];
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri))
            errors["url"] = ["Write a whole address that begins with https://."];
        else if (Webhooks.Check(uri) is { } wrong)
            errors["url"] = [wrong];
        if (input.Events?.FirstOrDefault(type => !EventType.All.Contains(type)) is { } unknown)
            errors["events"] = [$"There are no events \"{unknown}\". Write some of {string.Join(", ", EventType.All)}."];
        return errors;
    }

    /// <returns>Who is to get alert mail, or what is wrong.</returns>
    public static (AlertMail.Recipients? Recipients, Dictionary<string, string[]> Errors) Read(AlertMailSettings settings, ProviderDirectory providers)
    {
        var errors = new Dictionary<string, string[]>();
        foreach (var address in settings.To)
            if (!SmtpAddress.TryParse(address, out _, out var why))
                errors["to"] = [why];
        var provider = settings.Provider is { Length: > 0 } name ? providers.Find(name) : null;
        if (settings.Provider is { Length: > 0 } && provider is null)
            errors["provider"] = [$"There is no provider \"{settings.Provider}\"."];
        return errors.Count > 0 ? (null, errors) : (new(settings.To, provider?.Id), errors);
    }
}
