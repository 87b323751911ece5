using System.Buffers.Text;
using System.Text.Json;
using Postrider.Accounts.Providers;

namespace Postrider.Accounts.Tokens;

/// <summary>Mends the mistake that the portal itself suggests: it lists SMTP.Send under Microsoft Graph, and Exchange's SMTP server refuses tokens
/// for Graph. A refresh token of Microsoft is not bound to a resource, so the same grant may give a token for Exchange.</summary>
internal sealed class AudienceRepair(TokenEndpoint endpoint)
{
    private const string GraphId = "00000003-0000-0000-c000-000000000000";

    /// <returns>What was granted, or better, with the scope that it was granted for.</returns>
    public async Task<(TokenAnswer.Granted Granted, string? WorkingScope)> TryAsync(
        Provider provider, Uri url, IReadOnlyList<ClientProof> proofs, TokenAnswer.Granted granted, CancellationToken cancellation)
    {
        if (provider.Type != ProviderType.Microsoft || !IsForGraph(granted.AccessToken))
            return (granted, null);
        var preset = ProviderCatalog.Of(provider);
        var asApp = provider.Grant == ProviderGrant.ClientCredentials;
        var scope = asApp && preset.AppScope.Length > 0 ? preset.AppScope : preset.Scope;
        if (scope.Length is 0 || scope == provider.ScopeInUse || (!asApp && granted.RefreshToken is null))
            return (granted, null);
        var answer = asApp
            ? await endpoint.ClientCredentialsAsync(provider, url, proofs, scope, cancellation)
            : await endpoint.RefreshAsync(provider, url, proofs, granted.RefreshToken!, scope, cancellation);
        return answer is TokenAnswer.Granted better && !IsForGraph(better.AccessToken)
            ? (better with { RefreshToken = better.RefreshToken ?? granted.RefreshToken, IdToken = better.IdToken ?? granted.IdToken }, scope)
            : (granted, null);
    }

    /// <summary>A token that cannot be read is not judged.</summary>
    internal static bool IsForGraph(string token)
    {
        if (token.Split('.') is not [_, var payload, _])
            return false;
        try
        {
            using var json = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            return json.RootElement.ValueKind is JsonValueKind.Object && json.RootElement.TryGetProperty("aud", out var audience) && audience.ValueKind is JsonValueKind.String
                && audience.GetString() is { } name && (name == GraphId || (Uri.TryCreate(name, UriKind.Absolute, out var resource)
                    && (resource.Host.Contains("graph.microsoft", StringComparison.OrdinalIgnoreCase) || resource.Host.StartsWith("microsoftgraph.", StringComparison.OrdinalIgnoreCase))));
        }
        catch (Exception unreadable) when (unreadable is FormatException or JsonException)
        {
            return false;
        }
    }
}
