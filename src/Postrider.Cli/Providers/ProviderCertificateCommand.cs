using System.CommandLine;
using System.Text.Json.Nodes;
using Postrider.Client;

namespace Postrider.Cli;

/// <summary>Certificates that prove a provider's application in the place of a secret.</summary>
internal static class ProviderCertificateCommand
{
    private static readonly Argument<string> Act = new Argument<string>("act") { Description = "create, show or roll." }.AcceptOnlyFromAmong("create", "show", "roll");
    private static readonly Option<string?> Output = new("--output") { HelpName = "file", Description = "Write the certificate there, to upload it." };

    public static Command Create(Argument<string> name) => new Verb("certificate", "Make, show or roll over the certificate that proves its application. The private key stays with the server.",
        "provider certificate app-only create --output postrider.pem", "provider certificate app-only show", "provider certificate app-only roll --output postrider-2.pem") { name, Act, Output }
        .Does(call => RunAsync(call, call.Get(name), call.Get(Act)));

    private static async Task RunAsync(Call call, string name, string act)
    {
        if (act == "show")
        {
            var page = await call.AskAsync(server => server.Providers.CertificatesAsync(name, call.Cancellation));
            if (page.Items.Count == 0)
                throw new FailedException($"{name} has no certificate. Make one with: postrider provider certificate {name} create");
            call.Output.Show(page, PostriderJson.Default.PageJsonObject, _ =>
            {
                foreach (var certificate in page.Items)
                    Write(call, certificate);
            });
            await SaveAsync(call, page.Items[0]);
            return;
        }
        var made = await call.AskAsync(server => act == "roll" ? server.Providers.RollCertificateAsync(name, call.Cancellation) : server.Providers.CreateCertificateAsync(name, call.Cancellation));
        call.Output.Show(made, _ =>
        {
            Write(call, made);
            call.Output.Say("Upload it to the application: Entra admin center > App registrations > the application > Certificates & secrets > Certificates.");
            call.Output.Say(act == "roll"
                ? "The old one stays in use until the new one is accepted; then Postrider changes over by itself."
                : $"Then see whether it works: postrider provider test {name}");
        });
        await SaveAsync(call, made);
    }

    private static void Write(Call call, JsonObject certificate)
    {
        call.Output.Say($"{Plain.Text(ProviderText.Text(certificate, "state"))}: {Plain.Text(ProviderText.Text(certificate, "thumbprint"))}, until {Plain.Text(ProviderText.Text(certificate, "notAfter"))}");
        if (!call.Has(Output))
            call.Output.Say(ProviderText.Text(certificate, "certificate") ?? "");
    }

    private static async Task SaveAsync(Call call, JsonObject certificate)
    {
        if (call.Get(Output) is not { } file)
            return;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(call.Terminal.WorkingDirectory, file), ProviderText.Text(certificate, "certificate") + "\n", call.Cancellation);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new FailedException($"could not write {file}: {problem.Message}");
        }
        if (!call.Json)
            call.Output.Say($"Written to {file}.");
    }
}
