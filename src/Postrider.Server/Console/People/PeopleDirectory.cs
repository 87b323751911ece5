using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Postrider.Storage;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.People;

/// <summary>The people of the console: passwords, roles and locks. A change of password or role ends the sessions of that person.</summary>
internal sealed class PeopleDirectory(Database database, TimeProvider time)
{
    public const int ShortestPassword = 12, LongestPassword = 256;

    /// <summary>So many wrong passwords in a row lock an account; each further one locks it again.</summary>
    public const int FailuresBeforeLock = 5;

    public static readonly TimeSpan LockFor = TimeSpan.FromMinutes(5);

    private const string Select = "select p.*, (select count(*) from passkeys k where k.person_id = p.id) as passkeys from people p";

    // OWASP ASVS 5.0, appendix C: at least 210,000 rounds of PBKDF2-HMAC-SHA512.
    private readonly PasswordHasher<Person> hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = 210_000 }));
    private readonly Person nobody = new();
    private string? nobodysHash;

    public Task<IReadOnlyList<Person>> AllAsync(CancellationToken cancellation) =>
        database.ReadAsync(session => session.QueryAsync<Person>(Select + " order by p.name"), cancellation);

    public Task<Person?> FindAsync(string id, CancellationToken cancellation) =>
        database.ReadAsync(session => session.FirstOrDefaultAsync<Person>(Select + " where p.id = @id", new { id }), cancellation);

    public Task<Person?> FindByNameAsync(string name, CancellationToken cancellation) =>
        database.ReadAsync(session => session.FirstOrDefaultAsync<Person>(Select + " where p.name = @name", new { name = Normal(name) }), cancellation);

    /// <returns>What is wrong with a name or a password; null when nothing is.</returns>
    public static string? WrongName(string? name) => Normal(name) is { Length: >= 1 and <= 64 } text && text.All(letter => char.IsAsciiLetterOrDigit(letter) || "._-@".Contains(letter, StringComparison.Ordinal))
        ? null : T["Write up to 64 letters, digits, '.', '-', '_' or '@', such as anna or anna@example.org."];

    public static string? WrongPassword(string? password, string name) => password switch
    {
        null or { Length: < ShortestPassword } => T[$"Write at least {ShortestPassword} characters. A sentence is easy to remember and hard to guess."],
        { Length: > LongestPassword } => T[$"Write at most {LongestPassword} characters."],
        _ when password.Distinct().Count() < 5 => T["Write something less regular."],
        _ when password.Contains(Normal(name), StringComparison.OrdinalIgnoreCase) && password.Length < name.Length + ShortestPassword / 2 => T["Write one that does not consist of your name."],
        _ => null,
    };

    /// <returns>Null when the name is taken.</returns>
    public async Task<Person?> AddAsync(string name, string role, string? password, CancellationToken cancellation)
    {
        var person = new Person { Id = Guid.CreateVersion7(time.GetUtcNow()).ToString("N"), Name = Normal(name), Role = role, PasswordHash = password is null ? null : hasher.HashPassword(nobody, password), CreatedAt = Now() };
        var added = await database.WriteAsync(session => session.ExecuteAsync("""
            insert into people (id, name, role, password_hash, created_at) values (@Id, @Name, @Role, @PasswordHash, @CreatedAt) on conflict do nothing
            """, person), cancellation);
        return added == 1 ? person : null;
    }

    /// <summary>Looks at a password. Who is welcome has not signed in yet: a code may be asked for.</summary>
    public async Task<SignIn> SignInAsync(string name, string password, CancellationToken cancellation)
    {
        var person = await FindByNameAsync(name, cancellation);
        if (person?.LockedUntil is { } until && until > Now())
            return new SignIn.Locked(DateTimeOffset.FromUnixTimeMilliseconds(until));
        // An unknown name costs as much time as a known one.
        var hash = person?.PasswordHash ?? (nobodysHash ??= hasher.HashPassword(nobody, Token.New()));
        var right = password.Length <= LongestPassword && hasher.VerifyHashedPassword(nobody, hash, password) != PasswordVerificationResult.Failed;
        if (person?.PasswordHash is null || !right)
        {
            if (person is not null)
                await FailedAsync(person.Id, cancellation);
            return new SignIn.Wrong();
        }
        return new SignIn.Welcome(person);
    }

    /// <summary>Counts a wrong password or code; too many in a row lock the person out for a while.</summary>
    public Task FailedAsync(string id, CancellationToken cancellation) => database.WriteAsync(session => session.ExecuteAsync("""
        update people set failures = failures + 1, locked_until = case when failures + 1 >= @most then @until else null end where id = @id
        """, new { id, most = FailuresBeforeLock, until = time.GetUtcNow().Add(LockFor).ToUnixTimeMilliseconds() }), cancellation);

    /// <summary>Begins the count of wrong passwords and codes anew: once somebody is in (a right password before a wrong code does not forgive the code), and when an owner says so.</summary>
    public Task UnlockAsync(string id, CancellationToken cancellation) =>
        database.WriteAsync(session => session.ExecuteAsync("update people set failures = 0, locked_until = null where id = @id", new { id }), cancellation);

    /// <summary>The person of a provider's subject, added at the first sign-in; the role is what the provider says now.</summary>
    public async Task<Newcomer> FromProviderAsync(string subject, string name, string role, CancellationToken cancellation)
    {
        const string BySubject = Select + " where p.oidc_subject = @subject";
        var known = await database.ReadAsync(session => session.FirstOrDefaultAsync<Person>(BySubject, new { subject }), cancellation);
        if (known is null && WrongName(name) is not null)
            return new Newcomer.WrongName();
        if (known is null)
        {
            var person = new Person { Id = Guid.CreateVersion7(time.GetUtcNow()).ToString("N"), Name = Normal(name), Role = role, OidcSubject = subject, CreatedAt = Now() };
            var added = await database.WriteAsync(session => session.ExecuteAsync("""
                insert into people (id, name, role, oidc_subject, created_at) values (@Id, @Name, @Role, @OidcSubject, @CreatedAt) on conflict do nothing
                """, person), cancellation);
            return added == 1 ? new Newcomer.Known(person) : new Newcomer.Taken();
        }
        // The last owner stays one: an installation without is nobody's.
        return known.Role == role || !await SetRoleAsync(known.Id, role, cancellation)
            ? new Newcomer.Known(known)
            : new Newcomer.Known((await FindAsync(known.Id, cancellation))!);
    }

    /// <summary>Takes away codes, passkeys and the tie to single sign-on, for one who has lost them; a link to set a password is left.</summary>
    public Task ResetWaysAsync(string id, CancellationToken cancellation) => database.WriteAsync(async session =>
    {
        await session.ExecuteAsync("update people set totp_secret = null, totp_since = null, totp_step = 0, oidc_subject = null, failures = 0, locked_until = null where id = @id", new { id });
        await session.ExecuteAsync("delete from recovery_codes where person_id = @id", new { id });
        await session.ExecuteAsync("delete from passkeys where person_id = @id", new { id });
        await session.ExecuteAsync("delete from console_sessions where person_id = @id", new { id });
    }, cancellation);

    /// <summary>Sets a password, and ends every session of the person but the one that is kept.</summary>
    public Task SetPasswordAsync(string id, string password, string? keepSession, CancellationToken cancellation)
    {
        var hash = hasher.HashPassword(nobody, password);
        return database.WriteAsync(async session =>
        {
            await session.ExecuteAsync("update people set password_hash = @hash, failures = 0, locked_until = null where id = @id", new { id, hash });
            await session.ExecuteAsync("delete from console_sessions where person_id = @id and id <> @keep", new { id, keep = keepSession ?? "" });
            await session.ExecuteAsync("delete from console_links where person_id = @id", new { id });
        }, cancellation);
    }

    /// <returns>False, and nothing is changed, when no owner would be left.</returns>
    public Task<bool> SetRoleAsync(string id, string role, CancellationToken cancellation) => database.WriteAsync(async session =>
    {
        if (role != Role.Owner && await IsLastOwnerAsync(session, id))
            return false;
        await session.ExecuteAsync("update people set role = @role where id = @id", new { id, role });
        await session.ExecuteAsync("delete from console_sessions where person_id = @id", new { id });
        return true;
    }, cancellation);

    /// <inheritdoc cref="SetRoleAsync"/>
    public Task<bool> RemoveAsync(string id, CancellationToken cancellation) => database.WriteAsync(async session =>
    {
        if (await IsLastOwnerAsync(session, id))
            return false;
        await session.ExecuteAsync("delete from console_sessions where person_id = @id", new { id });
        await session.ExecuteAsync("delete from console_links where person_id = @id", new { id });
        await session.ExecuteAsync("delete from recovery_codes where person_id = @id", new { id });
        await session.ExecuteAsync("delete from passkeys where person_id = @id", new { id });
        await session.ExecuteAsync("delete from message_views where person_id = @id", new { id });
        await session.ExecuteAsync("delete from people where id = @id", new { id });
        return true;
    }, cancellation);

    private static async Task<bool> IsLastOwnerAsync(DbSession session, string id)
    {
        await session.LockAsync("people");
        return await session.SingleAsync<long>("select count(*) from people where role = 'owner' and id <> @id", new { id }) == 0;
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    // Names are compared in small letters, and white space around one comes from copying.
    private static string Normal(string? name) => (name ?? "").Trim().ToLowerInvariant();
}
