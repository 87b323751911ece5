using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Postrider.Client;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Secrets;

/// <summary>T26: keys are rotated under load, and another key ring is refused.</summary>
public sealed class RotationTests : IDisposable
{
    private readonly string place = Directory.CreateTempSubdirectory("ring").FullName;
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keys_rotate_while_mail_is_sent_the_old_one_is_removed_and_a_wrong_passphrase_refuses_to_start()
    {
        // Tokens live for seconds, so that refreshes and their rotated grants meet the rotation.
        await using var installation = await Installation.StartAsync(alone: true, simulatorOptions: new() { Identity = new() { AccessTokenSeconds = 12, Rotation = Postrider.Simulator.RotationMode.Strict } },
            settings: new Dictionary<string, string> { ["POSTRIDER__KeyRing__PassphraseFile"] = Passphrase("right") });
        var gateway = installation.Gateway;
        await gateway.Api.Webhooks.AddAsync(new WebhookInput { Name = "on-call", Url = "http://127.0.0.1:9/" }, Cancellation);
        var old = Assert.Single((await gateway.Api.Secrets.GetAsync(Cancellation)).Keys);
        Assert.True(old is { Current: true, Locked: true, Secrets: > 3 });

        using var enough = new CancellationTokenSource();
        var sending = SendUntilAsync(installation, enough.Token);
        var rotated = await gateway.CliAsync("secrets", "rotate", "--remove-old", "--yes");
        await enough.CancelAsync();
        var ids = await sending;
        Assert.True(rotated.ExitCode == 0, rotated.Error);
        var key = Assert.Single((await gateway.Api.Secrets.GetAsync(Cancellation)).Keys);
        Assert.NotEqual(old.Id, key.Id);
        Assert.True(key.Secrets >= old.Secrets);
        foreach (var id in ids)
            Assert.Single((await gateway.MessageIsAsync(id, "sent")).Attempts);
        Assert.True((await gateway.Api.Alerts.DoctorAsync(Cancellation))["steps"]!.AsArray().Single(step => step!["name"]!.GetValue<string>() == "keyring")!["ok"]!.GetValue<bool>());

        // Everything opens after a restart, and the grant lives.
        await installation.RestartAsync();
        await installation.Gateway.MessageIsAsync(await installation.SendAsync(), "sent");
        Assert.Empty(await SealedWithAnotherAsync(installation.Gateway, key.Id));
        Assert.Equal(0, await installation.Gateway.StopAsync());

        var before = Snapshot(installation.Gateway.DataDirectory);
        foreach (var setting in new[] { $"POSTRIDER__KeyRing__PassphraseFile={Passphrase("wrong")}", "POSTRIDER__KeyRing__PassphraseFile=" })
        {
            var (exit, error) = await RefusedAsync(installation.Gateway.DataDirectory, setting);
            Assert.Equal(78, exit);
            Assert.Contains("KeyRing:PassphraseFile", error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        }
        Assert.Equal(before, Snapshot(installation.Gateway.DataDirectory));
        await installation.RestartAsync();
        await installation.Gateway.MessageIsAsync(await installation.SendAsync(), "sent");
    }

    private static async Task<List<string>> SendUntilAsync(Installation installation, CancellationToken enough)
    {
        var ids = new List<string>();
        while (!enough.IsCancellationRequested)
        {
            ids.Add(await installation.SendAsync());
            await installation.Gateway.MessageIsAsync(ids[^1], "sent");
        }
        return ids;
    }

    /// <summary>Looks at every column of every table: one that a rotation does not know would be lost with its key.</summary>
    private static async Task<List<string>> SealedWithAnotherAsync(RunningGateway gateway, string key)
    {
        var found = new List<string>();
        var (head, all) = (Postrider.Accounts.Sealing.KeyRing.HeadOf(Guid.Parse(key)), 0);
        await using var database = new SqliteConnection($"Data Source={Path.Combine(gateway.DataDirectory, "postrider.db")};Mode=ReadOnly");
        await database.OpenAsync(Cancellation);
        foreach (var (table, column) in await RowsAsync(database, "select m.name, c.name from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table' and lower(c.type) = 'text'"))
            foreach (var (text, _) in await RowsAsync(database, $"select \"{column}\", '' from \"{table}\" where \"{column}\" like 'CfDJ8%'"))
            {
                all++;
                if (!text.StartsWith(head, StringComparison.Ordinal))
                    found.Add($"{table}.{column}");
            }
        Assert.True(all > 3);
        return found;
    }

    private static async Task<List<(string, string)>> RowsAsync(SqliteConnection database, string sql)
    {
        var rows = new List<(string, string)>();
        await using var command = database.CreateCommand();
#pragma warning disable CA2100 // Names come from the schema.
        command.CommandText = sql;
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        while (await reader.ReadAsync(Cancellation))
            rows.Add((reader.GetString(0), reader.GetString(1)));
        return rows;
    }

    private static async Task<(int Exit, string Error)> RefusedAsync(string data, string setting)
    {
        var start = new ProcessStartInfo(GatewayProcess.Executable, ["serve", "--data", data, "--http", "127.0.0.1:0", "--smtp", "127.0.0.1:0"]) { RedirectStandardError = true, RedirectStandardOutput = true };
        var (name, value) = (setting[..setting.IndexOf('=', StringComparison.Ordinal)], setting[(setting.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        return (process.ExitCode, await error);
    }

    private string Passphrase(string name)
    {
        var file = Path.Combine(place, name);
        File.WriteAllText(file, $"the {name} passphrase of this ring\n");
        return file;
    }

    private static Dictionary<string, string> Snapshot(string data) => Directory.GetFiles(data, "*", SearchOption.AllDirectories)
        .Where(file => Path.GetFileName(file) is var name && (name.EndsWith(".xml", StringComparison.Ordinal) || name == "postrider.db"))
        .ToDictionary(file => file, file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file))));

    public void Dispose() => Directory.Delete(place, recursive: true);
}
