using System.Buffers.Text;
using Microsoft.AspNetCore.Identity;
using Postrider.Storage;

namespace Postrider.Server.Console.People.Passkeys;

/// <summary>A row of <c>passkeys</c>. What an authenticator said of itself when it was added is not kept.</summary>
internal sealed class PasskeyRow
{
    public string CredentialId { get; init; } = "";
    public string PersonId { get; init; } = "";
    public string Name { get; init; } = "";
    public byte[] PublicKey { get; init; } = [];
    public long SignCount { get; init; }
    public string Transports { get; init; } = "";
    public bool UserVerified { get; init; }
    public bool BackupEligible { get; init; }
    public bool BackedUp { get; init; }
    public long CreatedAt { get; init; }
    public long? UsedAt { get; init; }

    public UserPasskeyInfo ToInfo() => new(Base64Url.DecodeFromChars(CredentialId), PublicKey, DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt), (uint)SignCount,
        Transports.Split(' ', StringSplitOptions.RemoveEmptyEntries), UserVerified, BackupEligible, BackedUp, [], []) { Name = Name };
}

/// <summary>People and their passkeys as the handler of ASP.NET Core Identity asks for them. It reads; who adds, changes and removes is <see cref="PasskeySignIn"/>.</summary>
internal sealed class PasskeyStore(PeopleDirectory people, Database database) : IUserPasskeyStore<Person>
{
    public static string IdOf(byte[] credentialId) => Base64Url.EncodeToString(credentialId);

    public async Task<IReadOnlyList<PasskeyRow>> OfAsync(string personId, CancellationToken cancellation) =>
        await database.ReadAsync(session => session.QueryAsync<PasskeyRow>("select * from passkeys where person_id = @personId order by created_at", new { personId }), cancellation);

    public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(Person user, CancellationToken cancellationToken) => [.. (await OfAsync(user.Id, cancellationToken)).Select(row => row.ToInfo())];

    public async Task<UserPasskeyInfo?> FindPasskeyAsync(Person user, byte[] credentialId, CancellationToken cancellationToken) =>
        (await OfAsync(user.Id, cancellationToken)).FirstOrDefault(row => row.CredentialId == IdOf(credentialId))?.ToInfo();

    public async Task<Person?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken) =>
        await database.ReadAsync(session => session.FirstOrDefaultAsync<string>("select person_id from passkeys where credential_id = @id", new { id = IdOf(credentialId) }), cancellationToken) is { } personId
            ? await people.FindAsync(personId, cancellationToken) : null;

    public Task<Person?> FindByIdAsync(string userId, CancellationToken cancellationToken) => people.FindAsync(userId, cancellationToken);

    public Task<Person?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) => people.FindByNameAsync(normalizedUserName, cancellationToken);

    public Task<string> GetUserIdAsync(Person user, CancellationToken cancellationToken) => Task.FromResult(user.Id);

    public Task<string?> GetUserNameAsync(Person user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Name);

    public Task<string?> GetNormalizedUserNameAsync(Person user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Name);

    public Task AddOrUpdatePasskeyAsync(Person user, UserPasskeyInfo passkey, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task RemovePasskeyAsync(Person user, byte[] credentialId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetUserNameAsync(Person user, string? userName, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetNormalizedUserNameAsync(Person user, string? normalizedName, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> CreateAsync(Person user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> UpdateAsync(Person user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> DeleteAsync(Person user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
