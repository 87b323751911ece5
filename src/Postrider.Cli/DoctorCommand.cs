using System.CommandLine;
using System.Text.Json.Nodes;

namespace Postrider.Cli;

/// <summary>Tests one provider, or the installation and all of them, and says what to mend.</summary>
internal static class DoctorCommand
{
    private static readonly Argument<string?> Provider = new("provider") { Description = "One provider; without it the installation itself and all that are in use.", Arity = ArgumentArity.ZeroOrOne };

    public static Command Create() =>
        new Verb("doctor", "Test the installation and the providers step by step, and say what to mend.", "doctor", "doctor microsoft365") { Provider }.Does(RunAsync);

    private static async Task<int> RunAsync(Call call)
    {
        var installation = call.Get(Provider) is null ? await call.AskAsync(server => server.Alerts.DoctorAsync(call.Cancellation)) : null;
        if (installation is not null && !call.Json)
        {
            call.Output.Say("This installation");
            TestSteps.Write(call.Output, installation);
        }
        var names = call.Get(Provider) is { } one ? [one] : await InUseAsync(call);
        var results = new JsonArray();
        foreach (var name in names)
        {
            var result = await call.AskAsync(server => server.Providers.TestAsync(name, cancellation: call.Cancellation));
            call.Output.Say($"{(results.Count > 0 || installation is not null ? Environment.NewLine : "")}{name}");
            if (!call.Json)
                TestSteps.Write(call.Output, result);
            result["provider"] = name;
            results.Add(result);
        }

        var ok = results.OfType<JsonObject>().All(TestSteps.Passed) && (installation is null || TestSteps.Passed(installation));
        if (call.Json)
            call.Output.Json(new JsonObject { ["ok"] = ok, ["installation"] = installation, ["providers"] = results });
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
