using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Postrider.Client;
using Postrider.Simulator;
using Postrider.Smtp;

namespace Postrider.Cli;

/// <summary>The main job without an account anywhere: the gateway in a process of its own, the simulator as its provider, a mail through
/// every door, and what became of each.</summary>
internal static class DemoCommand
{
    private const string Provider = "contoso", Mailbox = "noreply@contoso.example", Someone = "someone@example.org", Nobody = "550@example.org";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly Option<bool> Once = new("--once") { Description = "End when the mails are sent, instead of staying up." };
    private static readonly Option<string?> Http = new("--http") { Description = "Where the gateway's HTTP door listens (a free port by default).", HelpName = "host:port" };
    private static readonly Option<string?> Smtp = new("--smtp") { Description = "Where its SMTP door listens (a free port by default).", HelpName = "host:port" };

    public static Command Create()
    {
        var demo = new Verb("demo", "See it work: the gateway with a pretended provider, a mail through every door. Needs no account.", "demo", "demo --once")
            .Does(RunAsync);
        foreach (var option in new Option[] { Once, Http, Smtp })
            demo.Add(option);
        return demo;
    }

    private static async Task<int> RunAsync(Call call)
    {
        var given = call.Get(GlobalOptions.Data);
        var directory = given ?? Directory.CreateTempSubdirectory("postrider-demo-").FullName;
        try
        {
            var certificates = Path.Combine(directory, "simulator");
            Directory.CreateDirectory(certificates);
            await using var simulator = await SimulatorApp.StartAsync(new SimulatorOptions { CertificateDirectory = certificates }, call.Cancellation);
            await using var gateway = await DemoGateway.StartAsync(Path.Combine(directory, "data"), call.Get(Http), call.Get(Smtp), simulator.CaFile, call.Cancellation);
            await ShowAsync(call, simulator, gateway);
            if (!call.Get(Once))
            {
                call.Output.Say("\nCtrl-C ends the demo.");
                await gateway.EndedAsync(call.Cancellation);
            }
            return CommandLine.Done;
        }
        finally
        {
            if (given is null)
                Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task ShowAsync(Call call, SimulatorApp simulator, DemoGateway gateway)
    {
        var output = call.Output;
        output.Say($"The gateway runs: HTTP {gateway.Http}, SMTP {gateway.Smtp}. The pretended provider: {simulator.HttpUrl}");
        var api = gateway.Api;

        output.Say("\n1. An administrator adds a provider for " + Mailbox);
        await AddProviderAsync(api, simulator, gateway, call.Cancellation);
        var started = await api.Providers.AuthorizeAsync(Provider, call.Cancellation);
        output.Say("2. and connects it: signs in as the mailbox, accepts, and the browser comes back");
        var landed = simulator.Consent(started["authorizeUrl"]!.GetValue<string>(), Mailbox);
        using (var browser = new HttpClient())
            (await browser.GetAsync(landed, call.Cancellation)).EnsureSuccessStatusCode();
        var provider = await api.Providers.GetAsync(Provider, call.Cancellation);
        output.Say($"   {Provider} is {provider["state"]}");

        output.Say("3. Applications hand in mail through every door");
        await BySmtpAsync(gateway, call.Cancellation);
        await api.Messages.SendAsync(new SendMessage { To = [Someone], Subject = "Hello over HTTP", Text = "Posted as JSON." }, cancellation: call.Cancellation);
        await gateway.RunCliAsync(["send", "--from", Mailbox, "--to", Someone, "--subject", "Hello from the command line", "--text", "Sent by postrider send."], call.Cancellation);
        await api.Messages.SendAsync(new SendMessage { To = [Nobody], Subject = "Hello to nobody", Text = "This address does not exist." }, cancellation: call.Cancellation);

        var messages = await FinishedAsync(call, api, atLeast: 5);
        output.Say("4. and each says what became of it\n");
        foreach (var message in messages.OrderBy(message => message.AcceptedAt))
        {
            var mark = StateMark.OfMessage(message.State, message.MayHaveBeenSent);
            output.Say($"   {mark.Shape} {mark.Word,-8} {message.Subject,-34} to {string.Join(", ", message.To)}");
            output.Say($"              {message.Reply}");
            if (message.Remedy is { } remedy && message.State == "failed")
                output.Say($"     Cause    {message.Cause}\n     Remedy   {remedy.ReplaceLineEndings("\n              ")}");
        }
        if (!call.Get(Once))
            output.Say($"""

            Open  {(await api.Console.LinkAsync(null, call.Cancellation)).Url}
                  the console: make its owner, and see what became of each (the link works once)
                  {new Uri(simulator.HttpUrl, "/mailbox")}   what arrived at the provider
                  {new Uri(gateway.Http, "/scalar")}    the gateway's interface
            Try   POSTRIDER_DATA={gateway.DataDirectory} {Environment.ProcessPath} message list
            """);
    }

    private static Task<JsonObject> AddProviderAsync(PostriderClient api, SimulatorApp simulator, DemoGateway gateway, CancellationToken cancellation) => api.Providers.AddAsync(new JsonObject
    {
        ["name"] = Provider, ["displayName"] = "Contoso mail", ["type"] = "microsoft",
        ["address"] = "localhost", ["port"] = simulator.SmtpPort, ["userName"] = Mailbox,
        ["tenant"] = Seed.TenantId.ToString(), ["authority"] = simulator.HttpUrl.GetLeftPart(UriPartial.Authority),
        ["clientId"] = Seed.ClientId.ToString(), ["clientSecret"] = Seed.ClientSecret,
        ["redirectUri"] = $"http://localhost:{gateway.Http.Port}/oauth/callback",
    }, cancellation);

    /// <summary>As a printer would: no password, from this machine.</summary>
    private static async Task BySmtpAsync(DemoGateway gateway, CancellationToken cancellation)
    {
        var endpoint = new SmtpEndpoint(gateway.Smtp.Address.ToString(), gateway.Smtp.Port, SmtpSecurity.None);
        await using var session = await SmtpClientSession.ConnectAsync(endpoint, new SmtpClientOptions(), cancellation);
        var result = await session.SendAsync(new Envelope(Mailbox, [Someone]), MessageContent.FromMemory(System.Text.Encoding.ASCII.GetBytes(
            $"From: Printer <{Mailbox}>\r\nTo: {Someone}\r\nSubject: Hello over SMTP\r\n\r\nScanned and sent.\r\n")), _ => ValueTask.FromResult(true), cancellation);
        if (result.State != SendState.Completed)
            throw new FailedException($"The SMTP door did not take the mail: {result}");
        await session.QuitAsync(cancellation);
    }

    /// <summary>Waits until every message has a final state; the notice of the failed one is a message too.</summary>
    private static async Task<IReadOnlyList<MessageSummary>> FinishedAsync(Call call, PostriderClient api, int atLeast)
    {
        var since = call.Terminal.Time.GetTimestamp();
        while (true)
        {
            var page = await api.Messages.PageAsync(new MessageFilter(), cancellation: call.Cancellation);
            if (page.Items.Count >= atLeast && page.Items.All(message => message.FinishedAt is not null))
                return page.Items;
            if (call.Terminal.Time.GetElapsedTime(since) > Patience)
                throw new FailedException(string.Create(CultureInfo.InvariantCulture, $"After {Patience.TotalSeconds:0} s some mail still waits: {string.Join("; ", page.Items.Where(message => message.FinishedAt is null).Select(message => $"{message.Subject}: {message.Cause ?? message.Reply}"))}"));
            await Task.Delay(TimeSpan.FromMilliseconds(100), call.Terminal.Time, call.Cancellation);
        }
    }
}
