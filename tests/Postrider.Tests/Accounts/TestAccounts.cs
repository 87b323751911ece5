using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Postrider.Accounts;
using Postrider.Accounts.Consent;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Sealing;
using Postrider.Accounts.Tokens;
using Postrider.Storage;
using Postrider.Tests.Postgres;

namespace Postrider.Tests.Accounts;

/// <summary>The Accounts room on a real database in a directory of its own, with a pretend identity platform and a clock to move.</summary>
internal sealed class TestAccounts : IAsyncDisposable
{
    public const string Secret = "abC8Q~+/=&% päss", Pasted = "1.pasted+/=&%refresh", Mailbox = "noreply@contoso.example";

    private readonly bool ownsFiles;
    private readonly ServiceProvider services;

    private TestAccounts(string directory, Database database, ServiceProvider services, bool ownsFiles)
    {
        Directory = directory;
        Database = database;
        this.services = services;
        this.ownsFiles = ownsFiles;
    }

    public string Directory { get; }
    private bool shares;

    public Database Database { get; }
    private StorageOptions? Storage { get; init; }
    public IdentityPlatform Platform { get; private init; } = new();
    public FakeTimeProvider Clock { get; private init; } = new(DateTimeOffset.Parse("2026-05-01T10:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
    public ProviderDirectory Providers => Get<ProviderDirectory>();
    public TokenKeeper Tokens => Get<TokenKeeper>();
    public ConsentFlow Consent => Get<ConsentFlow>();
    public CancellationToken Stop => TestContext.Current.CancellationToken;

    public T Get<T>() where T : notnull => services.GetRequiredService<T>();

    public static async Task<TestAccounts> StartAsync(TestAccounts? after = null, string node = "a", Database? shared = null, KeyRingOptions? keyRing = null, HttpMessageHandler? network = null)
    {
        var directory = after?.Directory ?? System.IO.Directory.CreateTempSubdirectory("accounts").FullName;
        var clock = after?.Clock ?? new(DateTimeOffset.Parse("2026-05-01T10:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
        var platform = after?.Platform ?? new();
        var storage = after?.Storage ?? await TestStorage.NewAsync(Path.Combine(directory, "postrider.db"));
        var database = shared ?? await Database.OpenAsync(storage, clock, NullLogger<Database>.Instance, default);
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(platform.Log).SetMinimumLevel(LogLevel.Trace));
        services.AddSingleton<TimeProvider>(clock).AddSingleton(database);
        services.AddAccounts(new AccountsOptions { KeyDirectory = Path.Combine(directory, "keys"), Node = node, KeyRing = keyRing ?? new() });
        services.AddHttpClient(AccountsOptions.HttpClientName).ConfigurePrimaryHttpMessageHandler(() => network ?? platform);
        var accounts = new TestAccounts(directory, database, services.BuildServiceProvider(), after is null) { Platform = platform, Clock = clock, Storage = storage, shares = shared is not null };
        await accounts.Providers.LoadAsync(default);
        return accounts;
    }

    /// <summary>A process that takes the place of this one, which died without a word.</summary>
    public async Task<TestAccounts> RestartAsync(string node = "a", KeyRingOptions? keyRing = null)
    {
        await Database.DisposeAsync();
        return await StartAsync(this, node, keyRing: keyRing);
    }

    public static ProviderDraft Microsoft(string name = "m365") => new()
    {
        Name = name, Type = ProviderType.Microsoft, UserName = Mailbox, Tenant = "contoso.example",
        ClientId = "11111111-2222-3333-4444-555555555555", ClientSecret = SecretChange.To(Secret), Limits = ProviderCatalog.NoLimitsGiven,
    };

    public async Task<Provider> AddAsync(ProviderDraft draft) => Assert.IsType<ProviderResult.Saved>(await Providers.AddAsync(draft, Stop)).Provider;

    public Task<Provider> AddWithTokenAsync(string name = "m365") => AddAsync(Microsoft(name) with { RefreshToken = SecretChange.To(Pasted) });

    public async Task<AccessToken> TokenAsync(string id) => Assert.IsType<TokenResult.Ready>(await Tokens.GetAsync(id, Stop)).Token;

    public Task<T?> ColumnAsync<T>(string sql) => Database.ReadAsync(session => session.FirstOrDefaultAsync<T>(sql));

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        if (!shares)
            await Database.DisposeAsync();
        if (ownsFiles)
            System.IO.Directory.Delete(Directory, recursive: true);
    }
}
