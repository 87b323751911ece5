using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postrider.Simulator;

namespace Postrider.EndToEnd.Running;

/// <summary>One certificate authority for every simulated and foreign server of a run. This process trusts it, so that gateways can run within.</summary>
internal static class Trust
{
    public const string Variable = "SSL_CERT_FILE";

    public static X509Certificate2 Authority { get; } = TestCertificates.Authority();

    /// <summary>For servers that sign with it: <c>ca.pem</c> and <c>ca.key</c>; and for simulated platforms the key of their tokens, which none of them has to make anew.</summary>
    public static string Folder { get; } = Directory.CreateTempSubdirectory("postrider-trust-").FullName;

    public static string AuthorityFile { get; } = Path.Combine(Folder, "ca.pem");

    // Which certificates a process trusts is settled when the first one is looked at, by the environment that the C library knows.
    [ModuleInitializer]
    internal static void Begin()
    {
        File.WriteAllText(AuthorityFile, Authority.ExportCertificatePem() + "\n");
        using var key = Authority.GetECDsaPrivateKey()!;
        File.WriteAllText(Path.Combine(Folder, "ca.key"), key.ExportPkcs8PrivateKeyPem() + "\n");
        using var tokens = RSA.Create(2048);
        File.WriteAllText(Path.Combine(Folder, "tokens.key"), tokens.ExportPkcs8PrivateKeyPem() + "\n");
        if (SetEnvironment(Variable, AuthorityFile, 1) != 0)
            throw new InvalidOperationException(Marshal.GetLastPInvokeErrorMessage());
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Folder, recursive: true);
    }

    [DllImport("libc", EntryPoint = "setenv", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetEnvironment(string name, string value, int overwrite);
}
