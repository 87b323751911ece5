namespace Postrider.Client;

/// <summary>Query strings of which nothing needs escaping by the caller.</summary>
internal static class QueryText
{
    /// <summary>The path with those parameters that have a value. An empty value is one: <c>from=</c> is the null reverse path.</summary>
    public static string With(string path, params IEnumerable<(string Name, string? Value)> parameters)
    {
        var query = string.Join('&', parameters
            .Where(parameter => parameter.Value is not null)
            .Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(parameter.Value!)}"));
        return query.Length == 0 ? path : $"{path}?{query}";
    }

    public static string Segment(string name) => Uri.EscapeDataString(name);
}
