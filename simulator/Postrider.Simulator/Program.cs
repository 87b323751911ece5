using System.Runtime.InteropServices;

namespace Postrider.Simulator;

internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        switch (Arguments.Parse(args))
        {
            case Arguments.Help:
                Console.WriteLine(Arguments.Usage);
                return 0;
            case Arguments.Wrong(var why):
                await Console.Error.WriteLineAsync($"postrider-simulator: {why}\n\n{Arguments.Usage}");
                return 2;
            case Arguments.Run(var options):
                return await RunAsync(options);
            default:
                return 2;
        }
    }

    private static async Task<int> RunAsync(SimulatorOptions options)
    {
        var stop = new TaskCompletionSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        try
        {
            await using var simulator = await SimulatorApp.StartAsync(options);
            Console.WriteLine($"ready http={simulator.HttpUrl.GetLeftPart(UriPartial.Authority)} smtp={simulator.SmtpEndPoint} smtps={simulator.SmtpsEndPoint} ca={simulator.CaFile}");
            await stop.Task;
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Net.Sockets.SocketException)
        {
            await Console.Error.WriteLineAsync($"postrider-simulator: {e.Message}");
            return 1;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.TrySetResult();
        }
    }
}
