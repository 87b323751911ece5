using System.Diagnostics;
using System.Globalization;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.Soak;

/// <summary>A thousand providers, one of which does not answer.</summary>
internal static class ProvidersScenario
{
    private const int Providers = 1000, Used = 200, Each = 5, Rounds = 3;

    public static async Task<Result> RunAsync(Soak soak)
    {
        await using var installation = await Installation.StartAsync(connect: false, alone: true, simulatorOptions: new SimulatorOptions { RawBytesKept = 0 });
        foreach (var batch in Enumerable.Range(0, Providers - 1).Chunk(8))
            await Task.WhenAll(batch.Select(number => installation.AddProviderAsync(Name(number))));
        await installation.AddProviderAsync("hanging", Seed.Alerts);
        await RateAsync(installation);
        var (without, with) = (new List<double>(), new List<double>());
        var (signIns, faults) = (installation.Simulator.State.Counters, installation.Simulator.State.SmtpFaults);
        for (var round = 0; round < Rounds; round++)
            without.Add(await RateAsync(installation));
        faults.Add(new SmtpFault(SmtpStage.Mail, DelayMilliseconds: 3_600_000, Account: Seed.Alerts));
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => installation.SendAsync(provider: "hanging")));
        await GatewayProcess.EventuallyAsync(() => Task.FromResult(signIns.Read().MaxConnections.ContainsKey(Seed.Alerts) ? signIns : null), "it hangs");
        for (var round = 0; round < Rounds; round++)
            with.Add(await RateAsync(installation));
        var ratio = with.Order().ElementAt(Rounds / 2) / without.Order().ElementAt(Rounds / 2);
        var hanging = installation.Simulator.State.Messages.Read().Count(message => message.Account == Seed.Alerts);
        return new Result("1,000", $"{Providers:N0} providers, {Used} of them with mail, one more hanging with 100 messages before it", "the others' rate unchanged",
            string.Create(CultureInfo.InvariantCulture, $"medians of {Rounds}: {without.Order().ElementAt(Rounds / 2):N0} messages/s before and {with.Order().ElementAt(Rounds / 2):N0} with it hanging ({ratio * 100:0} %)"), ratio >= 0.9 && hanging == 0);
    }

    private static async Task<double> RateAsync(Installation installation)
    {
        var (arrivals, clock) = (installation.Simulator.State.Messages, Stopwatch.StartNew());
        var before = arrivals.Count;
        foreach (var batch in Enumerable.Range(0, Used * Each).Chunk(20))
            await Task.WhenAll(batch.Select(number => installation.SendAsync(provider: Name(number % Used))));
        await arrivals.ArrivedAsync(before + Used * Each).WaitAsync(TimeSpan.FromMinutes(3));
        return Used * Each / clock.Elapsed.TotalSeconds;
    }

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"provider{number:0000}");
}
