using Postrider.Accounts;
using Postrider.Accounts.Providers;
using Postrider.Mail.Doctor;
using Postrider.Server.Console.Figures;
using Postrider.Server.Console.ProviderSetup;
using Postrider.Server.Hosting;

namespace Postrider.Server.Console.Pages;

/// <summary>What is left to do before the first mail goes out. Each look begins from how things are: one may leave and come back.</summary>
internal sealed class WelcomeModel(InstallationDoctor doctor, ProviderDirectory providers, FlowFigures figures, AccountsOptions accounts) : ConsolePage
{
    public IReadOnlyList<DoctorStep> Steps { get; private set; } = [];

    /// <summary>Where this browser reaches the console.</summary>
    public string CameBy => $"{Request.Scheme}://{Request.Host}";

    /// <summary>Where sign-ins come back to.</summary>
    public string ComesBackTo => accounts.PublicUrl.GetLeftPart(UriPartial.Authority);

    /// <summary>A browser that came by another address may not reach the one that sign-ins come back to.</summary>
    public bool CameOtherwise => !string.Equals(CameBy, ComesBackTo, StringComparison.OrdinalIgnoreCase);

    /// <summary>One that mail can go through, else the first that there is.</summary>
    public Provider? Provider { get; private set; }
    public bool IsConnected => Provider?.State == ProviderState.Ready;
    public bool HasSent { get; private set; }

    public string Next => Provider is null ? "~/providers/add" : "~" + ProviderPaths.Of(Provider);

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Steps = await doctor.FirstAsync(cancellation);
        Provider = providers.All.OrderBy(provider => provider.State == ProviderState.Ready ? 0 : 1).FirstOrDefault();
        HasSent = (await figures.GetAsync(cancellation)).Sent > 0;
    }
}
