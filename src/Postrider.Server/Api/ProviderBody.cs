using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Postrider.Accounts.Providers;
using Postrider.Client;

namespace Postrider.Server.Api;

/// <summary>The body of a request about a provider. It keeps apart what a deserialized record cannot: a secret that is left out (keep it)
/// from one that is null (remove it), and a member that is misspelt from one that does not exist.</summary>
internal sealed class ProviderBody
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict };
    private static readonly string[] Members = [.. typeof(ProviderInput).GetProperties().Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name))];
    private static readonly string[] LimitMembers = [.. typeof(ProviderLimits).GetProperties().Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name))];
    private static readonly string[] ReadOnlyMembers = [.. typeof(ProviderView).GetProperties().Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)).Except(Members)];

    private readonly JsonObject given;

    private ProviderBody(JsonObject given) => this.given = given;

    /// <param name="ignoresReadOnly">Whether an answer of ours may come back whole, with its read-only members.</param>
    public static async Task<(ProviderBody? Body, ProblemHttpResult? Problem)> ReadAsync(HttpRequest request, bool ignoresReadOnly, CancellationToken cancellation)
    {
        if (!request.HasJsonContentType())
            return (null, Problems.UnsupportedMediaType("application/json"));
        JsonNode? node;
        try
        {
            node = await JsonNode.ParseAsync(request.Body, documentOptions: new() { AllowDuplicateProperties = false, MaxDepth = 8 }, cancellationToken: cancellation);
        }
        catch (JsonException wrong)
        {
            return (null, Problems.BadRequest($"The body is not valid JSON: {wrong.Message}", "Send one JSON object."));
        }
        if (node is not JsonObject given)
            return (null, Problems.BadRequest("The body is not a JSON object.", "Send one JSON object."));
        if (ignoresReadOnly)
            foreach (var member in ReadOnlyMembers)
                given.Remove(member);
        var unknown = Unknown(given, Members, "").Concat(given["limits"] is JsonObject limits ? Unknown(limits, LimitMembers, "limits.") : []).ToList();
        return unknown.Count > 0 ? (null, Problems.Validation(unknown)) : (new(given), null);
    }

    /// <summary>Settings made of this body alone.</summary>
    /// <param name="name">Used when the body holds none.</param>
    public (ProviderDraft? Draft, ProblemHttpResult? Problem) ToDraft(string? name = null) => ToDraft(given, name);

    /// <summary>Settings made of a provider's and this body, by the rules of a merge patch (RFC 7396).</summary>
    public (ProviderDraft? Draft, ProblemHttpResult? Problem) ToDraft(Provider provider)
    {
        var merged = (JsonObject)JsonSerializer.SerializeToNode(ProviderWire.Input(provider), Options)!;
        if (given.TryGetPropertyValue("type", out var type) && type?.GetValueKind() is JsonValueKind.String && type.GetValue<string>() != provider.Type)
        {
            // Another type goes by another preset and gets its tokens another way.
            merged.Remove("preset");
            merged.Remove("grant");
        }
        Merge(merged, given);
        return ToDraft(merged, provider.Name);
    }

    private (ProviderDraft?, ProblemHttpResult?) ToDraft(JsonObject settings, string? name)
    {
        try
        {
            var input = settings.Deserialize<ProviderInput>(Options)!;
            if (!TryDate(input.ClientSecretExpiresAt, out var expires))
                return (null, Problems.Validation("clientSecretExpiresAt", "Write a date like \"2027-03-31\"."));
            if (input.Limits is { } limits && (limits.Connections < 0 || limits.MessagesPerMinute < 0 || limits.RecipientsPerDay < 0 || limits.MessageBytes < 0))
                return (null, Problems.Validation("limits", "A limit is a number from 0 up; 0 means no limit."));
            return (ProviderWire.Draft(input, name, expires) with
            {
                ClientSecret = Secret("clientSecret"), RefreshToken = Secret("refreshToken"), Password = Secret("password"), ServiceAccountKey = Secret("serviceAccountKey"),
            }, null);
        }
        catch (JsonException wrong)
        {
            var member = wrong.Path?.TrimStart('$', '.') is { Length: > 0 } path ? path : "body";
            return (null, Problems.Validation(member, Expected(member)));
        }
    }

    private SecretChange Secret(string member) => !given.TryGetPropertyValue(member, out var value) ? SecretChange.Keep
        : value is null ? SecretChange.Remove
        : SecretChange.To(value.GetValue<string>());

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (member, value) in patch)
            if (value is JsonObject inner && target[member] is JsonObject into)
                Merge(into, inner);
            else if (value is null)
                target.Remove(member);
            else
                target[member] = value.DeepClone();
    }

    private static bool TryDate(string? text, out DateTimeOffset? date)
    {
        date = null;
        if (string.IsNullOrWhiteSpace(text))
            return true;
        var good = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var parsed);
        date = parsed;
        return good;
    }

    private static string Expected(string member) => member switch
    {
        "port" or "limits.connections" or "limits.messagesPerMinute" or "limits.recipientsPerDay" or "limits.messageBytes" => "Write a whole number, without quotes.",
        "enabled" or "sharedMailbox" or "default" or "readReports" => "Write true or false, without quotes.",
        "authorizeParameters" => "Write an object of texts, for example {\"domain_hint\": \"contoso.com\"}.",
        "senders" => "Write a list of texts, for example [\"alerts@example.org\", \"@example.org\"].",
        "limits" => "Write an object, for example {\"connections\": 3}.",
        _ => "Write a text in quotes.",
    };

    private static IEnumerable<FieldNote> Unknown(JsonObject body, string[] known, string prefix) => body
        .Select(member => member.Key)
        .Where(name => !known.Contains(name))
        .Select(name => new FieldNote(prefix + name, prefix.Length is 0 && ReadOnlyMembers.Contains(name)
            ? "This is only told, not set. Leave it out."
            : $"There is no such member. Did you mean \"{known.MinBy(candidate => Distance(candidate.ToLowerInvariant(), name.ToLowerInvariant()))}\"?"));

    /// <summary>How many letters must be added, removed or changed (Levenshtein).</summary>
    private static int Distance(string left, string right)
    {
        right = right.Length > 64 ? right[..64] : right;
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (left[i - 1] == right[j - 1] ? 0 : 1)));
        }
        return row[^1];
    }
}
