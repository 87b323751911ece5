using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StandardWebhooks;
using StandardWebhooks.Diagnostics;

namespace Postrider.EndToEnd.Alerts;

/// <summary>A receiver as somebody else would write it: it takes nothing whose signature the published library does not accept.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication app;

    private WebhookReceiver(WebApplication app) => this.app = app;

    public string Url { get; private set; } = "";
    public string Secret { get; set; } = "";
    public int Answer { get; set; } = StatusCodes.Status204NoContent;

    /// <summary>How long it thinks before it answers.</summary>
    public TimeSpan Slow { get; set; }
    public ConcurrentQueue<JsonNode> Taken { get; } = new();
    public ConcurrentQueue<string> Refused { get; } = new();

    public static async Task<WebhookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new WebhookReceiver(builder.Build());
        receiver.app.Run(receiver.TakeAsync);
        await receiver.app.StartAsync();
        receiver.Url = receiver.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/hooks/postrider";
        return receiver;
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        try
        {
            new StandardWebhook(Secret).Verify(body, context.Request.Headers);
            Taken.Enqueue(JsonNode.Parse(body)!);
            await Task.Delay(Slow, context.RequestAborted);
            context.Response.StatusCode = Answer;
        }
        catch (WebhookVerificationException wrong)
        {
            Refused.Enqueue(wrong.Message);
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        }
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
