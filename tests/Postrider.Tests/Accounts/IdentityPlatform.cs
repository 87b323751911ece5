using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Postrider.Tests.Accounts;

/// <summary>A pretend token endpoint: it rotates refresh tokens, writes down what it was sent, and answers as it is told.</summary>
internal sealed class IdentityPlatform : HttpMessageHandler
{
    private int issued;

    public ConcurrentQueue<Dictionary<string, StringValues>> Requests { get; } = [];
    public ConcurrentQueue<string> Bodies { get; } = [];
    public ConcurrentQueue<string> Authorizations { get; } = [];
    public CapturedLog Log { get; } = new();

    /// <summary>Instead of a token; null gives one.</summary>
    public Func<Dictionary<string, StringValues>, CancellationToken, Task<HttpResponseMessage>>? Answer { get; set; }
    public bool Rotates { get; set; } = true;
    public int Lifetime { get; set; } = 3600;
    public string? IdToken { get; set; }
    public string? Scope { get; set; } = "https://outlook.office.com/SMTP.Send";
    public Dictionary<string, string> Documents { get; } = [];

    /// <summary>When set, completes when a document is asked for, and the answer never comes.</summary>
    public TaskCompletionSource? Silence { get; set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method == HttpMethod.Get && Silence is { } asked)
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        if (request.Method == HttpMethod.Get)
            return Documents.TryGetValue(request.RequestUri!.AbsoluteUri, out var document) ? Json(HttpStatusCode.OK, document) : new(HttpStatusCode.NotFound);
        var body = await request.Content!.ReadAsStringAsync(cancellationToken);
        var form = QueryHelpers.ParseQuery(body);
        Bodies.Enqueue(body);
        if (request.Headers.Authorization is { } authorization)
            Authorizations.Enqueue(authorization.ToString());
        Requests.Enqueue(form);
        return Answer is null ? Token() : await Answer(form, cancellationToken);
    }

    public HttpResponseMessage Token(string? accessToken = null)
    {
        var number = Interlocked.Increment(ref issued);
        return Json(HttpStatusCode.OK, JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            ["token_type"] = "Bearer", ["access_token"] = accessToken ?? $"access-{number}", ["expires_in"] = Lifetime, ["scope"] = Scope,
            ["refresh_token"] = Rotates ? $"refresh-{number}" : null, ["id_token"] = IdToken,
        }));
    }

    public void Answers(HttpStatusCode status, string body, string type = "application/json", string? retryAfter = null) =>
        Answer = (_, _) =>
        {
            var response = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, type) };
            if (retryAfter is not null)
                response.Headers.Add("Retry-After", retryAfter);
            return Task.FromResult(response);
        };

    public void Refuses(string error, string description = "") =>
        Answers(error == "invalid_client" ? HttpStatusCode.Unauthorized : HttpStatusCode.BadRequest, JsonSerializer.Serialize(new { error, error_description = description }));

    public static string Jwt(string claims) => $"e30.{System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.sig";

    private static HttpResponseMessage Json(HttpStatusCode status, string body) => new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
}

/// <summary>Every line that was logged.</summary>
internal sealed class CapturedLog : ILoggerProvider
{
    public ConcurrentQueue<string> Lines { get; } = [];

    public ILogger CreateLogger(string categoryName) => new Logger(Lines);

    public void Dispose() { }

    private sealed class Logger(ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => true;
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{eventId.Id} {formatter(state, exception)} {exception}");
    }
}
