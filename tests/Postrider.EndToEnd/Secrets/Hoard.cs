using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;

namespace Postrider.EndToEnd.Secrets;

/// <summary>Secrets that were used, and the forms in which one could turn up.</summary>
internal sealed partial class Hoard
{
    private readonly Dictionary<string, string> secrets = new(StringComparer.Ordinal);

    public IEnumerable<string> Kinds => secrets.Values.Distinct();

    public string One(string kind) => secrets.First(secret => secret.Value == kind).Key;

    public void Add(string kind, string secret) => secrets.TryAdd(secret, kind);

    /// <summary>Collects what crossed the wire to the identity platform.</summary>
    public void AddFromWire(IEnumerable<string> sent, IEnumerable<string> answered)
    {
        foreach (var field in sent.SelectMany(text => FormField().Matches(text)))
            Add(field.Groups[1].Value, WebUtility.UrlDecode(field.Groups[2].Value));
        foreach (var member in answered.SelectMany(text => JsonMember().Matches(text)))
            Add(member.Groups[1].Value, member.Groups[2].Value);
    }

    /// <returns>The kinds of secrets that are in a text, whose characters are bytes or letters.</returns>
    public IReadOnlyList<string> FoundIn(string text, params string[] allowed) =>
        [.. secrets.Where(secret => !allowed.Contains(secret.Key) && Forms(secret.Key).Any(form => text.Contains(form, StringComparison.Ordinal))).Select(secret => secret.Value)];

    private static HashSet<string> Forms(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        HashSet<string> forms = [secret, Encoding.Latin1.GetString(bytes), Uri.EscapeDataString(secret), WebUtility.UrlEncode(secret),
            JavaScriptEncoder.Default.Encode(secret), WebUtility.HtmlEncode(secret), HtmlEncoder.Default.Encode(secret), Convert.ToHexStringLower(bytes)];
        // In base64 a secret looks different at each of three places; its ends depend on what stands beside it.
        for (var before = 0; before < 3; before++)
        {
            var whole = Convert.ToBase64String([.. new byte[before], .. bytes]);
            var middle = whole[(before == 0 ? 0 : 4)..(whole.Length - 4)];
            forms.Add(middle);
            forms.Add(middle.Replace('+', '-').Replace('/', '_'));
        }
        return forms;
    }

    [GeneratedRegex("[?&\n](client_secret|code|code_verifier|refresh_token)=([^&\\s]+)")]
    private static partial Regex FormField();

    [GeneratedRegex("\"(access_token|refresh_token|id_token)\":\"([^\"]+)\"")]
    private static partial Regex JsonMember();
}
