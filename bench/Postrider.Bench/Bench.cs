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
    /// <param name="server">Whose are told apart, where there is a server of its own behind.</param>
    public async Task MeasureAsync(string scenario, string who, int messages, int? pid, Func<Task> work, int? server = null)
    {
        var (cpu, behind) = (CpuOf(pid), CpuOf(server));
        var clock = Stopwatch.StartNew();
        await work();
        var rate = messages / clock.Elapsed.TotalSeconds;
        Add(who, pid, cpu);
        if (server is not null)
            Add($"{who}, the server's own", server, behind);

        void Add(string whose, int? one, TimeSpan before) => figures.Add(scenario, whose, rate, "messages/s",
            one is null ? null : (CpuOf(one) - before).TotalMicroseconds / messages, one is { } held ? ProcessTree.Megabytes(held) : null);
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

    private static TimeSpan CpuOf(int? pid)
    {
        if (pid is { } other)
            return ProcessTree.Cpu(other);
        using var own = Process.GetCurrentProcess();
        return own.TotalProcessorTime;
    }
}
