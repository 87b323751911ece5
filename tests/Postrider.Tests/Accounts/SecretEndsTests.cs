using Postrider.Accounts.Providers;
using Postrider.Accounts.Watch;
using Postrider.Simulator;

namespace Postrider.Tests.Accounts;

/// <summary>Where an application may look at itself, nobody has to write down when its secret ends.</summary>
public class SecretEndsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_end_is_read_from_the_application_and_warned_of()
    {
        await using var world = await World.StartAsync("Application.Read.All");
        var end = world.Accounts.Clock.GetUtcNow().AddDays(10);
        world.SecretsEnd(end, another: world.Accounts.Clock.GetUtcNow().AddDays(3));
        var provider = await world.AddAsync();
        Assert.Null(provider.ClientSecretExpiresAt);

        await world.LookAsync();
        var told = world.Accounts.Providers.Find(provider.Id)!;
        Assert.Equal((end, provider.Version), (told.ClientSecretExpiresAt, told.Version));
        var finding = Assert.Single(await new SecretFindings(world.Accounts.Providers, world.Accounts.Clock).LookAsync(Stop));
        Assert.Contains("in 10 days", finding.Title, StringComparison.Ordinal);
        Assert.DoesNotContain(world.Accounts.Platform.Log.Lines, line => line.Contains(Seed.ClientSecret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_entered_by_hand_is_corrected()
    {
        await using var world = await World.StartAsync("Application.Read.All");
        var end = world.Accounts.Clock.GetUtcNow().AddDays(200);
        world.SecretsEnd(end);
        var provider = await world.AddAsync(entered: end.AddDays(-100));
        await world.LookAsync();
        Assert.Equal(end, world.Accounts.Providers.Find(provider.Id)!.ClientSecretExpiresAt);
    }

    [Fact]
    public async Task Without_the_permission_it_stays_as_entered_and_is_asked_once_a_week_and_after_a_change()
    {
        await using var world = await World.StartAsync();
        var entered = world.Accounts.Clock.GetUtcNow().AddDays(90);
        world.SecretsEnd(world.Accounts.Clock.GetUtcNow().AddDays(5));
        var provider = await world.AddAsync(entered);
        await world.LookAsync();
        await world.LookAsync();
        Assert.Equal((entered, ProviderState.Ready), (world.Accounts.Providers.Find(provider.Id)!.ClientSecretExpiresAt, world.Accounts.Providers.Find(provider.Id)!.State));
        Assert.Equal(1, world.Asked);
        Assert.Contains(world.Accounts.Platform.Log.Lines, line => line.Contains("Graph answered 403", StringComparison.Ordinal));

        world.Accounts.Clock.Advance(TimeSpan.FromDays(7));
        await world.LookAsync();
        Assert.Equal(2, world.Asked);
        Assert.IsType<ProviderResult.Saved>(await world.Accounts.Providers.ReplaceAsync(provider.Id, world.Draft(entered), null, Stop));
        await world.LookAsync();
        Assert.Equal(3, world.Asked);
    }

    [Theory]
    [InlineData("common", ProviderType.Microsoft)]
    [InlineData("contoso.example", ProviderType.OAuth2)]
    public async Task Who_cannot_know_is_not_asked(string tenant, string type)
    {
        await using var world = await World.StartAsync("Application.Read.All");
        world.SecretsEnd(world.Accounts.Clock.GetUtcNow().AddDays(10));
        await world.AddAsync(with: draft => draft with
        {
            Tenant = type == ProviderType.Microsoft ? tenant : "", Type = type, Grant = ProviderGrant.AuthorizationCode, Address = "smtp.example.org", Scope = type == ProviderType.Microsoft ? draft.Scope : "mail",
        });
        await world.LookAsync();
        Assert.Equal(0, world.Asked);
    }

    [Theory]
    [InlineData("https://login.microsoftonline.com", "", "https://graph.microsoft.com/", "https://graph.microsoft.com/.default")]
    [InlineData("https://login.microsoftonline.us", "", "https://graph.microsoft.us/", "https://graph.microsoft.us/.default")]
    [InlineData("https://login.microsoftonline.us", "microsoft-dod", "https://dod-graph.microsoft.us/", "https://dod-graph.microsoft.us/.default")]
    [InlineData("https://login.partner.microsoftonline.cn", "", "https://microsoftgraph.chinacloudapi.cn/", "https://microsoftgraph.chinacloudapi.cn/.default")]
    public void Each_cloud_has_a_Graph_of_its_own(string authority, string preset, string address, string scope)
    {
        var provider = new ProviderSettings { Authority = authority, Preset = preset };
        Assert.Equal((new Uri(address), scope), (MicrosoftCloud.Of(provider).GraphAddress(provider), MicrosoftCloud.Of(provider).GraphScope));
    }

    /// <summary>The rooms of an account against the simulator's identity platform and Graph, over real HTTP.</summary>
    private sealed class World : IAsyncDisposable
    {
        private readonly SimulatorApp simulator;

        private World(TestAccounts accounts, SimulatorApp simulator) => (Accounts, this.simulator) = (accounts, simulator);

        public TestAccounts Accounts { get; }

        public long Asked => simulator.State.Counters.Read().TokenRequests.GetValueOrDefault("client_credentials");

        public static async Task<World> StartAsync(params string[] roles)
        {
            var accounts = await TestAccounts.StartAsync(network: new SocketsHttpHandler { AllowAutoRedirect = false });
            var simulator = await SimulatorApp.StartAsync(new SimulatorOptions { Time = accounts.Clock }, Stop);
            simulator.State.Directory.Add(simulator.State.Directory.FindApplication(Seed.ClientId.ToString())! with { GraphRoles = roles });
            return new(accounts, simulator);
        }

        public void SecretsEnd(DateTimeOffset ours, DateTimeOffset? another = null) =>
            simulator.State.Directory.Add(simulator.State.Directory.FindApplication(Seed.ClientId.ToString())! with
            {
                Secrets = [new ApplicationSecret { Value = "Oth8Q~of another program", ExpiresAt = another ?? ours.AddDays(-1) }, new ApplicationSecret { Value = Seed.ClientSecret, ExpiresAt = ours }],
            });

        public ProviderDraft Draft(DateTimeOffset? entered) => TestAccounts.Microsoft() with
        {
            Authority = simulator.HttpUrl.GetLeftPart(UriPartial.Authority), Tenant = Seed.TenantDomain, ClientId = Seed.ClientId.ToString(), Grant = ProviderGrant.ClientCredentials,
            ClientSecret = SecretChange.To(Seed.ClientSecret), ClientSecretExpiresAt = entered,
        };

        public Task<Provider> AddAsync(DateTimeOffset? entered = null, Func<ProviderDraft, ProviderDraft>? with = null) => Accounts.AddAsync((with ?? (draft => draft))(Draft(entered)));

        public Task LookAsync() => Accounts.Get<SecretEnds>().LookAsync(Stop);

        public async ValueTask DisposeAsync()
        {
            await simulator.DisposeAsync();
            await Accounts.DisposeAsync();
        }
    }
}
