using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Postrider.Accounts;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Watch;
using Postrider.Mail;
using Postrider.Mail.Alerts;
using Postrider.Mail.Queue;
using Postrider.Mail.Tracking;
using Postrider.Storage;
using Postrider.Tests.Postgres;

namespace Postrider.Tests.Alerts;

/// <summary>The rooms for accounts and mail on a real database, with a clock to move and no worker running: a test looks when it wants.</summary>
internal sealed class TestAlerts : IAsyncDisposable
{
    private readonly string directory;
    private readonly ServiceProvider services;

    private TestAlerts(string directory, ServiceProvider services, Database database) => (this.directory, this.services, Database) = (directory, services, database);

    public Database Database { get; }
    public FakeTimeProvider Clock { get; private init; } = null!;
    public ProviderDirectory Providers => Get<ProviderDirectory>();
    public Incidents Incidents => Get<Incidents>();
    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public T Get<T>() where T : notnull => services.GetRequiredService<T>();

    public static async Task<TestAlerts> StartAsync(Action<AlertOptions>? options = null)
    {
        var directory = Directory.CreateTempSubdirectory("postrider-alerts-").FullName;
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 5, 4, 10, 0, 0, TimeSpan.Zero));
        var database = await Database.OpenAsync(await TestStorage.NewAsync(Path.Combine(directory, "test.db")), clock, NullLogger<Database>.Instance, Stop);
        var services = new ServiceCollection();
        services.AddLogging().AddSingleton<TimeProvider>(clock).AddSingleton(_ => database);
        services.AddAccounts(new AccountsOptions { KeyDirectory = Path.Combine(directory, "keys"), PublicUrl = new Uri("https://mail.contoso.example") });
        services.AddOptions<MailOptions>().Configure(mail => mail.HostName = "gateway.example");
        services.AddOptions<AlertOptions>().Configure(alerts => options?.Invoke(alerts));
        services.AddMail();
        var alerts = new TestAlerts(directory, services.BuildServiceProvider(), database) { Clock = clock };
        await alerts.Providers.LoadAsync(Stop);
        await alerts.Get<WebhookQueue>().LoadAsync(Stop);
        alerts.Get<MessageEvents>().Follow(alerts.Get<MessageQueue>(), alerts.Get<Reports>());
        return alerts;
    }

    public Task LookAsync() => Get<AlertWatch>().LookAsync(Stop);

    public async Task<Provider> AddAsync(string name, string type = ProviderType.Microsoft, DateTimeOffset? secretEnds = null) => Assert.IsType<ProviderResult.Saved>(await Providers.AddAsync(new ProviderDraft
    {
        Name = name, Type = type, UserName = $"{name}@contoso.example", Tenant = type == ProviderType.Microsoft ? "contoso.example" : "", ClientId = "11111111-2222-3333-4444-555555555555",
        ClientSecret = SecretChange.To("abC8Q~secret"), RefreshToken = SecretChange.To("refresh"), Grant = ProviderGrant.AuthorizationCode, ClientSecretExpiresAt = secretEnds, Limits = ProviderCatalog.NoLimitsGiven,
    }, Stop)).Provider;

    public async Task<IReadOnlyList<string>> EventsAsync() => await Database.ReadAsync(session => session.QueryAsync<string>("select type from feed order by id"), Stop);

    public Task BreakAsync(Provider provider) => Get<ProviderStates>().NeedsAttentionAsync(provider.Id, "The grant was revoked.", "Connect it again.", null);

    public async Task<IReadOnlyList<(string Subject, string Provider, string Content)>> MailAsync() =>
        [.. (await Database.ReadAsync(session => session.QueryAsync<MailRow>(
            "select m.subject, m.provider_id, c.bytes from messages m join contents c on c.message_id = m.id where m.source = 'alert' order by m.id")))
            .Select(row => (row.Subject, Providers.Find(row.ProviderId)!.Name, System.Text.Encoding.UTF8.GetString(row.Bytes)))];

    private sealed class MailRow
    {
        public string Subject { get; init; } = "";
        public string ProviderId { get; init; } = "";
        public byte[] Bytes { get; init; } = [];
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await Database.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }
}
