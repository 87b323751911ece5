using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts.Providers;
using Postrider.Mail.Intake;

namespace Postrider.Server.Api;

/// <summary>Refusals as RFC 9457 problem details. The type is a stable name to branch on; the detail says what happened, the remedy
/// what to do, and <c>errors</c> what to write in single members.</summary>
internal static class Problems
{
    public static ProblemHttpResult Validation(IReadOnlyDictionary<string, string[]> errors) =>
        Make("validation", StatusCodes.Status400BadRequest, "Some members cannot be accepted",
            string.Join(" ", errors.Select(error => $"{error.Key}: {string.Join(" ", error.Value)}")), "Correct the members named in errors.", ("errors", errors));

    public static ProblemHttpResult Validation(IEnumerable<FieldNote> errors) =>
        Validation(errors.GroupBy(error => error.Member).ToDictionary(group => group.Key, group => group.Select(error => error.Message).ToArray()));

    public static ProblemHttpResult Validation(string member, string message) =>
        Validation(new Dictionary<string, string[]> { [member] = [message] });

    public static ProblemHttpResult BadRequest(string detail, string remedy) =>
        Make("bad-request", StatusCodes.Status400BadRequest, "The request cannot be understood", detail, remedy);

    /// <param name="what">With its kind, for example <c>provider "m365"</c>.</param>
    public static ProblemHttpResult NotFound(string what) =>
        Make("not-found", StatusCodes.Status404NotFound, "Not found", $"There is no {what}.", "Check the name, or list what there is.");

    /// <summary>The request is sound, and the state of things forbids it.</summary>
    public static ProblemHttpResult Conflict(string detail, string remedy) =>
        Make("conflict", StatusCodes.Status409Conflict, "Not possible as things are", detail, remedy);

    /// <summary>A sign-in at an identity platform did not succeed.</summary>
    /// <param name="verbatim">The platform's own words.</param>
    public static ProblemHttpResult SignIn(string detail, string remedy, string? verbatim) =>
        Make("sign-in", StatusCodes.Status400BadRequest, "The sign-in did not succeed", detail, remedy, ("verbatim", verbatim));

    public static ProblemHttpResult UnsupportedMediaType(string wanted) =>
        Make("media-type", StatusCodes.Status415UnsupportedMediaType, "Wrong content type", $"The body must be {wanted}.", $"Send Content-Type: {wanted}.");

    public static ProblemHttpResult Unauthorized() =>
        Make("unauthorized", StatusCodes.Status401Unauthorized, "A key is needed", "The request carries no valid API key.", "Send Authorization: Bearer KEY. The first key is in the file admin.key of the data directory.");

    public static ProblemHttpResult Forbidden(string detail) =>
        Make("forbidden", StatusCodes.Status403Forbidden, "Not allowed", detail, "Use a key with the scope that is needed.");

    /// <summary>Not now; the same request may succeed later.</summary>
    public static ProblemHttpResult Unavailable(string detail, string remedy) =>
        Make("unavailable", StatusCodes.Status503ServiceUnavailable, "Not now", detail, remedy);

    public static ProblemHttpResult TooLarge(string detail) =>
        Make("too-large", StatusCodes.Status413PayloadTooLarge, "Too large", detail, "Send less, or raise the setting Mail:MaxMessageBytes.");

    /// <summary>A message that the intake does not take, with SMTP's codes as a member.</summary>
    public static ProblemHttpResult Refused(Refusal why)
    {
        (string, object?) smtp = ("smtpReply", $"{why.Code} {why.Enhanced}");
        return why switch
        {
            { Code: < 500 } => Make("unavailable", StatusCodes.Status503ServiceUnavailable, "Not now", why.Text, "Mend the cause, then send the message again.", smtp),
            { Enhanced: "5.3.4" } => Make("too-large", StatusCodes.Status413PayloadTooLarge, "Too large", why.Text, "Send less, or raise the limit.", smtp),
            { Enhanced: "5.7.1" } => Make("sender-not-allowed", StatusCodes.Status403Forbidden, "Not allowed", why.Text, "Send as an address that is allowed.", smtp),
            { Enhanced: "5.5.0" } => Make("idempotency-key-reused", StatusCodes.Status422UnprocessableEntity, "The key was used before", why.Text, "Use a new Idempotency-Key for each message.", smtp),
            _ => Make("message-refused", StatusCodes.Status422UnprocessableEntity, "The message was refused", why.Text, "Correct the message and send it again.", smtp),
        };
    }

    /// <summary>Gives the answers that the framework makes by itself the same members as ours.</summary>
    public static void Complete(ProblemDetails problem)
    {
        if (problem.Type?.StartsWith("urn:postrider:", StringComparison.Ordinal) == true)
            return;
        (problem.Type, problem.Detail, var remedy) = problem.Status switch
        {
            StatusCodes.Status404NotFound => ("not-found", "There is nothing at this address.", "Check the address: /openapi/v1.json lists them."),
            StatusCodes.Status405MethodNotAllowed => ("method", "The address does not know this method.", "Check the method: /openapi/v1.json lists them."),
            StatusCodes.Status415UnsupportedMediaType => ("media-type", "The body has a type that is not read here.", "See /openapi/v1.json for the type of each request."),
            >= 500 => ("internal", "The gateway met a fault of its own; its log tells more.", "Look into the log, and report it if it stays."),
            _ => ("bad-request", "The request cannot be understood.", "See /openapi/v1.json for what is asked."),
        };
        problem.Type = $"urn:postrider:problem:{problem.Type}";
        problem.Extensions["remedy"] = remedy;
    }

    private static ProblemHttpResult Make(string type, int status, string title, string detail, string remedy, params ReadOnlySpan<(string Name, object? Value)> more)
    {
        var problem = new ProblemDetails { Type = $"urn:postrider:problem:{type}", Title = title, Status = status, Detail = detail };
        problem.Extensions["remedy"] = remedy;
        foreach (var (name, value) in more)
            if (value is not null)
                problem.Extensions[name] = value;
        return TypedResults.Problem(problem);
    }
}
