using System.CommandLine;
using System.Text.Json.Nodes;

namespace Postrider.Cli;

/// <summary>Tests one provider or all of them and says what to mend.</summary>
internal static class DoctorCommand
{
    private static readonly Argument<string?> Provider = new("provider") { Description = "One provider; without it all that are in use.", Arity = ArgumentArity.ZeroOrOne };

    public static Command Create() =>
        new Verb("doctor", "Test the providers step by step and say what to mend.", "doctor", "doctor microsoft365") { Provider }.Does(RunAsync);

    private static async Task<int> RunAsync(Call call)
    {
        var names = call.Get(Provider) is { } one ? [one] : await InUseAsync(call);
        if (names.Count == 0)
            call.Output.Say("No provider is in use. Add one with 'postrider provider add', or enable one.");

        var results = new JsonArray();
        foreach (var name in names)
        {
            var result = await call.AskAsync(server => server.Providers.TestAsync(name, cancellation: call.Cancellation));
            call.Output.Say($"{(results.Count > 0 ? Environment.NewLine : "")}{name}");
            if (!call.Json)
                TestSteps.Write(call.Output, result);
            result["provider"] = name;
            results.Add(result);
        }

        var ok = results.OfType<JsonObject>().All(TestSteps.Passed);
        if (call.Json)
            call.Output.Json(new JsonObject { ["ok"] = ok, ["providers"] = results });
        return ok ? CommandLine.Done : CommandLine.Failed;
    }

    private static async Task<List<string>> InUseAsync(Call call)
    {
        var page = await call.AskAsync(server => server.Providers.ListAsync(call.Cancellation));
        return [.. page.Items
            .Where(provider => ProviderText.Text(provider, "state") != "disabled")
            .Select(provider => ProviderText.Text(provider, "name"))
            .OfType<string>()];
    }
}
