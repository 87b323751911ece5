using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Postrider.Accounts;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.People.SingleSignOn;

/// <summary>Signs people in whom an OpenID Connect provider vouches for: the code flow with PKCE, and a session of ours at its end. No token is
/// kept. A person is who the issuer and its subject say; the role follows the claim at every sign-in.</summary>
internal static partial class OidcSignIn
{
    public const string SchemeName = "Oidc", CallbackPath = "/sign-in/oidc";

    public static void AddOidc(this AuthenticationBuilder authentication, OidcOptions options)
    {
        if (!options.IsOn)
            return;
        authentication.AddOpenIdConnect(SchemeName, oidc =>
        {
            oidc.Authority = options.Authority;
            oidc.RequireHttpsMetadata = new Uri(options.Authority).Scheme == Uri.UriSchemeHttps;
            oidc.ClientId = options.ClientId;
            oidc.ClientSecret = options.Secret() is { Length: > 0 } secret ? secret : null;
            oidc.ResponseType = OpenIdConnectResponseType.Code;
            // A form sent from the provider's page would come without the cookies that belong to it.
            oidc.ResponseMode = OpenIdConnectResponseMode.Query;
            oidc.UsePkce = true;
            oidc.SaveTokens = false;
            oidc.MapInboundClaims = false;
            oidc.CallbackPath = CallbackPath;
            oidc.SignInScheme = ConsoleAuthentication.SchemeName;
            oidc.Scope.Clear();
            foreach (var scope in $"openid profile email {options.Scope}".Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct())
                oidc.Scope.Add(scope);
            foreach (var cookie in new[] { oidc.CorrelationCookie, oidc.NonceCookie })
                (cookie.SameSite, cookie.SecurePolicy) = (SameSiteMode.Lax, CookieSecurePolicy.SameAsRequest);
            oidc.Events.OnRedirectToIdentityProvider = context =>
            {
                // Never from the request: a proxy that is not known would lead it astray.
                context.ProtocolMessage.RedirectUri = RedirectUri(context.HttpContext.RequestServices.GetRequiredService<AccountsOptions>());
                if (context.Properties.Items.ContainsKey(Again))
                    (context.ProtocolMessage.Prompt, context.ProtocolMessage.MaxAge) = (OpenIdConnectPrompt.Login, "0");
                return Task.CompletedTask;
            };
            oidc.Events.OnTicketReceived = ReceivedAsync;
            oidc.Events.OnRemoteFailure = FailedAsync;
        });
    }

    private const string Again = "again";
    private static readonly TimeSpan LongestAgo = TimeSpan.FromMinutes(5);

    /// <param name="next">Where to go afterwards, within the console.</param>
    /// <param name="again">The provider has to ask for the password even of one who is signed in there.</param>
    public static AuthenticationProperties To(string next, bool again)
    {
        var properties = new AuthenticationProperties { RedirectUri = next };
        if (again)
            properties.Items[Again] = "1";
        return properties;
    }

    /// <summary>What has to be registered at the provider.</summary>
    public static string RedirectUri(AccountsOptions accounts) => accounts.PublicUrl.AbsoluteUri.TrimEnd('/') + CallbackPath;

    private static async Task ReceivedAsync(TicketReceivedContext context)
    {
        var (services, http) = (context.HttpContext.RequestServices, context.HttpContext);
        var (options, people) = (services.GetRequiredService<OidcOptions>(), services.GetRequiredService<PeopleDirectory>());
        context.HandleResponse();
        if (context.Principal is not { } principal || principal.FindFirst("sub") is not { } subject)
        {
            Refuse(http, "nobody", T["The provider did not say who you are."]);
            return;
        }
        // One that asked for nothing although it was told to has proved nothing.
        if (context.Properties?.Items.ContainsKey(Again) == true && long.TryParse(principal.FindFirstValue("auth_time"), out var signedIn)
            && services.GetRequiredService<TimeProvider>().GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(signedIn) > LongestAgo)
        {
            Refuse(http, principal.FindFirstValue("sub")!, T[$"{options.Name} did not ask you to sign in again. Sign out there first."]);
            return;
        }
        var name = options.NameOf(claim => principal.FindFirstValue(claim)) ?? subject.Value;
        var role = options.RoleOf(principal.FindAll(options.RoleClaim).Select(claim => claim.Value));
        if (role is null)
        {
            Refuse(http, name, T[$"You are known at {options.Name}, and have no role here. Whoever looks after it there gives you one."]);
            return;
        }
        switch (await people.FromProviderAsync($"{subject.Issuer} {subject.Value}", name, role, http.RequestAborted))
        {
            case Newcomer.Known { Person: var person }:
                await services.GetRequiredService<SignIns>().BeginAsync(http, person, options.Name, http.RequestAborted);
                Continue(http, context.ReturnUri);
                break;
            case Newcomer.Taken:
                Refuse(http, name, T[$"There is somebody else here by the name {Foreign.Clean(name)}, who signs in otherwise. An owner removes or renames one of the two."]);
                break;
            default:
                Refuse(http, name, T[$"The name {Foreign.Clean(name)} cannot be used here: {PeopleDirectory.WrongName(name)}"]);
                break;
        }
    }

    private static Task FailedAsync(RemoteFailureContext context)
    {
        context.HandleResponse();
        Failed(context.HttpContext.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(OidcSignIn).FullName!), context.Failure);
        Refuse(context.HttpContext, "nobody", T["The sign-in did not succeed: it was broken off, took too long, or the provider refused it. The log of the gateway tells more."]);
        return Task.CompletedTask;
    }

    private static void Continue(HttpContext context, string? next) =>
        context.Response.Redirect(next is ['/', not ('/' or '\\'), ..] or "/" ? next : context.Request.PathBase + "/");

    private static void Refuse(HttpContext context, string who, string why)
    {
        context.Note("sign-in refused", who, "single sign-on", actor: "nobody");
        context.RequestServices.GetRequiredService<HalfSignIn>().Keep(context, Problem, why);
        context.Response.Redirect(context.Request.PathBase + "/sign-in");
    }

    /// <summary>Under which the reason of a refusal is kept for the page.</summary>
    public const string Problem = "oidc-problem";

    [LoggerMessage(6201, LogLevel.Warning, "A sign-in at the OpenID Connect provider did not succeed")]
    private static partial void Failed(ILogger log, Exception? why);
}
