using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Postrider.Server.Api;

/// <summary>Reads request bodies strictly: an unknown member is a misspelt one, and silence about it would lose what it said.</summary>
internal static class WireJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.Strict,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        MaxDepth = 16,
    };

    public static async Task<(T? Value, ProblemHttpResult? Problem)> ReadAsync<T>(HttpRequest request, CancellationToken cancellation) where T : class
    {
        if (!request.HasJsonContentType())
            return (null, Problems.UnsupportedMediaType("application/json"));
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(request.Body, Options, cancellation) is { } value
                ? (value, null)
                : (null, Problems.BadRequest("The body is null.", "Send a JSON object."));
        }
        catch (JsonException wrong)
        {
            return (null, Problems.BadRequest($"The body cannot be read: {Explain(wrong)}", "See /openapi/v1.json for the members of each request."));
        }
    }

    // What the serializer says names .NET types; the reader of the answer knows only JSON.
    private static string Explain(JsonException wrong) =>
        wrong.Message.Contains("could not be mapped", StringComparison.Ordinal) && wrong.Message.Split('\'') is [_, var member, ..]
            ? $"there is no member \"{member}\"."
            : wrong.Message.Contains("could not be converted", StringComparison.Ordinal)
                ? $"the value at {wrong.Path} has the wrong type."
                : $"{wrong.Message.Split(". Path:")[0]} (at {wrong.Path ?? "the start"}, line {wrong.LineNumber + 1}).";
}
