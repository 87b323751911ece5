using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Postrider.Accounts.Consent;

/// <summary>What an identity platform sends back with the browser (RFC 6749 section 4.1.2, RFC 9207).</summary>
public sealed record CallbackAnswer(string? State, string? Code, string? Error, string? ErrorDescription, string? Issuer)
{
    private const int LongestValue = 16 * 1024;

    public override string ToString() => Error is null ? "code" : "error";

    /// <summary>Reads the parameters. A parameter that appears twice is refused: which of the two another reader believed
    /// cannot be known (RFC 6749 section 3.1).</summary>
    public static (CallbackAnswer? Answer, ConsentFailure? Why) Read(IEnumerable<KeyValuePair<string, StringValues>> parameters)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, given) in parameters)
        {
            if (given.Count > 1 || values.ContainsKey(name))
                return (null, new($"The address holds \"{Known(name)}\" twice.", "Connect again, and use the address unchanged."));
            if (given.ToString() is { Length: > 0 and <= LongestValue } value)
                values[name] = value;
        }
        var answer = new CallbackAnswer(values.GetValueOrDefault("state"), values.GetValueOrDefault("code"), values.GetValueOrDefault("error"),
            values.GetValueOrDefault("error_description"), values.GetValueOrDefault("iss"));
        return answer is { Code: null, Error: null }
            ? (null, new("The address holds no code.", "Sign in to the end; then copy the whole address from the browser's address bar, with everything after \"?\"."))
            : (answer, null);
    }

    /// <summary>Reads a pasted address: the whole of it, or what follows its "?" or "#".</summary>
    public static (CallbackAnswer? Answer, ConsentFailure? Why) ReadAddress(string address)
    {
        address = address.Trim();
        var query = address.IndexOf('?');
        var mark = query >= 0 ? query : address.IndexOf('#');
        var text = mark < 0 ? address : address[(mark + 1)..];
        if (query >= 0 && text.IndexOf('#') is var fragment and >= 0)
            text = text[..fragment];
        return Read(QueryHelpers.ParseQuery(text));
    }

    private static string Known(string name) => name is "state" or "code" or "error" or "error_description" or "iss" ? name : "a parameter";
}
