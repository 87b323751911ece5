using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Postrider.Tests.Alerts;

/// <summary>A receiver of webhooks on a real port.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication app;

    private Receiver(WebApplication app) => this.app = app;

    public Uri Url { get; private set; } = null!;
    public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;
    public Uri? RedirectTo { get; set; }
    public ConcurrentQueue<Received> Requests { get; } = new();

    internal sealed record Received(string Id, string Timestamp, string Signature, string Text)
    {
        public JsonNode Body => JsonNode.Parse(Text)!;

        /// <summary>Those of the secrets that signed it, in the order of the signatures.</summary>
        public IEnumerable<string> SignedBy(params string[] secrets) => Signature.Split(' ').Select(signature => secrets.Single(secret => signature == "v1," + Convert.ToBase64String(
            HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), Encoding.UTF8.GetBytes($"{Id}.{Timestamp}.{Text}")))));
    }

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new Receiver(builder.Build());
        receiver.app.Run(receiver.TakeAsync);
        await receiver.app.StartAsync();
        receiver.Url = new Uri(receiver.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/hook");
        return receiver;
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        string Header(string name) => context.Request.Headers[name].ToString();
        Requests.Enqueue(new Received(Header("webhook-id"), Header("webhook-timestamp"), Header("webhook-signature"), await reader.ReadToEndAsync()));
        if (RedirectTo is { } other)
            context.Response.Redirect(other.AbsoluteUri);
        else
            context.Response.StatusCode = (int)Status;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
