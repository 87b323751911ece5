using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Primitives;
using Postrider.Accounts.Consent;
using Postrider.Server.Console;
using Postrider.Server.Console.People;

namespace Postrider.Server.Api;

/// <summary>Where the browser returns from an identity platform, by address or by form (<c>response_mode=form_post</c>). The one-time
/// state stands in for a key, so the route is open to anybody.</summary>
internal static class OAuthCallback
{
    public const string Path = "/oauth/callback";
    private static readonly ConsentFailure TooMany = new("Too many answers to sign-ins that were not started here came from your address.", "Wait a minute, and load this page again: the sign-in is still open.");

    private const int LargestForm = 64 * 1024;

    public static void MapOAuthCallback(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, ByAddress).ExcludeFromDescription();
        routes.MapPost(Path, ByForm).WithMetadata(new RequestSizeLimitAttribute(LargestForm)).ExcludeFromDescription();
    }

    private static Task<IResult> ByAddress(HttpContext context, ConsentFlow consent, SignInRates rates, CancellationToken cancellation) =>
        FinishAsync(context.Request.Query, context, consent, rates, cancellation);

    // The form comes from another site by design; what protects it is the state.
    private static async Task<IResult> ByForm(HttpContext context, ConsentFlow consent, SignInRates rates, CancellationToken cancellation) =>
        context.Request.HasFormContentType
            ? await FinishAsync(await context.Request.ReadFormAsync(cancellation), context, consent, rates, cancellation)
            : Problems.UnsupportedMediaType("application/x-www-form-urlencoded");

    private static async Task<IResult> FinishAsync(
        IEnumerable<KeyValuePair<string, StringValues>> parameters, HttpContext context, ConsentFlow consent, SignInRates rates, CancellationToken cancellation)
    {
        if (parameters.Any(pair => pair.Key == "admin_consent" && pair.Value == "True") && parameters.All(pair => pair.Key is not ("error" or "code")))
        {
            Page.SetHeaders(context.Response.Headers);
            return TypedResults.Content(OAuthCallbackPage.Consented(context.Request.PathBase), "text/html; charset=utf-8");
        }
        if (!rates.MayGuess(context))
        {
            Page.SetHeaders(context.Response.Headers);
            return TypedResults.Content(OAuthCallbackPage.Write(new ConsentResult.Refused(TooMany, null), context.Request.PathBase), "text/html; charset=utf-8", null, StatusCodes.Status429TooManyRequests);
        }
        var (answer, unreadable) = CallbackAnswer.Read(parameters);
        var result = answer is null ? new ConsentResult.Refused(unreadable!, null) : await consent.CompleteAsync(answer, null, cancellation);
        if (result is ConsentResult.Refused { Provider: null })
            rates.Guessed(context);
        // What is still to be said about it is said here; otherwise whoever began it in the console goes on there.
        if (result is ConsentResult.Connected { Notes.Count: 0, ReturnTo.Length: > 0 })
            return TypedResults.LocalRedirect("~" + result.ReturnTo);
        Page.SetHeaders(context.Response.Headers);
        return TypedResults.Content(OAuthCallbackPage.Write(result, context.Request.PathBase), "text/html; charset=utf-8", null,
            result is ConsentResult.Connected ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }
}
