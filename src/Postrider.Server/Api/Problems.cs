using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Postrider.Mail.Intake;

namespace Postrider.Server.Api;

/// <summary>Every refusal of the HTTP interface (RFC 9457): what is wrong, and what to do about it.</summary>
internal static class Problems
{
    private const string Prefix = "urn:postrider:problem:";

    /// <summary>Something in the request's members is wrong; <c>errors</c> says what to write instead.</summary>
    public static ProblemHttpResult Validation(Dictionary<string, string[]> errors) => Of("validation", 400, "The request has mistakes",
        string.Join(" ", errors.Select(error => $"{error.Key}: {string.Join(" ", error.Value)}")), "Correct the members named in errors.", errors);

    public static ProblemHttpResult BadRequest(string detail, string remedy) => Of("badRequest", 400, "The request cannot be read", detail, remedy);

    public static ProblemHttpResult Unauthorized() => Of("unauthorized", 401, "A key is needed",
        "The request has no valid API key.", "Send \"Authorization: Bearer KEY\". The first key is in admin.key in the data directory; postrider key add makes others.");

    public static ProblemHttpResult Forbidden(string detail) => Of("forbidden", 403, "Not allowed", detail, "Use a key with the scope that is needed: postrider key add NAME --scope admin");

    public static ProblemHttpResult NotFound(string what) => Of("notFound", 404, "Not found", $"There is no {what}.", "Look at the list of what there is.");

    public static ProblemHttpResult Conflict(string detail, string remedy) => Of("conflict", 409, "Not possible now", detail, remedy);

    public static ProblemHttpResult TooLarge(string detail) => Of("tooLarge", 413, "Too large", detail, "Send less, or raise Mail:MaxMessageBytes.");

    public static ProblemHttpResult UnsupportedMediaType(string wanted) =>
        Of("unsupportedMediaType", 415, "Wrong kind of body", $"The body must be {wanted}.", $"Set Content-Type: {wanted}");

    public static ProblemHttpResult Unavailable(string detail, string remedy) => Of("unavailable", 503, "Not now", detail, remedy);

    /// <summary>The intake's refusal of a message, with SMTP's codes kept as members.</summary>
    public static ProblemHttpResult Refused(Refusal why) => why switch
    {
        { Code: < 500 } => Of("unavailable", 503, "Not now", why.Text, "Mend the cause, then send the message again.", smtp: why),
        { Enhanced: "5.3.4" } => Of("tooLarge", 413, "Too large", why.Text, "Send less, or raise the limit.", smtp: why),
        { Enhanced: "5.7.1" } => Of("senderNotAllowed", 403, "Not allowed", why.Text, "Send as an address that is allowed.", smtp: why),
        { Enhanced: "5.5.0" } => Of("idempotencyKeyReused", 422, "The key was used before", why.Text, "Use a new Idempotency-Key for each message.", smtp: why),
        _ => Of("messageRefused", 422, "The message was refused", why.Text, "Correct the message and send it again.", smtp: why),
    };

    private static ProblemHttpResult Of(string type, int status, string title, string detail, string remedy,
        Dictionary<string, string[]>? errors = null, Refusal? smtp = null)
    {
        var problem = new ProblemDetails { Type = Prefix + type, Status = status, Title = title, Detail = detail };
        problem.Extensions["remedy"] = remedy;
        if (errors is not null)
            problem.Extensions["errors"] = errors;
        if (smtp is not null)
            problem.Extensions["smtpReply"] = $"{smtp.Code} {smtp.Enhanced}";
        return TypedResults.Problem(problem);
    }
}
