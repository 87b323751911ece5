using Microsoft.Extensions.Logging;

namespace Postrider.Mail.Alerts;

/// <summary>Events 3500 to 3599.</summary>
internal static partial class AlertLog
{
    [LoggerMessage(3501, LogLevel.Error, "{Title} {Detail} {Remedy}")]
    public static partial void Wrong(ILogger log, string title, string detail, string remedy);

    [LoggerMessage(3502, LogLevel.Warning, "{Title} {Detail} {Remedy}")]
    public static partial void Soon(ILogger log, string title, string detail, string remedy);

    [LoggerMessage(3503, LogLevel.Information, "Recovered: {Title}")]
    public static partial void Recovered(ILogger log, string title);

    [LoggerMessage(3504, LogLevel.Error, "Looking for what is wrong failed ({Source}); it is tried again")]
    public static partial void LookFailed(ILogger log, string source, Exception why);

    [LoggerMessage(3505, LogLevel.Error, "Delivering webhooks failed; it is tried again")]
    public static partial void WebhooksFailed(ILogger log, Exception why);

    [LoggerMessage(3506, LogLevel.Warning, "No alert mail about \"{Title}\": {Why}")]
    public static partial void NoMail(ILogger log, string title, string why);
}
