using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Postrider.Accounts.Tokens;
using Postrider.Storage;

namespace Postrider.Accounts.Sealing;

/// <summary>Secrets at rest: the key ring, what locks it, and what is sealed with it.</summary>
internal static class SealingServices
{
    /// <exception cref="KeyRingException">What the ring is to be locked with cannot be read.</exception>
    public static IServiceCollection AddSealing(this IServiceCollection services, AccountsOptions options)
    {
        var how = options.KeyRing.Read(Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY"));
        services.AddSingleton(how).AddSingleton<PassphraseLock>();
        services.AddSingleton<KeyRing>().AddSingleton<IKeyManager>(provider => provider.GetRequiredService<KeyRing>());
        services.AddDataProtection().SetApplicationName("Postrider").PersistKeysToFileSystem(Directory(options.KeyDirectory)).UnprotectKeysWithAnyCertificate([.. how.Certificates]);
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider => new ConfigureOptions<KeyManagementOptions>(keys =>
        {
            if (provider.GetRequiredService<Database>() is { IsShared: true } database)
                keys.XmlRepository = new DatabaseKeyRing(database, provider.GetRequiredService<TimeProvider>());
            if (how.ByPassphrase)
                keys.XmlEncryptor = provider.GetRequiredService<PassphraseLock>();
            else if (how.ByCertificate)
                keys.XmlEncryptor = new CertificateXmlEncryptor(how.Certificates[0], provider.GetRequiredService<ILoggerFactory>());
        }));
        foreach (var column in SealedSecrets.OfAccounts)
            services.AddSingleton(column);
        services.AddSingleton<TokenVault>().AddSingleton<SealedSecrets>().AddSingleton<KeyRingCheck>();
        return services.AddSingleton<SecretRotation>().AddHostedService(provider => provider.GetRequiredService<SecretRotation>());
    }

    private static DirectoryInfo Directory(string path)
    {
        if (OperatingSystem.IsWindows())
            return System.IO.Directory.CreateDirectory(path);
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        var directory = System.IO.Directory.CreateDirectory(path, OwnerOnly);
        File.SetUnixFileMode(path, OwnerOnly);
        return directory;
    }
}
