using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Postrider.EndToEnd.Running;

/// <summary>An OpenID Connect provider that vouches for whoever it is told to, and checks what is asked of it: PKCE, the secret, the redirect.</summary>
internal sealed class OidcProvider : IAsyncDisposable
{
    public const string ClientId = "postrider-console", Secret = "the secret of the console";

    private readonly WebApplication app;
    private readonly RsaSecurityKey key = new(RSA.Create(2048)) { KeyId = "one" };
    private readonly ConcurrentDictionary<string, (string Nonce, string Challenge, string Redirect)> codes = new();

    private OidcProvider(WebApplication app) => this.app = app;

    public string Issuer => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>What it says of who is signed in there.</summary>
    public Dictionary<string, object> Claims { get; set; } = [];

    /// <summary>In the place of the nonce that was asked for.</summary>
    public string? ForgedNonce { get; set; }

    /// <summary>The last request to sign in.</summary>
    public IQueryCollection? Asked { get; private set; }

    public static async Task<OidcProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var provider = new OidcProvider(builder.Build());
        provider.Map();
        await provider.app.StartAsync();
        return provider;
    }

    public Dictionary<string, string> Settings => new()
    {
        ["POSTRIDER__Console__Oidc__Authority"] = Issuer, ["POSTRIDER__Console__Oidc__ClientId"] = ClientId, ["POSTRIDER__Console__Oidc__ClientSecret"] = Secret, ["POSTRIDER__Console__Oidc__Name"] = "Company",
    };

    private void Map()
    {
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new Dictionary<string, object>
        {
            ["issuer"] = Issuer, ["authorization_endpoint"] = Issuer + "/authorize", ["token_endpoint"] = Issuer + "/token", ["jwks_uri"] = Issuer + "/keys",
            ["response_types_supported"] = new[] { "code" }, ["subject_types_supported"] = new[] { "public" }, ["id_token_signing_alg_values_supported"] = new[] { "RS256" },
        }));
        app.MapGet("/keys", () =>
        {
            var open = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(key.Rsa.ExportParameters(false)) { KeyId = key.KeyId });
            return Results.Json(new { keys = new[] { new { kty = open.Kty, n = open.N, e = open.E, kid = open.Kid, use = "sig", alg = "RS256" } } });
        });
        app.MapGet("/authorize", (HttpRequest request) =>
        {
            Asked = request.Query;
            var code = Guid.NewGuid().ToString("N");
            codes[code] = (request.Query["nonce"]!, request.Query["code_challenge"]!, request.Query["redirect_uri"]!);
            return Results.Redirect($"{request.Query["redirect_uri"]}?code={code}&state={Uri.EscapeDataString(request.Query["state"]!)}");
        });
        app.MapPost("/token", async (HttpRequest request) =>
        {
            var form = await request.ReadFormAsync();
            if (!codes.TryRemove(form["code"]!, out var asked) || form["redirect_uri"] != asked.Redirect || form["client_id"] != ClientId || form["client_secret"] != Secret
                || Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"]!))) != asked.Challenge)
                return Results.Json(new { error = "invalid_grant" }, statusCode: 400);
            var token = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = true }.CreateToken(new SecurityTokenDescriptor
            {
                Issuer = Issuer, Audience = ClientId, SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.RsaSha256),
                Claims = new Dictionary<string, object>(Claims) { ["nonce"] = ForgedNonce ?? asked.Nonce },
            });
            return Results.Json(new { access_token = "not-used", token_type = "Bearer", expires_in = 60, id_token = token });
        });
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        key.Rsa.Dispose();
    }
}
