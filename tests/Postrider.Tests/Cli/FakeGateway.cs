using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Postrider.Tests.Cli;

/// <summary>An HTTP server that records what it is asked and answers what a test told it to, in turn; the last answer stays.</summary>
internal sealed class FakeGateway : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<(int Status, string? Body)>> answers = new();

    private FakeGateway(WebApplication app) => this.app = app;

    public string Url { get; private set; } = "";
    public ConcurrentQueue<Asked> Requests { get; } = new();
    public Asked Only => Assert.Single(Requests);

    public static async Task<FakeGateway> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var gateway = new FakeGateway(builder.Build());
        gateway.app.Run(gateway.AnswerAsync);
        await gateway.app.StartAsync();
        gateway.Url = gateway.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return gateway;
    }

    /// <param name="request">Such as <c>GET /api/v1/providers</c>; queries are not compared.</param>
    public FakeGateway Answers(string request, string? body = "{}", int status = 200)
    {
        answers.GetOrAdd(request, _ => new()).Enqueue((status, body));
        return this;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        Requests.Enqueue(new Asked(
            context.Request.Method, context.Request.Path, context.Request.QueryString.Value ?? "",
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body.ToArray()));

        var (status, text) = Next($"{context.Request.Method} {context.Request.Path}");
        context.Response.StatusCode = status;
        if (text is null)
            return;
        context.Response.ContentType = status < 400 ? "application/json" : "application/problem+json";
        await context.Response.WriteAsync(text);
    }

    private (int Status, string? Body) Next(string request)
    {
        if (!answers.TryGetValue(request, out var queue))
            return (404, """{"type":"urn:postrider:problem:not-found","title":"Nobody told the fake an answer."}""");
        if (queue.Count > 1 && queue.TryDequeue(out var answer))
            return answer;
        return queue.TryPeek(out var last) ? last : (500, null);
    }
}

internal sealed record Asked(string Method, string Path, string Query, Dictionary<string, string> Headers, byte[] Body)
{
    public string Line => $"{Method} {Path}{Query}";
    public JsonNode Json => JsonNode.Parse(Body)!;
    public string Text => Encoding.UTF8.GetString(Body);
}
