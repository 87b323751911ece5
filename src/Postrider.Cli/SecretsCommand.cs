using System.CommandLine;
using System.Globalization;
using Postrider.Client;

namespace Postrider.Cli;

/// <summary>The keys that stored secrets are sealed with.</summary>
internal static class SecretsCommand
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private static readonly Argument<string> Key = new("key") { Description = "The key's id, as in 'secrets status'." };
    private static readonly Option<bool> RemoveOld = new("--remove-old") { Description = "When all is sealed anew, take the old keys out of the ring. Backups made before can be opened with their own keys only." };
    private static readonly Option<bool> NoWait = new("--no-wait") { Description = "Begin, and do not wait for the end." };

    public static Command Create() => new Command("secrets", "The keys that stored secrets are sealed with.")
    {
        new Verb("status", "Show the keys, how many secrets are sealed with each, and how far a rotation has come.", "secrets status").Does(StatusAsync),
        new Verb("rotate", "Make a new key and seal every stored secret with it. Mail goes on meanwhile; an interrupted one goes on with the next start.",
            "secrets rotate", "secrets rotate --remove-old") { RemoveOld, NoWait, Confirmation.Yes }.Does(RotateAsync),
        new Verb("remove-key", "Take a key that seals nothing any more out of the ring, for good.", "secrets remove-key 6f0c3a52-5d1e-4b0e-9d3a-0a1b2c3d4e5f") { Key, Confirmation.Yes }.Does(RemoveAsync),
    };

    private static async Task StatusAsync(Call call) => Show(call, await call.AskAsync(server => server.Secrets.GetAsync(call.Cancellation)));

    private static async Task RotateAsync(Call call)
    {
        var removes = call.Get(RemoveOld);
        if (removes && call.Get(NoWait))
            throw new UsageException("--remove-old waits until nothing is sealed with the old keys: leave --no-wait out.");
        if (removes && !await Confirmation.AskUnlessScriptedAsync(call, "Take the old keys out of the ring when all is sealed anew? Backups made before can then be opened with the keys in them only."))
            return;
        var secrets = await call.AskAsync(server => server.Secrets.RotateAsync(call.Cancellation));
        if (!call.Get(NoWait))
            secrets = await UntilSealedAsync(call, secrets);
        if (removes)
        {
            foreach (var key in secrets.Keys.Where(key => !key.Current))
                await call.AskAsync(server => server.Secrets.RemoveKeyAsync(key.Id, call.Cancellation));
            secrets = await call.AskAsync(server => server.Secrets.GetAsync(call.Cancellation));
        }
        Show(call, secrets);
    }

    private static async Task<SecretsView> UntilSealedAsync(Call call, SecretsView secrets)
    {
        while (secrets.Rotating)
        {
            if (call.Terminal.OutIsTerminal)
                call.Terminal.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{secrets.Keys.Where(key => !key.Current).Sum(key => key.Secrets):N0} to be sealed anew; it ends when nothing under way can use the old key\u001b[K"));
            await Task.Delay(LookEvery, call.Terminal.Time, call.Cancellation);
            secrets = await call.AskAsync(server => server.Secrets.GetAsync(call.Cancellation));
        }
        if (call.Terminal.OutIsTerminal)
            call.Terminal.Error.Write("\r\u001b[K");
        return secrets;
    }

    private static async Task RemoveAsync(Call call)
    {
        if (!await Confirmation.AskUnlessScriptedAsync(call, $"Take the key {call.Get(Key)} out of the ring? Backups sealed with it can then be opened with the keys in them only."))
            return;
        await call.AskAsync(server => server.Secrets.RemoveKeyAsync(call.Get(Key), call.Cancellation));
        call.Output.Did("removed", call.Get(Key), $"Removed {call.Get(Key)}.");
    }

    private static void Show(Call call, SecretsView secrets) => call.Output.Show(secrets, PostriderJson.Default.SecretsView, _ =>
    {
        var time = call.Terminal.Time;
        call.Output.Table(secrets.Keys, "There is no key yet: the first secret that is stored makes one.",
            new("KEY", key => key.Id, whole: true),
            new("MADE", key => Moments.Since(key.CreatedAt, time)),
            new("SECRETS", key => key.Secrets.ToString("N0", CultureInfo.InvariantCulture)),
            new("STATE", key => $"{(key.Current ? "in force" : key.Secrets == 0 ? "not used any more" : "old")}{(key.Locked ? ", locked" : "")}"));
        if (secrets.SecretsWithoutKey > 0)
            call.Output.Say(string.Create(CultureInfo.InvariantCulture, $"{secrets.SecretsWithoutKey:N0} secrets cannot be opened, because the ring does not hold their key: enter them again."));
        if (secrets.Rotating)
            call.Output.Say($"Secrets are being sealed anew since {Moments.Since(secrets.StartedAt!.Value, time)}.");
        else if (secrets.Keys.Any(key => !key.Locked) && secrets.Keys.Any(key => key.Locked))
            call.Output.Say("Some keys lie in the ring unlocked. Seal with locked ones only: postrider secrets rotate --remove-old");
    });
}
