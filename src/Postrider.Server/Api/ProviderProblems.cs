using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts.Consent;
using Postrider.Accounts.Providers;

namespace Postrider.Server.Api;

/// <summary>Refusals that only concern providers.</summary>
internal static class ProviderProblems
{
    public static ProblemHttpResult Fields(IEnumerable<FieldNote> errors) =>
        Problems.Validation(errors.GroupBy(error => error.Member).ToDictionary(group => group.Key, group => group.Select(error => error.Message).ToArray()));

    public static ProblemHttpResult Field(string member, string message) => Fields([new(member, message)]);

    /// <summary>A sign-in did not succeed; <c>verbatim</c> holds the identity platform's own words.</summary>
    public static ProblemHttpResult SignIn(ConsentFailure why)
    {
        var problem = new ProblemDetails
        {
            Type = "urn:postrider:problem:signIn", Status = StatusCodes.Status400BadRequest, Title = "The sign-in did not succeed", Detail = why.Cause,
        };
        problem.Extensions["remedy"] = why.Remedy;
        problem.Extensions["verbatim"] = why.Verbatim;
        return TypedResults.Problem(problem);
    }
}
