using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Postrider.Accounts.Tokens;
using Postrider.Storage;

namespace Postrider.Mail.Alerts;

/// <param name="Status">Null when no answer came.</param>
/// <param name="Error">Null when the receiver took it.</param>
internal sealed record WebhookAnswer(int? Status, string? Error)
{
    public bool Ok => Error is null;
}

/// <summary>One request to a receiver, signed as Standard Webhooks asks: <c>webhook-id</c>, <c>webhook-timestamp</c>, and
/// <c>webhook-signature</c> with HMAC-SHA256 over the three
/// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).</summary>
internal sealed class WebhookPost(IHttpClientFactory clients, Database database, TokenVault vault, TimeProvider time, IOptions<AlertOptions> options)
{
    public const string HttpClientName = "Postrider.Webhooks";

    public async Task<WebhookAnswer> SendAsync(Webhook webhook, string id, string payload, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(options.Value.WebhookTimeout);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url) { Content = new StringContent(payload, Encoding.UTF8, "application/json") };
            var timestamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            request.Headers.Add("webhook-id", id);
            request.Headers.Add("webhook-timestamp", timestamp);
            request.Headers.Add("webhook-signature", string.Join(' ', (await KeysAsync(webhook.Id, cancellation)).Select(key => Sign(key, id, timestamp, payload))));
            request.Headers.UserAgent.ParseAdd("Postrider");
            using var client = clients.CreateClient(HttpClientName);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var status = (int)response.StatusCode;
            return status switch
            {
                >= 200 and < 300 => new(status, null),
                >= 300 and < 400 => new(status, $"The receiver answered {status}, a redirect. Redirects are not followed: enter the address that it leads to."),
                _ => new(status, $"The receiver answered {status} {response.ReasonPhrase}."),
            };
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new(null, $"No answer within {options.Value.WebhookTimeout.TotalSeconds:0} s.");
        }
        catch (HttpRequestException wrong)
        {
            return new(null, wrong.InnerException is AddressRefusedException refused ? refused.Message : wrong.Message);
        }
        catch (TokenVaultException wrong)
        {
            return new(null, wrong.Message);
        }
    }

    internal static string Sign(byte[] key, string id, string timestamp, string payload) =>
        "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{id}.{timestamp}.{payload}")));

    private async Task<List<byte[]>> KeysAsync(string id, CancellationToken cancellation)
    {
        var row = await database.ReadAsync(session => session.SingleAsync<WebhookRow>("select * from webhooks where id = @id", new { id }), cancellation);
        List<byte[]> keys = [Webhooks.Key(vault.Open(Webhooks.Place(id), row.Secret))];
        if (row.PreviousSecret is { } before && row.PreviousUntil > time.GetUtcNow().ToUnixTimeMilliseconds())
            keys.Add(Webhooks.Key(vault.Open(Webhooks.PreviousPlace(id), before)));
        return keys;
    }
}
