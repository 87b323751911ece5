using Microsoft.AspNetCore.Localization;
using Postrider.Server.Console.People;

namespace Postrider.Server.Console.Languages;

/// <summary>In which language the console speaks to a browser: as was chosen on a page, else as the browser asks.</summary>
internal static class LanguageChoice
{
    private const string Cookie = "postrider-language";

    public static IApplicationBuilder UseLanguages(this IApplicationBuilder app) => app.UseWhen(context => ConsoleHeaders.IsPage(context.Request), pages => pages.UseRequestLocalization(new RequestLocalizationOptions
    {
        // What is written for programs, such as a file, an address or the database, is the same for everybody: only what is read by people follows the viewer.
        DefaultRequestCulture = new(System.Globalization.CultureInfo.InvariantCulture, Language.All[0].Culture),
        SupportedCultures = [],
        SupportedUICultures = [.. Language.All.Select(language => language.Culture)],
        RequestCultureProviders = [new CookieRequestCultureProvider { CookieName = Cookie }, new CustomRequestCultureProvider(context => Task.FromResult(Asked(context.Request)))],
        ApplyCurrentCultureToResponseHeaders = true,
    }));

    /// <summary>The language of a country is the language: <c>de-AT</c> is German. The framework asks data of cultures for that, which are not here.</summary>
    private static ProviderCultureResult? Asked(HttpRequest request) => request.GetTypedHeaders().AcceptLanguage.OrderByDescending(asked => asked.Quality ?? 1)
        .Select(asked => asked.Value.ToString().Split('-')[0]).FirstOrDefault(code => Language.All.Any(language => language.Code.Equals(code, StringComparison.OrdinalIgnoreCase))) is { } code ? new(code) : null;

    public static void Keep(HttpContext context, Language language) => context.Response.Cookies.Append(Cookie, CookieRequestCultureProvider.MakeCookieValue(new RequestCulture(language.Culture)),
        new CookieOptions { HttpOnly = true, Secure = SessionCookie.IsSecure(context.Request), SameSite = SameSiteMode.Lax, Path = "/", IsEssential = true, MaxAge = TimeSpan.FromDays(365) });
}
