namespace Postrider.Simulator;

/// <summary><c>/{tenant}/oauth2/v2.0/authorize</c> as a person sees it: choose an account, consent, back to the application.
/// The pages keep nothing on the server; the request stays in the address.</summary>
internal static class AuthorizeEndpoint
{
    public static void Map(IEndpointRouteBuilder routes, SimulatorState state)
    {
        var flow = new AuthorizeFlow(state);
        routes.MapGet("/{tenant}/oauth2/v2.0/authorize", (string tenant, HttpContext context) =>
            flow.Begin(tenant, context.Request.Query) switch
            {
                AuthorizeStep.Choose(var request) => ShowAccounts(context, state, request),
                var other => Show(context, other),
            });
        routes.MapPost("/{tenant}/oauth2/v2.0/authorize", async (string tenant, HttpContext context) =>
            flow.Begin(tenant, context.Request.Query) switch
            {
                AuthorizeStep.Choose(var request) => Decide(context, state, flow, request, await Forms.ReadAsync(context)),
                var other => Show(context, other),
            });
        routes.MapGet("/{tenant}/oauth2/v2.0/logout", (string tenant, string? post_logout_redirect_uri) =>
            post_logout_redirect_uri is { } uri && state.Directory.Applications.Any(a => AuthorizeRequest.IsRegistered(a, uri))
                ? Results.Redirect(uri)
                : Page.Show("Signed out", Html.Of($"<h1>You signed out</h1><p>Refresh tokens stay valid, as they do at Microsoft.</p>")));
    }

    private static IResult Decide(HttpContext context, SimulatorState state, AuthorizeFlow flow, AuthorizeRequest request, IFormCollection form)
    {
        PageSecurity.AllowFormTarget(context, request.RedirectUri);
        if (flow.FindAccount(request, form["account"]) is not { } account)
            return ShowAccounts(context, state, request);
        return form["decision"].ToString() switch
        {
            "accept" => Return(context, flow.Accept(request, account)),
            "cancel" => Return(context, flow.Refuse(request, AadErrors.Of(65004))),
            _ when !flow.NeedsConsent(request, account) => Return(context, flow.Accept(request, account)),
            _ => IdentityPages.Consent(context.Request.Path + context.Request.QueryString, request.Application, account, ScopeTexts(request.Scope)),
        };
    }

    private static IResult ShowAccounts(HttpContext context, SimulatorState state, AuthorizeRequest request)
    {
        PageSecurity.AllowFormTarget(context, request.RedirectUri);
        return IdentityPages.Accounts(
            context.Request.Path + context.Request.QueryString, request.Application, request.Tenant.Accounts(state),
            request.Prompt == "select_account" ? null : request.LoginHint);
    }

    public static IEnumerable<string> ScopeTexts(ScopeRequest scope) => scope.Scopes.Select(s => s.Text).Concat(scope.OpenIdScopes);

    private static IResult Show(HttpContext context, AuthorizeStep step) => step switch
    {
        AuthorizeStep.Return(var answer) => Return(context, answer),
        AuthorizeStep.Stop(var error) => IdentityPages.Error(error),
        _ => Results.BadRequest(),
    };

    private static IResult Return(HttpContext context, AuthorizeAnswer answer)
    {
        AadErrorAnswer.NoStore(context);
        if (answer.ResponseMode != "form_post")
            return Results.Redirect(answer.AddressWith(answer.Fields));
        PageSecurity.AllowFormTarget(context, answer.RedirectUri);
        return IdentityPages.FormPost(answer, PageSecurity.AllowOneScript(context));
    }
}

/// <summary>Forms, read without trusting the sender to have sent one.</summary>
internal static class Forms
{
    public static async Task<IFormCollection> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType)
            return FormCollection.Empty;
        try
        {
            return await context.Request.ReadFormAsync(context.RequestAborted);
        }
        catch (Exception e) when (e is InvalidDataException or BadHttpRequestException)
        {
            return FormCollection.Empty;
        }
    }
}
