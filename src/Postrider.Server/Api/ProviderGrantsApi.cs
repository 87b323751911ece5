using Microsoft.AspNetCore.Http.HttpResults;
using Postrider.Accounts.Consent;
using Postrider.Accounts.Providers;
using Postrider.Client;
using Postrider.Server.Console.Auditing;

namespace Postrider.Server.Api;

/// <summary>Ways to get tokens beside a browser that returns: a code typed on another device, certificates, and the scope that works.</summary>
internal static class ProviderGrantsApi
{
    public static void MapProviderGrants(this RouteGroupBuilder providers)
    {
        providers.MapPost("/{name}/device", StartDevice).WithSummary("Starts a sign-in on another device: a page and a code to type there (RFC 8628)").Audited("sign-in started");
        providers.MapGet("/{name}/device", ShowDevice).WithSummary("Shows how far the sign-in on another device is");
        providers.MapGet("/{name}/certificate", ListCertificates).WithSummary("Lists the certificates that prove the application, the next one first");
        providers.MapPost("/{name}/certificate", CreateCertificate).WithSummary("Makes a key pair and the certificate to upload").Audited("certificate made");
        providers.MapPost("/{name}/certificate/roll", RollCertificate).WithSummary("Makes another certificate beside the one in use; it takes over once it was accepted").Audited("certificate rolled");
        providers.MapGet("/{name}/certificate.pem", DownloadCertificate).WithSummary("The certificate to upload: the next one, else the current one")
            .Produces<string>(StatusCodes.Status200OK, "application/x-pem-file").ProducesProblem(StatusCodes.Status404NotFound);
        providers.MapPost("/{name}/scope/keep", KeepScope).WithSummary("Keeps the scope that works in the place of the one that was typed").Audited("scope kept");
    }

    private static async Task<Results<Ok<ProviderDevice>, ProblemHttpResult>> StartDevice(
        string name, HttpContext context, ProviderDirectory directory, DeviceFlow device, CancellationToken cancellation)
    {
        if (directory.Find(name) is not { } provider)
            return Missing(name);
        return await device.StartAsync(provider, context.User.Identity?.Name ?? "api", cancellation) switch
        {
            DeviceStart.Started started => TypedResults.Ok(ProviderWire.View(started.SignIn)),
            DeviceStart.Refused refused => Problems.SignIn(refused.Why.Cause, refused.Why.Remedy, refused.Why.Verbatim),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static Results<Ok<ProviderDevice>, ProblemHttpResult> ShowDevice(string name, ProviderDirectory directory, DeviceFlow device) =>
        directory.Find(name) is not { } provider ? Missing(name)
        : device.Find(provider.Id) is { } signIn ? TypedResults.Ok(ProviderWire.View(signIn))
        : Problems.NotFound($"sign-in on another device for \"{name}\"");

    private static async Task<Results<Ok<Page<ProviderCertificate>>, ProblemHttpResult>> ListCertificates(
        string name, ProviderDirectory directory, ClientCertificates certificates, CancellationToken cancellation) =>
        directory.Find(name) is { } provider
            ? TypedResults.Ok(new Page<ProviderCertificate> { Items = [.. (await certificates.ListAsync(provider.Id, cancellation)).Select(ProviderWire.View)] })
            : Missing(name);

    private static async Task<IResult> DownloadCertificate(string name, ProviderDirectory directory, ClientCertificates certificates, CancellationToken cancellation)
    {
        if (directory.Find(name) is not { } provider)
            return Missing(name);
        return await certificates.ListAsync(provider.Id, cancellation) is [var first, ..]
            ? TypedResults.File(System.Text.Encoding.ASCII.GetBytes(first.Pem), "application/x-pem-file", $"{provider.Name}-{first.Thumbprint[..8].ToLowerInvariant()}.pem")
            : Problems.NotFound($"certificate of \"{name}\"");
    }

    private static Task<Results<Created<ProviderCertificate>, ProblemHttpResult>> CreateCertificate(
        string name, ProviderDirectory directory, ClientCertificates certificates, CancellationToken cancellation) => MakeAsync(name, directory, certificates.CreateAsync, cancellation);

    private static Task<Results<Created<ProviderCertificate>, ProblemHttpResult>> RollCertificate(
        string name, ProviderDirectory directory, ClientCertificates certificates, CancellationToken cancellation) => MakeAsync(name, directory, certificates.RollAsync, cancellation);

    private static async Task<Results<Created<ProviderCertificate>, ProblemHttpResult>> MakeAsync(
        string name, ProviderDirectory directory, Func<Provider, CancellationToken, Task<CertificateResult>> make, CancellationToken cancellation) =>
        directory.Find(name) is not { } provider ? Missing(name) : await make(provider, cancellation) switch
        {
            CertificateResult.Made made => TypedResults.Created($"/api/v1/providers/{provider.Name}/certificate", ProviderWire.View(made.Certificate)),
            CertificateResult.Refused refused => Problems.Conflict(refused.Cause, refused.Remedy),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    private static async Task<Results<Ok<ProviderView>, ProblemHttpResult>> KeepScope(
        string name, ProviderDirectory directory, [AsParameters] ProviderViews views, CancellationToken cancellation) => await directory.KeepScopeAsync(name, cancellation) switch
        {
            ProviderResult.Saved saved => TypedResults.Ok(views.Of(saved.Provider)),
            ProviderResult.Refused refused => Problems.Conflict(refused.Cause, refused.Remedy),
            _ => Missing(name),
        };

    private static ProblemHttpResult Missing(string name) => Problems.NotFound($"provider \"{name}\"");
}
