using System.Globalization;

namespace Postrider.Simulator;

/// <summary>The pages of the identity platform. All of them work without script.</summary>
internal static class IdentityPages
{
    public static IResult Accounts(string action, Application application, IEnumerable<Account> accounts, string? hint, string? userCode = null)
    {
        // The hinted account comes first, so that Enter takes it.
        var ordered = accounts.OrderByDescending(a => IsHinted(a, hint)).ToList();
        return Page.Show("Pick an account", Html.Of($"""
            <section class="card">
            <h1>Pick an account</h1>
            <p>to continue to <strong>{application.DisplayName}</strong></p>
            {(ordered.Count == 0 ? Html.Of($"<p class=\"bad\">This tenant has no accounts.</p>") : Html.None)}
            <form method="post" action="{action}">
            {Hidden("user_code", userCode)}<ul class="accounts">
            {Html.Join(ordered.Select(a => Html.Of($"""
                <li><button name="account" value="{a.Address}"{(IsHinted(a, hint) ? new Html(" class=\"hinted\" autofocus") : Html.None)}>{a.DisplayName}<small>{a.Address}</small></button></li>

                """)))}</ul>
            </form>
            </section>
            """));
    }

    public static IResult Consent(string action, Application application, Account account, IEnumerable<string> scopes, string? userCode = null) =>
        Page.Show("Permissions requested", Html.Of($"""
            <section class="card">
            <p class="dim">{account.Address}</p>
            <h1>Permissions requested</h1>
            <p><strong>{application.DisplayName}</strong> would like to:</p>
            <ul>
            {Html.Join(scopes.Select(s => Html.Of($"<li>{Meaning(s)}<br><code class=\"dim\">{s}</code></li>\n")))}</ul>
            <form method="post" action="{action}">
            {Hidden("user_code", userCode)}{Hidden("account", account.Address)}<div class="row">
            <button class="main" name="decision" value="accept">Accept</button>
            <button name="decision" value="cancel">Cancel</button>
            </div>
            </form>
            </section>
            """));

    public static IResult AdminConsent(string action, Application application, Tenant tenant, IEnumerable<string> scopes) =>
        Page.Show("Permissions requested", Html.Of($"""
            <section class="card">
            <p class="dim">Administrator of {tenant.Domain}</p>
            <h1>Permissions requested: accept for your organization</h1>
            <p><strong>{application.DisplayName}</strong> would like, for every account:</p>
            <ul>
            {Html.Join(scopes.Select(s => Html.Of($"<li>{Meaning(s)}<br><code class=\"dim\">{s}</code></li>\n")))}</ul>
            <form method="post" action="{action}">
            <div class="row">
            <button class="main" name="decision" value="accept">Accept</button>
            <button name="decision" value="cancel">Cancel</button>
            </div>
            </form>
            </section>
            """));

    public static IResult DeviceCode(string action, string? userCode, string? problem) =>
        Page.Show("Enter code", Html.Of($"""
            <section class="card">
            <h1>Enter code</h1>
            <p>Type the code that your application or device shows.</p>
            {(problem is null ? Html.None : Html.Of($"<p class=\"bad\">{problem}</p>"))}
            <form method="post" action="{action}">
            <label for="user_code">Code</label><br>
            <input type="text" id="user_code" name="user_code" value="{userCode}" autocomplete="off" autofocus required>
            <div class="row"><button class="main">Next</button></div>
            </form>
            </section>
            """));

    public static IResult Done(string title, string text) =>
        Page.Show(title, Html.Of($"""<section class="card"><h1>{title}</h1><p>{text}</p></section>"""));

    public static IResult Error(AadError error) =>
        Page.Show("Sorry, but we're having trouble signing you in", Html.Of($"""
            <section class="card">
            <h1>Sorry, but we’re having trouble signing you in.</h1>
            <p class="bad">{error.Describe()}</p>
            <p class="dim">Error code: {error.Code.ToString(CultureInfo.InvariantCulture)}. Trace ID: {Guid.NewGuid()}</p>
            </section>
            """), status: 400);

    /// <summary>The answer as a form that sends itself; without script a person presses the button.</summary>
    public static IResult FormPost(AuthorizeAnswer answer, string nonce) =>
        Page.Show("Continue", Html.Of($"""
            <form id="answer" method="post" action="{answer.RedirectUri}">
            {Html.Join(answer.Fields.Select(f => Hidden(f.Key, f.Value)))}<p>Back to the application.</p>
            <button class="main">Continue</button>
            </form>
            <script nonce="{nonce}">document.getElementById("answer").submit()</script>
            """));

    private static bool IsHinted(Account account, string? hint) => account.Address.Equals(hint, StringComparison.OrdinalIgnoreCase);

    private static Html Hidden(string name, string? value) =>
        value is null ? Html.None : Html.Of($"<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n");

    private static string Meaning(string scope) => scope switch
    {
        "openid" => "Sign you in",
        "profile" => "See your basic profile",
        "email" => "See your email address",
        "offline_access" => "Keep the access you have given it",
        _ when scope.EndsWith("SMTP.Send", StringComparison.OrdinalIgnoreCase) => "Send emails from your mailbox using SMTP AUTH",
        ScopeRequest.GoogleMail => "Read, compose, send and permanently delete all your email",
        _ => scope[(scope.LastIndexOf('/') + 1)..],
    };
}
