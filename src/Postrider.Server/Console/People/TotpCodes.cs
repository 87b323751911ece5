using System.Security.Cryptography;
using System.Text;
using OtpNet;
using Postrider.Accounts.Tokens;
using Postrider.Storage;

namespace Postrider.Server.Console.People;

/// <summary>Codes from an app on another device (RFC 6238), asked for after the password. Each works once. Recovery codes stand in for the
/// device when it is lost, and each of them works once too.</summary>
internal sealed class TotpCodes(Database database, TokenVault vault, PeopleDirectory people, TimeProvider time)
{
    private const int SecretBytes = 20, RecoveryCodes = 10, RecoveryLength = 12;

    /// <summary>No letters that are taken for each other.</summary>
    private const string RecoveryLetters = "abcdefghijkmnpqrstuvwxyz23456789";

    /// <summary>A clock may be half a minute wrong.</summary>
    private static readonly VerificationWindow Window = new(previous: 1, future: 1);

    /// <summary>Makes a secret for the app. It asks for no codes until one of them was typed.</summary>
    public Task BeginAsync(Person person, CancellationToken cancellation) => database.WriteAsync(session => session.ExecuteAsync(
        "update people set totp_secret = @secret, totp_step = 0 where id = @Id and totp_since is null",
        new { person.Id, secret = vault.Seal(Place(person.Id), Base32Encoding.ToString(RandomNumberGenerator.GetBytes(SecretBytes))) }), cancellation);

    /// <summary>The secret as an app takes it, while it is being set up; null when it is not.</summary>
    public string? Pending(Person person) => person is { TotpSecret: { } text, TotpSince: null } ? vault.Open(Place(person.Id), text) : null;

    /// <summary>The address that the QR code holds.</summary>
    public static string Address(Person person, string secret) => new OtpUri(OtpType.Totp, secret, person.Name, "Postrider").ToString();

    /// <summary>The first code from the app switches the asking on.</summary>
    /// <returns>The recovery codes, which are not shown again; null when the code is wrong.</returns>
    public async Task<IReadOnlyList<string>?> ConfirmAsync(Person person, string code, CancellationToken cancellation)
    {
        if (Step(person, code) is not { } step)
            return null;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var on = await database.WriteAsync(session => session.ExecuteAsync("update people set totp_since = @now, totp_step = @step where id = @Id and totp_since is null", new { person.Id, now, step }), cancellation);
        return on == 1 ? await RenewRecoveryAsync(person, cancellation) : null;
    }

    /// <summary>Makes other recovery codes; those from before end.</summary>
    public async Task<IReadOnlyList<string>> RenewRecoveryAsync(Person person, CancellationToken cancellation)
    {
        var codes = Enumerable.Range(0, RecoveryCodes).Select(_ => RandomNumberGenerator.GetString(RecoveryLetters, RecoveryLength)).ToList();
        await database.WriteAsync(async session =>
        {
            await session.ExecuteAsync("delete from recovery_codes where person_id = @Id", new { person.Id });
            foreach (var code in codes)
                await session.ExecuteAsync("insert into recovery_codes (person_id, code_hash) values (@Id, @hash)", new { person.Id, hash = Hash(code) });
        }, cancellation);
        return [.. codes.Select(code => $"{code[..4]}-{code[4..8]}-{code[8..]}")];
    }

    public Task<long> RecoveryLeftAsync(Person person, CancellationToken cancellation) =>
        database.ReadAsync(session => session.SingleAsync<long>("select count(*) from recovery_codes where person_id = @Id", new { person.Id }), cancellation);

    /// <summary>Takes a code from the app, or a recovery code. Wrong ones count like wrong passwords.</summary>
    public async Task<CodeAnswer> TakeAsync(Person person, string code, CancellationToken cancellation)
    {
        if (person.LockedUntil > time.GetUtcNow().ToUnixTimeMilliseconds())
            return CodeAnswer.Locked;
        if (Step(person, code) is { } step
            && await database.WriteAsync(session => session.ExecuteAsync("update people set totp_step = @step where id = @Id and totp_step < @step", new { person.Id, step }), cancellation) == 1)
            return CodeAnswer.Right;
        if (await database.WriteAsync(session => session.ExecuteAsync("delete from recovery_codes where person_id = @Id and code_hash = @hash", new { person.Id, hash = Hash(code) }), cancellation) == 1)
            return CodeAnswer.Recovery;
        await people.FailedAsync(person.Id, cancellation);
        return CodeAnswer.Wrong;
    }

    public Task EndAsync(Person person, CancellationToken cancellation) => database.WriteAsync(async session =>
    {
        await session.ExecuteAsync("update people set totp_secret = null, totp_since = null, totp_step = 0 where id = @Id", new { person.Id });
        await session.ExecuteAsync("delete from recovery_codes where person_id = @Id", new { person.Id });
    }, cancellation);

    /// <returns>The step that the code is of; null when it is of none near now.</returns>
    private long? Step(Person person, string code)
    {
        if (person.TotpSecret is not { } text)
            return null;
        var totp = new Totp(Base32Encoding.ToBytes(vault.Open(Place(person.Id), text)));
        return totp.VerifyTotp(time.GetUtcNow().UtcDateTime, code.Replace(" ", "", StringComparison.Ordinal), out var step, Window) ? step : null;
    }

    private static SecretPlace Place(string personId) => new("people", personId, "totp_secret");

    // 59 random bits need no slow hash; what people type of them varies.
    private static string Hash(string code) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant())));
}

internal enum CodeAnswer
{
    Wrong,

    /// <summary>Too many were wrong.</summary>
    Locked,
    Right,

    /// <summary>A recovery code, used up with this.</summary>
    Recovery,
}
