using Microsoft.AspNetCore.WebUtilities;

namespace Postrider.Accounts.Providers;

/// <summary>Names with values in one column, form-encoded.</summary>
internal static class FormText
{
    public static IReadOnlyDictionary<string, string> Read(string text) =>
        text.Length is 0 ? new Dictionary<string, string>() : QueryHelpers.ParseQuery(text).ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.Ordinal);

    public static string Write(IReadOnlyDictionary<string, string> pairs) =>
        string.Join('&', pairs.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value)}"));
}
