using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
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
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { RefuseNullEntries } },
    };

    // The serializer minds null in members, and not in the lists within them.
    private static void RefuseNullEntries(JsonTypeInfo type)
    {
        foreach (var member in type.Properties)
            if (member.Set is { } set && typeof(IEnumerable).IsAssignableFrom(member.PropertyType) && member.PropertyType != typeof(string))
                member.Set = (target, value) =>
                {
                    if (value is IReadOnlyDictionary<string, string> map ? map.Values.Contains(null) : value is IEnumerable<object?> list && list.Contains(null))
                        throw new JsonException($"{NullEntry} at $.{member.Name}: leave the entry out");
                    set(target, value);
                };
    }

    private const string NullEntry = "null stands";

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
    private static string Explain(JsonException wrong)
    {
        var member = wrong.Message.Split('\'') is [_, var quoted, ..] ? quoted : "";
        bool Says(string words) => wrong.Message.Contains(words, StringComparison.Ordinal);
        return Says("could not be mapped") ? $"there is no member \"{member}\"."
            : Says("doesn't allow setting null") ? $"\"{member}\" may not be null. Leave it out."
            : Says("Duplicate property") ? $"\"{member}\" stands twice."
            : Says("could not be converted") ? $"the value at {wrong.Path} has the wrong type."
            : Says("does not contain any JSON tokens") ? "it is empty or has no beginning."
            : Says(NullEntry) ? $"{wrong.Message.Split(". Path:")[0]}."
            : $"{wrong.Message.Split(". Path:")[0]} (at {wrong.Path ?? "the start"}, line {wrong.LineNumber + 1}).";
    }
}
