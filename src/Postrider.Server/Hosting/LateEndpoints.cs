using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace Postrider.Server.Hosting;

/// <summary>Endpoints that are made by the first request that may be for one of them. What is loaded and compiled for the pages and for the
/// API takes memory and time of a start, and a gateway that is only handed mail by SMTP has no use for either.</summary>
internal sealed class LateEndpoints : EndpointDataSource, IDisposable
{
    private readonly CancellationTokenSource made = new();
    private volatile IReadOnlyList<Endpoint>? endpoints;
    private volatile bool known;

    public override IReadOnlyList<Endpoint> Endpoints => endpoints ?? [];

    public override IChangeToken GetChangeToken() => endpoints is null ? new CancellationChangeToken(made.Token) : NullChangeToken.Singleton;

    /// <summary>Stands behind the routing, for what it has found nothing for. Behind it the routing is asked again.</summary>
    /// <param name="mayBe">Whether a request may be for one of them.</param>
    public static void Use(WebApplication app, Func<HttpRequest, bool> mayBe, Action<IEndpointRouteBuilder> map)
    {
        var late = new LateEndpoints();
        ((IEndpointRouteBuilder)app).DataSources.Add(late);
        app.Use((context, next) =>
        {
            if (context.GetEndpoint() is null && mayBe(context.Request))
                late.Make(app, map);
            return next(context);
        });
    }

    private void Make(IEndpointRouteBuilder outer, Action<IEndpointRouteBuilder> map)
    {
        if (known)
            return;
        // Whoever comes meanwhile waits here until the routing knows them; it is told of one source after the other.
        lock (outer)
        {
            if (known)
                return;
            var routes = new Routes(outer);
            map(routes);
            endpoints = [.. routes.DataSources.SelectMany(source => source.Endpoints)];
            made.Cancel();
            known = true;
        }
    }

    /// <summary>Done by the routing, with all of its sources.</summary>
    public void Dispose() => made.Dispose();

    private sealed class Routes(IEndpointRouteBuilder outer) : IEndpointRouteBuilder
    {
        public IServiceProvider ServiceProvider => outer.ServiceProvider;
        public ICollection<EndpointDataSource> DataSources { get; } = [];
        public IApplicationBuilder CreateApplicationBuilder() => outer.CreateApplicationBuilder();
    }
}
