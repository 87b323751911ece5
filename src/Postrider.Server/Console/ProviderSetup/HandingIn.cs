using Microsoft.Extensions.Options;
using Postrider.Accounts.Providers;
using Postrider.Server.Console.Connecting;
using Postrider.Server.Submission;

namespace Postrider.Server.Console.ProviderSetup;

/// <summary>How mail is handed in for a provider, with this installation's doors filled in.</summary>
internal sealed class HandingIn(DoorAddresses doors, Snippets snippets, IOptions<SubmissionOptions> submission)
{
    public const string OpenTheDoor = "postrider serve --smtp 0.0.0.0:587 --smtp-certificate mail.pem --smtp-certificate-key mail.key";

    public DoorAddresses Doors => doors;
    public bool TrustsThisMachine => submission.Value.TrustLoopback;

    /// <summary>For programs on this machine.</summary>
    public string LocalHost => doors.IsLocal ? doors.SmtpHost : "127.0.0.1";

    /// <summary>An address that the provider sends for.</summary>
    public static string Sender(Provider provider) => provider.UserName.Contains('@') ? provider.UserName : provider.Domain.Length > 0 ? $"noreply@{provider.Domain}" : "noreply@example.com";

    public string Postfix => snippets.Postfix(LocalHost, userName: null);

    public string PostfixElsewhere => snippets.Postfix(doors.SmtpHost, "USER_NAME");

    public string Curl(Provider provider) => snippets.HttpCurl(Sender(provider));

    public string DotNet(Provider provider) => snippets.HttpDotNet(Sender(provider));

    public string MailKit(Provider provider) => snippets.MailKit(LocalHost, Sender(provider), userName: null);
}
