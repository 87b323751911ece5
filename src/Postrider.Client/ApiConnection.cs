using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Postrider.Client;

/// <summary>One request and its answer: the only place that knows the base path and how a refusal looks.</summary>
internal sealed class ApiConnection(HttpClient http)
{
    private const string Base = "api/v1/";

    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> answer, CancellationToken cancellation) =>
        AskAsync(HttpMethod.Get, path, null, answer, cancellation);

    public Task<T> PostAsync<T>(string path, HttpContent? body, JsonTypeInfo<T> answer, CancellationToken cancellation) =>
        AskAsync(HttpMethod.Post, path, body, answer, cancellation);

    public async Task<T> AskAsync<T>(
        HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> answer, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, Base + path) { Content = body };
        return await AskAsync(request, answer, cancellation);
    }

    public async Task<T> AskAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> answer, CancellationToken cancellation)
    {
        using var response = await http.SendAsync(request, cancellation);
        await RefusalAsync(response, cancellation);
        try
        {
            return await response.Content.ReadFromJsonAsync(answer, cancellation) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new PostriderException(NotOurs(response));
        }
    }

    public async Task DeleteAsync(string path, CancellationToken cancellation)
    {
        using var response = await http.DeleteAsync(new Uri(Base + path, UriKind.Relative), cancellation);
        await RefusalAsync(response, cancellation);
    }

    /// <summary>The answer as it came; the caller disposes it.</summary>
    public async Task<HttpResponseMessage> OpenAsync(string path, CancellationToken cancellation)
    {
        var response = await http.GetAsync(
            new Uri(Base + path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellation);
        await RefusalAsync(response, cancellation);
        return response;
    }

    public static HttpContent Json<T>(T body, JsonTypeInfo<T> type) => JsonContent.Create(body, type);

    /// <summary>A request whose path differs by a header or a body that is not JSON.</summary>
    public static HttpRequestMessage Post(string path, HttpContent body) =>
        new(HttpMethod.Post, Base + path) { Content = body };

    private static async Task RefusalAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.IsSuccessStatusCode)
            return;
        throw new PostriderException(await ProblemAsync(response, cancellation));
    }

    private static async Task<Problem> ProblemAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (!IsJson(response.Content.Headers.ContentType))
            return NotOurs(response);
        try
        {
            var problem = await response.Content.ReadFromJsonAsync(PostriderJson.Default.Problem, cancellation);
            return problem is null ? NotOurs(response) : problem with { Status = (int)response.StatusCode };
        }
        catch (JsonException)
        {
            return NotOurs(response);
        }
    }

    // A proxy in between, or another program on the port, answers in its own way: its page would only confuse.
    private static Problem NotOurs(HttpResponseMessage response) => new()
    {
        Title = response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => "The key was refused.",
            HttpStatusCode.Forbidden => "The key does not allow this.",
            HttpStatusCode.NotFound => "There is no such thing.",
            _ => $"{response.RequestMessage?.RequestUri} did not answer as Postrider does.",
        },
        Status = (int)response.StatusCode,
        Detail = $"It answered {(int)response.StatusCode} {response.ReasonPhrase} "
            + $"with {response.Content.Headers.ContentType?.MediaType ?? "no content type"}.",
    };

    private static bool IsJson(MediaTypeHeaderValue? type) =>
        type?.MediaType is "application/problem+json" or "application/json";
}
