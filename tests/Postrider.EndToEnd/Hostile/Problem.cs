using System.Net;
using System.Text.Json.Nodes;

namespace Postrider.EndToEnd.Hostile;

/// <summary>What every refusal of the HTTP door must be: problem details that a person can act on.</summary>
internal static class Problem
{
    public static readonly Uri Messages = new("/api/v1/messages", UriKind.Relative);

    /// <summary>Names of .NET that tell the reader of an answer nothing.</summary>
    private static readonly string[] Internals = ["Postrider.", "System.", "Microsoft.", "Exception", "Nullable", "IReadOnlyList", "nullability", "deserializ", "BytePositionInLine"];

    public static async Task<JsonObject> OfAsync(HttpResponseMessage answer, HttpStatusCode status, string type)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == status, $"{(int)answer.StatusCode} {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = JsonNode.Parse(text)!.AsObject();
        Assert.Equal($"urn:postrider:problem:{type}", problem["type"]?.GetValue<string>());
        Assert.Equal((int)status, problem["status"]?.GetValue<int>());
        foreach (var member in new[] { "title", "detail", "remedy" })
            Assert.False(string.IsNullOrWhiteSpace(problem[member]?.GetValue<string>()), $"{member} is missing: {text}");
        Assert.DoesNotContain(Internals, one => text.Contains(one, StringComparison.Ordinal));
        return problem;
    }
}
