using System.Diagnostics;
using System.Net;
using Postrider.Simulator;

namespace Postrider.Bench;

/// <summary>What all scenarios share: the stand-in, the figures, and the way to measure.</summary>
internal sealed class Bench(Settings settings, SimulatorApp simulator, Figures figures, string directory)
{
    public const string Mailbox = Seed.NoReply, Ours = "Postrider";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>So many messages until the runtime has compiled for good what each of them runs through.</summary>
    public const int UntilWarm = 10_000;

    private int gateways;

    public Settings Settings => settings;
    public SimulatorApp Simulator => simulator;
    public Figures Figures => figures;

    public string NewDataDirectory() => Path.Combine(directory, $"data{gateways++}");

    /// <summary>A gateway with one provider, warm.</summary>
    /// <param name="program">Another build's; this tree's without it.</param>
    public async Task<Gateway> GatewayAsync(bool connected, string? database = null, string? program = null)
    {
        var gateway = await Gateway.StartAsync(NewDataDirectory(), simulator.CaFile, database, program);
        await gateway.AddProviderAsync("bench", Mailbox);
        if (connected)
            await gateway.ConnectProviderAsync("bench", Mailbox, simulator, simulator.SmtpPort);
        await WarmAsync(gateway.Smtp, UntilWarm, arrives: connected);
        return gateway;
    }

    public async Task WarmAsync(IPEndPoint door, int messages, bool arrives)
    {
        var before = simulator.State.Messages.Count;
        await new Load(door, Settings.MessageBytes).SendAsync(Settings.Sessions, messages, keepOpen: true);
        if (arrives)
            await ArrivedAsync(before + messages);
    }

    public Task ArrivedAsync(int atLeast) => simulator.State.Messages.ArrivedAsync(atLeast, CancellationToken.None).WaitAsync(Patience);

    /// <summary>Hands in at a door, and waits for the provider where the mail goes on.</summary>
    public async Task HandInAsync(IPEndPoint door, int messages, bool keepOpen, bool arrives)
    {
        var before = simulator.State.Messages.Count;
        await new Load(door, Settings.MessageBytes).SendAsync(Settings.Sessions, messages, keepOpen).WaitAsync(Patience);
        if (arrives)
            await ArrivedAsync(before + messages);
    }

    /// <param name="pid">Whose processor time and memory count, with its children; null where it is this process.</param>
    public async Task MeasureAsync(string scenario, string who, int messages, int? pid, Func<Task> work)
    {
        var cpu = pid is { } before ? ProcessTree.Cpu(before) : Own();
        var clock = Stopwatch.StartNew();
        await work();
        var elapsed = clock.Elapsed;
        var used = (pid is { } after ? ProcessTree.Cpu(after) : Own()) - cpu;
        figures.Add(scenario, who, messages / elapsed.TotalSeconds, "messages/s", pid is null ? null : used.TotalMicroseconds / messages, pid is { } held ? ProcessTree.Megabytes(held) : null);
    }

    /// <summary>A peer that cannot be had is said so, and the rest is measured all the same.</summary>
    public async Task TryAsync(string scenario, string who, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception error) when (error is InvalidOperationException or IOException or TimeoutException or System.ComponentModel.Win32Exception or HttpRequestException or UnauthorizedAccessException)
        {
            figures.Missing.Add($"{scenario}, {who}: {error.Message.ReplaceLineEndings(" ")}");
            Console.WriteLine($"  {scenario,-22} {who,-34} not measured: {error.Message}");
        }
    }

    private static TimeSpan Own()
    {
        using var own = Process.GetCurrentProcess();
        return own.TotalProcessorTime;
    }
}
