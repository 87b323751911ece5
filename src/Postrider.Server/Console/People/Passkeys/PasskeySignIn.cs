using System.Net;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Postrider.Accounts;
using Postrider.Storage;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.People.Passkeys;

/// <summary>Passkeys (WebAuthn): a key on a person's device that signs in alone, for the device asks for a finger, a face or a PIN. The checks are
/// ASP.NET Core Identity's; what was asked is carried by the browser, sealed, and counts once.</summary>
internal sealed class PasskeySignIn(PasskeyStore store, Database database, AccountsOptions accounts, HalfSignIn half, TimeProvider time, IServiceProvider services, ILoggerFactory logs)
{
    private const string Adding = "passkey-add", Asking = "passkey-ask", Required = "required";
    private const int LongestName = 60;

    /// <summary>How many a person may have.</summary>
    public const int Most = 10;

    private PasskeyHandler<Person>? handler;

    /// <summary>A passkey belongs to a name: there is none for an address of numbers, nor under any other name than the configured one.</summary>
    public bool IsPossible(HttpRequest request) => accounts.PublicUrl.Host == request.Host.Host && !IPAddress.TryParse(accounts.PublicUrl.Host.Trim('[', ']'), out _);

    /// <summary>Where it is possible.</summary>
    public string Place => accounts.PublicUrl.GetLeftPart(UriPartial.Authority);

    public Task<IReadOnlyList<PasskeyRow>> OfAsync(Person person, CancellationToken cancellation) => store.OfAsync(person.Id, cancellation);

    /// <returns>What the browser is to make a key for.</returns>
    public async Task<string> BeginAddingAsync(HttpContext context, Person person)
    {
        var asked = await Handler().MakeCreationOptionsAsync(new PasskeyUserEntity { Id = person.Id, Name = person.Name, DisplayName = person.Name }, context);
        half.Keep(context, Adding, asked.AttestationState!);
        return asked.CreationOptionsJson;
    }

    /// <param name="credential">The browser's answer.</param>
    /// <param name="name">What the person calls it.</param>
    /// <returns>What is wrong; null when it was added.</returns>
    public async Task<string?> AddAsync(HttpContext context, Person person, string credential, string? name, CancellationToken cancellation)
    {
        if (await OfAsync(person, cancellation) is { Count: >= Most })
            return T[$"You have {Most} passkeys. Remove one that you no longer use."];
        if (half.Take(context, Adding) is not { } state)
            return T["That took too long. Try again."];
        var result = await Handler().PerformAttestationAsync(new PasskeyAttestationContext { HttpContext = context, CredentialJson = credential, AttestationState = state });
        if (!result.Succeeded || result.UserEntity.Id != person.Id)
            return T["The passkey was not accepted: {0}", result.Failure?.Message ?? T["it was made for somebody else."]];
        var key = result.Passkey;
        var row = new PasskeyRow
        {
            CredentialId = PasskeyStore.IdOf(key.CredentialId), PersonId = person.Id, Name = Called(name), PublicKey = key.PublicKey, SignCount = key.SignCount, Transports = string.Join(' ', key.Transports ?? []),
            UserVerified = key.IsUserVerified, BackupEligible = key.IsBackupEligible, BackedUp = key.IsBackedUp, CreatedAt = Now(),
        };
        var added = await database.WriteAsync(session => session.ExecuteAsync("""
            insert into passkeys (credential_id, person_id, name, public_key, sign_count, transports, user_verified, backup_eligible, backed_up, created_at)
            values (@CredentialId, @PersonId, @Name, @PublicKey, @SignCount, @Transports, @verified, @eligible, @backed, @CreatedAt) on conflict do nothing
            """, new { row.CredentialId, row.PersonId, row.Name, row.PublicKey, row.SignCount, row.Transports, row.CreatedAt, verified = row.UserVerified ? 1 : 0, eligible = row.BackupEligible ? 1 : 0, backed = row.BackedUp ? 1 : 0 }), cancellation);
        return added == 1 ? null : T["That passkey is known already."];
    }

    /// <returns>What the browser is to sign.</returns>
    public async Task<string> AskAsync(HttpContext context)
    {
        var asked = await Handler().MakeRequestOptionsAsync(null, context);
        half.Keep(context, Asking, asked.AssertionState!);
        return asked.RequestOptionsJson;
    }

    /// <returns>Who has signed it; null when that is not to be believed.</returns>
    public async Task<Person?> TakeAsync(HttpContext context, string credential, CancellationToken cancellation)
    {
        if (half.Take(context, Asking) is not { } state)
            return null;
        var result = await Handler().PerformAssertionAsync(new PasskeyAssertionContext { HttpContext = context, CredentialJson = credential, AssertionState = state });
        if (!result.Succeeded)
            return null;
        // An answer that is sent twice has the same count; one of an authenticator that does not count has none.
        var key = result.Passkey;
        var used = await database.WriteAsync(session => session.ExecuteAsync("""
            update passkeys set sign_count = @count, backed_up = @backed, used_at = @now where credential_id = @id and (sign_count < @count or @count = 0)
            """, new { id = PasskeyStore.IdOf(key.CredentialId), count = (long)key.SignCount, backed = key.IsBackedUp ? 1 : 0, now = Now() }), cancellation);
        return used == 1 ? result.User : null;
    }

    public async Task<bool> RemoveAsync(Person person, string credentialId, CancellationToken cancellation) =>
        await database.WriteAsync(session => session.ExecuteAsync("delete from passkeys where credential_id = @credentialId and person_id = @Id", new { credentialId, person.Id }), cancellation) == 1;

    // The public address is known when the doors are open.
    private PasskeyHandler<Person> Handler() => handler ??= new(
        new UserManager<Person>(store, Options.Create(new IdentityOptions()), new PasswordHasher<Person>(), [], [], new UpperInvariantLookupNormalizer(), new IdentityErrorDescriber(), services, logs.CreateLogger<UserManager<Person>>()),
        Options.Create(new IdentityPasskeyOptions
        {
            ServerDomain = accounts.PublicUrl.Host,
            UserVerificationRequirement = Required,
            ResidentKeyRequirement = Required,
            ValidateOrigin = seen => ValueTask.FromResult(!seen.CrossOrigin && seen.Origin == Place),
        }));

    private static string Called(string? name) => Ui.Foreign.Clean(name ?? "").Trim() is { Length: > 0 } given ? given.Length > LongestName ? given[..LongestName] : given : "Passkey";

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
