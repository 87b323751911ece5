using System.Globalization;
using Postrider.EndToEnd.Crashes;
using Postrider.EndToEnd.Running;

namespace Postrider.Soak;

/// <summary>One gateway, killed at random moments under load.</summary>
internal static class KillScenario
{
    private const int Most = 50, Sessions = 20;
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(100);

    public static async Task<Result> RunAsync(Soak soak)
    {
        await using var installation = await Installation.StartAsync(alone: true, smtp: Chance.FreeDoor());
        var load = new SubmissionLoad(installation.Gateway.Smtp, soak.Seed);
        using var enough = new CancellationTokenSource();
        var running = load.RunAsync(Sessions, int.MaxValue, enough.Token, Rest);
        var (kills, sound, ready, lives) = (0, 0, TimeProvider.System.GetUtcNow(), new List<(DateTimeOffset Ready, DateTimeOffset Killed)>());
        while (kills < Most && !soak.IsOver)
        {
            await soak.PauseAsync(200, 2500);
            lives.Add((ready, TimeProvider.System.GetUtcNow()));
            await installation.Process.KillAsync();
            kills++;
            sound += IsSound(installation.Gateway.DataDirectory) ? 1 : 0;
            await installation.RestartAsync();
            ready = TimeProvider.System.GetUtcNow();
        }
        await Task.Delay(TimeSpan.FromSeconds(3));
        await enough.CancelAsync();
        await running;
        var held = await Arrivals.ReleaseSuspectsAsync(installation.Gateway, CancellationToken.None);
        var arrivals = new Arrivals(installation.Simulator, load);
        var first = arrivals.LongestToFirst([.. lives, (ready, TimeProvider.System.GetUtcNow())]);
        await installation.Gateway.StopAsync();
        var uncertain = long.Parse(DatabaseFile.Query(installation.Gateway.DataDirectory, "select count(*) from attempts where outcome = 'uncertain'").Single(), CultureInfo.InvariantCulture);
        var copies = arrivals.Duplicated.Values.Sum(count => count - 1);
        return new Result("T01", "`kill -9` at random moments under load (SQLite)", "0 lost; copies at most what was at its final dot; database whole after each kill; first delivery within 5 s of a start",
            string.Create(CultureInfo.InvariantCulture, $"{kills} kills, {load.Accepted.Count:N0} accepted, {arrivals.Lost.Count} lost, {arrivals.Changed.Count} changed, {copies} copies of {uncertain} told as uncertain, {held} held and released, {sound} of {kills} whole, first delivery after at most {first.TotalSeconds:0.0} s"),
            arrivals.Lost.Count + arrivals.Changed.Count + arrivals.Foreign.Count == 0 && copies <= uncertain && sound == kills && first < TimeSpan.FromSeconds(5));
    }

    // A copy of what the killed process left is opened, so that nobody recovers it before the next start does.
    private static bool IsSound(string data)
    {
        var copy = Directory.CreateTempSubdirectory("postrider-soak-").FullName;
        foreach (var file in Directory.GetFiles(data, "postrider.db*").Where(file => !file.EndsWith("-shm", StringComparison.Ordinal) && !file.EndsWith(".lock", StringComparison.Ordinal)))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        var found = DatabaseFile.Query(copy, "pragma integrity_check");
        Directory.Delete(copy, recursive: true);
        return found is ["ok"];
    }
}
