using Postrider.Accounts;
using Postrider.Server.Console.People;
using Postrider.Server.Console.ProviderSetup;

namespace Postrider.Server.Console.Pages.Providers.Setup;

/// <summary>Step 4: somebody signs in, or the application proves itself.</summary>
[Needs(Right.Own)]
internal sealed class ConnectModel(SetupDrafts drafts, ProviderActs acts, AccountsOptions options) : SetupProviderPage(drafts, acts, options)
{
    protected override SetupStep Step => SetupStep.Connect;
}
