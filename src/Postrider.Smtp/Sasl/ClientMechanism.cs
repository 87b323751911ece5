using System.Globalization;

namespace Postrider.Smtp;

/// <summary>What we say to sign in: the mechanism, chosen from the EHLO after TLS, and its responses, ready for the wire.</summary>
/// <param name="Responses">Base64, in order. A mechanism that speaks first may put the only one behind AUTH when it fits the line.</param>
/// <param name="AnswerToError">What a failed OAuth exchange wants to hear after its 334 challenge before it says 535.</param>
internal sealed record ClientMechanism(string Name, bool SpeaksFirst, string[] Responses, string? AnswerToError)
{
    private static readonly string[] MicrosoftHosts =
        ["outlook.com", "office365.com", "office365.us", "office.com", "outlook.cn", "outlook.us", "hotmail.com", "mx.microsoft"];

    public override string ToString() => Name;

    /// <summary>Null when the server offers nothing that fits the credential.</summary>
    public static ClientMechanism? Choose(SmtpCredential credential, SmtpCapabilities capabilities, SmtpEndpoint endpoint) => credential switch
    {
        // Microsoft's OAUTHBEARER is not documented for SMTP: XOAUTH2 first there, the standard first elsewhere.
        SmtpCredential.OAuth oauth when capabilities.Offers("OAUTHBEARER") && !(IsMicrosoft(endpoint.Host) && capabilities.Offers("XOAUTH2")) => OAuthBearer(oauth, endpoint),
        SmtpCredential.OAuth oauth when capabilities.Offers("XOAUTH2") => XOAuth2(oauth),
        SmtpCredential.Password password when capabilities.Offers("PLAIN") => Plain(password),
        SmtpCredential.Password password when capabilities.Offers("LOGIN") => Login(password),
        _ => null,
    };

    /// <summary>A NUL or ^A in a name or token would end its field early and begin another.</summary>
    public static bool IsClean(SmtpCredential credential) => credential switch
    {
        SmtpCredential.OAuth oauth => IsClean(oauth.User) && IsClean(oauth.AccessToken),
        SmtpCredential.Password password => IsClean(password.User) && password.Secret.Length > 0 && !password.Secret.Contains('\0', StringComparison.Ordinal),
        _ => false,
    };

    private static bool IsClean(string text) => text.Length > 0 && !text.Any(char.IsControl);

    private static bool IsMicrosoft(string host) => MicrosoftHosts.Any(suffix =>
        host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
        && (host.Length == suffix.Length || host[^(suffix.Length + 1)] is '.' or '-'));

    // Google's and Microsoft's own, older than RFC 7628: user=…^Aauth=Bearer …^A^A. An empty line answers the error challenge.
    private static ClientMechanism XOAuth2(SmtpCredential.OAuth oauth) =>
        new("XOAUTH2", true, [SaslBase64.Encode($"user={oauth.User}\u0001auth=Bearer {oauth.AccessToken}\u0001\u0001")], "");

    // RFC 7628 section 3.1; section 3.2.3: the client answers the error challenge with a lone ^A. RFC 5801: =2C and =3D in the name.
    private static ClientMechanism OAuthBearer(SmtpCredential.OAuth oauth, SmtpEndpoint endpoint)
    {
        var user = oauth.User.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal);
        var message = string.Create(CultureInfo.InvariantCulture,
            $"n,a={user},\u0001host={endpoint.Host}\u0001port={endpoint.Port}\u0001auth=Bearer {oauth.AccessToken}\u0001\u0001");
        return new("OAUTHBEARER", true, [SaslBase64.Encode(message)], "AQ==");
    }

    private static ClientMechanism Plain(SmtpCredential.Password password) =>
        new("PLAIN", true, [SaslBase64.Encode($"\0{password.User}\0{password.Secret}")], null);

    private static ClientMechanism Login(SmtpCredential.Password password) =>
        new("LOGIN", false, [SaslBase64.Encode(password.User), SaslBase64.Encode(password.Secret)], null);
}
