using System.Globalization;
using Postrider.Client;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Hostile;

/// <summary>One gateway for all tests that only knock at its doors. It must be the same after each of them.</summary>
public sealed class OpenDoors : IAsyncLifetime
{
    public const string Name = "open doors";

    /// <summary>Smaller than the defaults, so that too much is soon sent.</summary>
    public const int MaxMessageBytes = 1024 * 1024, MaxRecipients = 100;

    /// <summary>The address of a client without password that may send as alerts@contoso.example and anything at branch.example.</summary>
    public const string PrinterAddress = "127.0.0.5";

    private Installation? installation;
    private int seen;

    public Installation Installation => installation!;
    public RunningGateway Gateway => Installation.Gateway;

    /// <summary>User name and password of a client with the printer's senders.</summary>
    public string User => "crm";

    public string Password { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        installation = await Installation.StartAsync(alone: true, settings: new Dictionary<string, string>
        {
            ["POSTRIDER__Mail__MaxMessageBytes"] = MaxMessageBytes.ToString(CultureInfo.InvariantCulture),
            ["POSTRIDER__Mail__MaxRecipients"] = MaxRecipients.ToString(CultureInfo.InvariantCulture),
        });
        string[] senders = ["alerts@contoso.example", "@branch.example", "@bücher.example"];
        await Gateway.Api.Clients.AddAsync(new ClientInput { Name = "printer", Networks = [PrinterAddress], Senders = senders });
        Password = (await Gateway.Api.Clients.AddAsync(new ClientInput { Name = User, Senders = senders })).Password;
    }

    public Task<RawSmtp> GreetedAsync(string from = "127.0.0.1") => RawSmtp.GreetedAsync(Gateway.Smtp, from);

    /// <summary>The last message that was handed in, the gateway's own notices left out; ids are in the order of acceptance.</summary>
    public async Task<string?> NewestAsync() => (await Gateway.Api.Messages.PageAsync(new MessageFilter(), limit: 500)).Items
        .Where(message => message.Source != "report").Select(message => message.Id).FirstOrDefault();

    /// <summary>The id in <c>250 2.0.0 Stored as ID</c>.</summary>
    public static string StoredId(string reply)
    {
        Assert.StartsWith("250 2.0.0 Stored as ", reply, StringComparison.Ordinal);
        return reply[^32..];
    }

    public Task<byte[]> ContentAsync(string id) => Gateway.Http.GetByteArrayAsync(new Uri($"/api/v1/messages/{id}/content", UriKind.Relative));

    /// <summary>Fails when the attack left a message, an error of the program's own, or a gateway that no longer answers.</summary>
    public async Task UnchangedByAsync(Func<Task> attack)
    {
        var before = await NewestAsync();
        await attack();
        Assert.Equal(before, await NewestAsync());
        await SoundAsync();
    }

    public async Task SoundAsync()
    {
        Assert.Equal("ok\n", await Gateway.Http.GetStringAsync(new Uri("/readyz", UriKind.Relative)));
        // Only what was said since the last look: one test's trouble is not the next one's.
        var said = Gateway.Output;
        var since = said[Math.Min(seen, said.Length)..];
        seen = said.Length;
        Assert.DoesNotContain("SMTP session of", since, StringComparison.Ordinal);
        Assert.DoesNotContain("nhandled exception", since, StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync() => installation?.DisposeAsync() ?? ValueTask.CompletedTask;
}

[CollectionDefinition(OpenDoors.Name)]
public sealed class OpenDoorsCollection : ICollectionFixture<OpenDoors>;

/// <summary>What a process holds in memory, as the kernel counts it.</summary>
internal static class ProcessMemory
{
    /// <summary>Resident now, in bytes.</summary>
    public static long Now(int processId) => Read(processId, "VmRSS:");

    /// <summary>The most that was ever resident.</summary>
    public static long Peak(int processId) => Read(processId, "VmHWM:");

    private static long Read(int processId, string name) => 1024 * long.Parse(
        File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
        CultureInfo.InvariantCulture);
}
