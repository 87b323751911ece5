using System.CommandLine;
using Postrider.Client;

namespace Postrider.Cli;

/// <summary>Where a message would go, and why.</summary>
internal static class RouteCommand
{
    private static readonly Option<string> From = new("--from") { HelpName = "address", Description = "The message's author.", Required = true };
    private static readonly Option<string?> Provider = new("--provider") { HelpName = "name", Description = "The provider that the message asks for." };
    private static readonly Option<string?> Client = new("--client") { HelpName = "name", Description = "The client that hands it in." };

    public static Command Create() => new Verb("route", "Tell which provider a message would go to, and why; nothing is sent.",
        "route --from alerts@contoso.com",
        "route --from alerts@contoso.com --client erp") { From, Provider, Client }.Does(AskAsync);

    private static async Task<int> AskAsync(Call call)
    {
        var answer = await call.AskAsync(server => server.Queue.RouteAsync(
            new RouteQuestion { From = call.Get(From), Provider = call.Get(Provider), Client = call.Get(Client) }, call.Cancellation));
        call.Output.Show(answer, PostriderJson.Default.RouteAnswer, _ =>
        {
            call.Output.Say(answer.Provider is null ? $"It would be refused: {Plain.Text(answer.Why)}" : $"{answer.Provider}: {Plain.Text(answer.Why)}");
            if (answer.StandIn is not null)
                call.Output.Say($"At the moment {answer.StandIn} sends it: {Plain.Text(answer.StandInWhy)}");
            else if (answer is { Provider: not null, SendsNow: false })
                call.Output.Say(answer.WaitsWhy is { } why ? $"The message would wait: {Plain.Text(why)}"
                    : $"It cannot send at the moment; the message would wait. See: postrider provider show {answer.Provider}");
        });
        return answer.Provider is null ? CommandLine.Failed : CommandLine.Done;
    }
}
