using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Postrider.EndToEnd.Tokens;

/// <summary>The wire to the identity platform, which passes everything on until it is told to break once.</summary>
internal sealed class IdentityWire : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly HttpClient platform;
    private (Cut Where, Func<Task> Act, TaskCompletionSource Done)? next;

    private IdentityWire(WebApplication app, Uri target)
    {
        this.app = app;
        platform = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = target };
    }

    public enum Cut
    {
        /// <summary>The platform never hears of the request.</summary>
        BeforeRequest,

        /// <summary>The platform has answered in full, and nobody reads it.</summary>
        BeforeAnswer,
    }

    /// <summary>What a provider's <c>authority</c> is to be.</summary>
    public string Url { get; private set; } = "";

    public static async Task<IdentityWire> StartAsync(Uri target)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var wire = new IdentityWire(builder.Build(), target);
        wire.app.Run(wire.PassOnAsync);
        await wire.app.StartAsync();
        wire.Url = wire.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return wire;
    }

    /// <summary>Breaks at the next request.</summary>
    /// <param name="act">What happens at that moment.</param>
    /// <returns>When it has happened.</returns>
    public Task BreakAsync(Cut where, Func<Task> act)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        next = (where, act, done);
        return done.Task;
    }

    private async Task PassOnAsync(HttpContext context)
    {
        var breaks = next;
        next = null;
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        if (breaks?.Where == Cut.BeforeRequest)
        {
            await BreakAsync(context, breaks.Value);
            return;
        }
        using var request = new HttpRequestMessage(new(context.Request.Method), context.Request.Path + context.Request.QueryString) { Content = new ByteArrayContent(body.ToArray()) };
        foreach (var name in new[] { "Authorization", "Accept" })
            if (context.Request.Headers.TryGetValue(name, out var values))
                request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
        using var answer = await platform.SendAsync(request);
        var content = await answer.Content.ReadAsByteArrayAsync();
        if (breaks is not null)
        {
            await BreakAsync(context, breaks.Value);
            return;
        }
        context.Response.StatusCode = (int)answer.StatusCode;
        context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        await context.Response.Body.WriteAsync(content);
    }

    private static async Task BreakAsync(HttpContext context, (Cut Where, Func<Task> Act, TaskCompletionSource Done) breaks)
    {
        await breaks.Act();
        context.Abort();
        breaks.Done.SetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        platform.Dispose();
    }
}
