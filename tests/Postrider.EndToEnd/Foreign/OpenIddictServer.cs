using System.Security.Claims;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Postrider.EndToEnd.Foreign;

/// <summary>An identity platform that is not ours, as strict as it can be set: PKCE for everybody, refresh tokens that work once and whose reuse
/// revokes the grant at once, access tokens that nobody but itself can read. Discovery, <c>iss</c> in its answers, sign-in on another device.</summary>
internal sealed class OpenIddictServer : IAsyncDisposable
{
    public const string Confidential = "postrider", Public = "postrider-public", Certified = "postrider-certified", Secret = "a s3cret +/=&% of the application", Scope = "smtp";

    /// <summary>Who asks about tokens.</summary>
    private const string Resource = "mail", ResourceSecret = "mail-secret";

    // Its own would be made anew by each, and take longer than all the rest.
    private static readonly SymmetricSecurityKey EncryptionKey = new(RandomNumberGenerator.GetBytes(32));
    private static readonly RsaSecurityKey SigningKey = new(RSA.Create(2048).ExportParameters(includePrivateParameters: true)) { KeyId = "one" };

    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;
    private readonly WebApplication app;

    private readonly SqliteConnection database;

    private OpenIddictServer(WebApplication app, SqliteConnection database) => (this.app, this.database) = (app, database);

    public Uri Issuer => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>Who is signed in at the browser that comes to the sign-in page, and who types a code.</summary>
    public string Account { get; set; } = "noreply@contoso.example";

    public List<string> Grants { get; } = [];

    /// <summary>Of the access tokens that come.</summary>
    public TimeSpan AccessTokenLife { get; set; } = TimeSpan.FromHours(1);

    /// <summary>For a server that asks what a token is worth (RFC 7662).</summary>
    public Uri Introspection => new UriBuilder(Issuer) { Path = "connect/introspect", UserName = Resource, Password = ResourceSecret }.Uri;

    /// <param name="accessTokenLife">Short, so that refreshes come.</param>
    public static async Task<OpenIddictServer> StartAsync(string redirectUri, TimeSpan? accessTokenLife = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        // A database in memory lives as long as a connection to it is open.
        var database = new SqliteConnection($"Data Source={Guid.NewGuid()};Mode=Memory;Cache=Shared");
        await database.OpenAsync();
        builder.Services.AddDbContext<DbContext>(options => options.UseSqlite(database.ConnectionString).UseOpenIddict());
        builder.Services.AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<DbContext>())
            .AddServer(server =>
            {
                server.SetAuthorizationEndpointUris("connect/authorize").SetTokenEndpointUris("connect/token").SetIntrospectionEndpointUris("connect/introspect")
                    .SetDeviceAuthorizationEndpointUris("connect/device").SetEndUserVerificationEndpointUris("connect/verify").SetRevocationEndpointUris("connect/revoke");
                server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange().AllowRefreshTokenFlow().AllowClientCredentialsFlow().AllowDeviceAuthorizationFlow();
                server.SetRefreshTokenReuseLeeway(TimeSpan.Zero);
                server.RegisterScopes(Scope, Scopes.OfflineAccess);
                server.AddEncryptionKey(EncryptionKey).AddSigningKey(SigningKey);
                server.UseAspNetCore().DisableTransportSecurityRequirement().EnableAuthorizationEndpointPassthrough().EnableTokenEndpointPassthrough().EnableEndUserVerificationEndpointPassthrough();
            });
        var platform = new OpenIddictServer(builder.Build(), database);
        platform.AccessTokenLife = accessTokenLife ?? platform.AccessTokenLife;
        platform.Map();
        await platform.app.StartAsync();
        await platform.RegisterAsync(redirectUri);
        return platform;
    }

    /// <summary>Lets an application prove itself with this certificate (private_key_jwt).</summary>
    public async Task TrustAsync(X509Certificate2 certificate)
    {
        using var scope = app.Services.CreateScope();
        var applications = scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>();
        var application = (await applications.FindByClientIdAsync(Certified))!;
        var descriptor = new OpenIddictApplicationDescriptor();
        await applications.PopulateAsync(descriptor, application);
        descriptor.JsonWebKeySet = new JsonWebKeySet();
        var key = JsonWebKeyConverter.ConvertFromX509SecurityKey(new X509SecurityKey(certificate), representAsRsaKey: true);
        key.X5tS256 = Base64UrlEncoder.Encode(certificate.GetCertHash(HashAlgorithmName.SHA256));
        descriptor.JsonWebKeySet.Keys.Add(key);
        await applications.UpdateAsync(application, descriptor);
    }

    /// <summary>A refresh with a token that was stolen: one that was used before revokes the grant.</summary>
    public async Task<string> RefreshAsync(string refreshToken)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsync(new Uri(Issuer, "connect/token"), new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "refresh_token", ["refresh_token"] = refreshToken, ["client_id"] = Confidential, ["client_secret"] = Secret,
        }));
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>Types the code that a device shows.</summary>
    public async Task TypeAsync(string userCode)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsync(new Uri(Issuer, "connect/verify"), new FormUrlEncodedContent(new Dictionary<string, string> { ["user_code"] = userCode }));
        answer.EnsureSuccessStatusCode();
    }

    private void Map()
    {
        app.MapMethods("connect/authorize", ["GET", "POST"], (HttpContext context) => SignIn(context.GetOpenIddictServerRequest()!.GetScopes(), Account));
        app.MapPost("connect/verify", async (HttpContext context) => (await context.AuthenticateAsync(Scheme)).Principal is { } asked && asked.GetClaim(Claims.ClientId) is not null
            ? SignIn(asked.GetScopes(), Account) : Results.BadRequest());
        app.MapPost("connect/token", async (HttpContext context) =>
        {
            var request = context.GetOpenIddictServerRequest()!;
            lock (Grants)
                Grants.Add(request.GrantType!);
            return request.IsClientCredentialsGrantType() ? SignIn(request.GetScopes(), Account)
                : (await context.AuthenticateAsync(Scheme)).Principal is { } granted ? SignIn(granted.GetScopes(), granted.GetClaim(Claims.Subject)!, granted) : Results.Forbid();
        });
    }

    private IResult SignIn(IEnumerable<string> scopes, string account, ClaimsPrincipal? granted = null)
    {
        var identity = granted is null ? new ClaimsIdentity("test", Claims.Name, Claims.Role) : new ClaimsIdentity(granted.Claims, "test", Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, account).SetClaim(Claims.Name, account).SetClaim(Claims.Email, account).SetClaim(Claims.PreferredUsername, account);
        identity.SetScopes(scopes).SetResources(Resource).SetDestinations(_ => [Destinations.AccessToken, Destinations.IdentityToken]);
        return Results.SignIn(new ClaimsPrincipal(identity).SetAccessTokenLifetime(AccessTokenLife), authenticationScheme: Scheme);
    }

    private async Task RegisterAsync(string redirectUri)
    {
        using var scope = app.Services.CreateScope();
        await scope.ServiceProvider.GetRequiredService<DbContext>().Database.EnsureCreatedAsync();
        var applications = scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>();
        OpenIddictApplicationDescriptor Application(string id, string? secret)
        {
            var application = new OpenIddictApplicationDescriptor { ClientId = id, ClientSecret = secret, ClientType = id == Public ? ClientTypes.Public : ClientTypes.Confidential, RedirectUris = { new Uri(redirectUri) } };
            application.Permissions.UnionWith([
                Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.Endpoints.DeviceAuthorization, Permissions.Endpoints.Revocation,
                Permissions.GrantTypes.AuthorizationCode, Permissions.GrantTypes.RefreshToken, Permissions.GrantTypes.DeviceCode, Permissions.ResponseTypes.Code, Permissions.Prefixes.Scope + Scope,
            ]);
            if (id != Public)
                application.Permissions.Add(Permissions.GrantTypes.ClientCredentials);
            return application;
        }
        await applications.CreateAsync(Application(Confidential, Secret));
        await applications.CreateAsync(Application(Public, null));
        await applications.CreateAsync(Application(Certified, "not used"));
        await applications.CreateAsync(new OpenIddictApplicationDescriptor { ClientId = Resource, ClientSecret = ResourceSecret, Permissions = { Permissions.Endpoints.Introspection } });
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        await database.DisposeAsync();
    }
}
