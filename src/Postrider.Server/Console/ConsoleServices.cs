using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ApplicationParts;
using Postrider.Accounts.Sealing;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.Connecting;
using Postrider.Server.Console.Figures;
using Postrider.Server.Console.People;
using Postrider.Server.Console.People.Passkeys;
using Postrider.Server.Console.People.SingleSignOn;
using Postrider.Server.Console.ProviderSetup;
using Postrider.Server.Console.Reading;

namespace Postrider.Server.Console;

/// <summary>Puts the console together.</summary>
internal static class ConsoleServices
{
    public static void AddConsole(this IServiceCollection services, OidcOptions oidc)
    {
        services.AddSingleton(oidc);
        services.AddSingleton<PeopleDirectory>().AddSingleton<Sessions>().AddSingleton<OneTimeLinks>().AddSingleton<SignInRates>()
            .AddSingleton<SignIns>().AddSingleton<HalfSignIn>().AddSingleton<TotpCodes>().AddSingleton<PasskeyStore>().AddSingleton<PasskeySignIn>().AddSingleton(new SealedColumn("people", "id", "totp_secret"))
            .AddSingleton<AuditLog>().AddSingleton<AuditKeys>().AddSingleton<AuditChain>().AddSingleton<AuditExport>().AddSingleton<AuditHead>().AddSingleton(new SealedColumn("audit_keys", "id", "secret"))
            .AddSingleton<Accounts.Watch.IFindingSource>(all => all.GetRequiredService<AuditHead>()).AddHostedService(all => all.GetRequiredService<AuditHead>()).AddSingleton<FlowFigures>()
            .AddSingleton<DoorAddresses>().AddSingleton<Snippets>().AddSingleton<Instructions>().AddSingleton<CsvExport>().AddSingleton<RecentActs>().AddSingleton<SavedViews>().AddSingleton<MessageReader>()
            .AddSingleton<ProviderForms>().AddSingleton<SetupDrafts>().AddSingleton<DoctorRuns>().AddSingleton<ProviderActs>().AddSingleton<HandingIn>().AddSingleton<ProviderFailures>().AddSingleton<ProviderRows>();
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, ConsoleAuthentication>(ConsoleAuthentication.SchemeName, null).AddOidc(oidc);
        services.AddAuthorizationBuilder().AddPolicy(ConsoleAuthentication.SchemeName, policy => policy.AddAuthenticationSchemes(ConsoleAuthentication.SchemeName).RequireAuthenticatedUser());
        services.Configure<Microsoft.Extensions.WebEncoders.WebEncoderOptions>(pages => pages.TextEncoderSettings = Ui.Part.Letters());
        services.AddAntiforgery(forms => forms.Cookie.Name = "postrider-form");
        services.AddRazorPages(pages =>
        {
            pages.RootDirectory = "/Console/Pages";
            pages.Conventions.AuthorizeFolder("/", ConsoleAuthentication.SchemeName);
            pages.Conventions.AllowAnonymousToPage("/SignIn");
            pages.Conventions.AllowAnonymousToPage("/SignInCode");
            pages.Conventions.AllowAnonymousToPage("/Setup");
            pages.Conventions.AllowAnonymousToPage("/Language");
        }).ConfigureApplicationPartManager(parts =>
        {
            // There are pages and nothing else: looking for controllers would load every type of ours and of what knows MVC.
            parts.ApplicationParts.Clear();
            parts.ApplicationParts.Add(new CompiledRazorAssemblyPart(typeof(ConsoleServices).Assembly));
        }).AddMvcOptions(mvc => mvc.Filters.Add(new RoleGate()));
    }
}
