using Microsoft.AspNetCore.Http.HttpResults;
using Postrider.Accounts.Failures;
using Postrider.Accounts.Providers;
using Postrider.Client;

namespace Postrider.Server.Api;

/// <summary>The resource <c>failures</c>: what an error means, for whoever has one in hand.</summary>
internal static class FailuresApi
{
    private const int LongestQuestion = 8 * 1024;

    public static void MapFailures(this IEndpointRouteBuilder routes) => routes.MapGet("/failures", Find).RequireAuthorization(ApiKeys.Read).WithTags("failures")
        .WithSummary("Explains an error: an SMTP reply, an OAuth error, an AADSTS number, or words of one; without q lists all that are known");

    private static Results<Ok<Page<FailureView>>, ProblemHttpResult> Find(FailureExplainer explainer, ProviderDirectory providers, string? q = null, string? type = null, string? provider = null)
    {
        if (type is not null && !ProviderType.All.Contains(type))
            return Problems.Validation("type", $"Write one of {string.Join(", ", ProviderType.All)}.");
        if (q?.Length > LongestQuestion)
            return Problems.Validation("q", "This is longer than any error. Paste the line that says what is wrong.");
        var about = provider is null ? null : providers.Find(provider);
        if (provider is not null && about is null)
            return Problems.Validation("provider", $"There is no provider \"{provider}\".");
        var found = q is { Length: > 0 } ? explainer.Explain(q, type ?? about?.Type) : explainer.All();
        return TypedResults.Ok(new Page<FailureView> { Items = [.. found.Select(explanation => View(explanation, about))] });
    }

    private static FailureView View(Explanation explanation, Provider? about)
    {
        var failure = explanation.Failure.Fill(about is null ? new Dictionary<string, string>() : ProviderWords.Of(about));
        return new FailureView
        {
            Id = failure.Id, Title = failure.Title, Cause = failure.Cause, Remedy = failure.Remedy, Known = failure.Known,
            Class = System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(failure.Class.ToString()), NeedsConsent = failure.NeedsConsent, NeedsSecret = failure.NeedsSecret,
            Example = explanation.Example, Documentation = explanation.Documentation,
        };
    }
}
