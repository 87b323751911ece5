using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Postrider.Accounts.Providers;
using Postrider.Client;
using Postrider.Mail.Doctor;
using Postrider.Smtp;

namespace Postrider.Server.Api;

/// <summary>A provider's test. What fails in it is an answer and no problem of the request: the status is 200.</summary>
internal static class ProviderTestApi
{
    public static async Task<Results<Ok<ProviderTestResult>, ProblemHttpResult>> Test(
        string name, HttpRequest request, ProviderDirectory directory, ProviderDoctor doctor, CancellationToken cancellation)
    {
        ProviderTest? wish = null;
        if (request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
        {
            (wish, var unreadable) = await WireJson.ReadAsync<ProviderTest>(request, cancellation);
            if (wish is null)
                return unreadable!;
        }
        if (directory.Find(name) is not { } provider)
            return Problems.NotFound($"provider \"{name}\"");
        SmtpAddress? to = null;
        if (wish?.To is { } text && !SmtpAddress.TryParse(text, out to, out var why))
            return Problems.Validation("to", why);
        return TypedResults.Ok(View(await doctor.TestAsync(provider, to, cancellation)));
    }

    public static ProviderTestResult View(DoctorReport report) => new()
    {
        Ok = report.Ok,
        Steps = [.. report.Steps.Select(step => new ProviderTestStep
        {
            Name = step.Name, Status = System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(step.Status.ToString()), Ok = step.Ok, Detail = step.Detail, Cause = step.Cause, Remedy = step.Remedy,
            Milliseconds = step.Took is { } took ? Math.Round(took.TotalMilliseconds, 1) : null,
        })],
    };
}
