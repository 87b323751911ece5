using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Foreign;

/// <summary>A gateway without a provider, a certificate for the servers of others, and a last stop for the mail that they pass on.</summary>
public abstract class ForeignServerTests : IAsyncLifetime
{
    private readonly ServerDirectory directory = new();

    private protected TestAuthority Authority { get; private set; } = null!;
    private protected SmtpSink Sink { get; private set; } = null!;
    private protected Installation Installation { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Authority = new TestAuthority(directory);
        Sink = await SmtpSink.StartAsync();
        Installation = await Installation.StartAsync(connect: false, settings: new Dictionary<string, string> { ["POSTRIDER__Mail__ReadReportsEvery"] = "00:00:00.300" });
    }

    /// <summary>Hands a message in as it is, over HTTP.</summary>
    /// <param name="provider">The one that sends it; none: as the gateway chooses.</param>
    private protected async Task HandInAsync(byte[] message, string? provider = null)
    {
        using var content = new ByteArrayContent(message) { Headers = { { "Content-Type", "message/rfc822" } } };
        using var accepted = await Installation.Gateway.Http.PostAsync(
            new Uri($"api/v1/messages?from={Installation.Mailbox}&to=someone@example.org{(provider is null ? "" : "&provider=" + provider)}", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.True(accepted.IsSuccessStatusCode, await accepted.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Installation.DisposeAsync();
        await Sink.DisposeAsync();
        directory.Dispose();
        GC.SuppressFinalize(this);
    }
}
