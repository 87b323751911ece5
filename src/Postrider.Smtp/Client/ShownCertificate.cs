using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Postrider.Smtp;

/// <summary>A certificate of the chain that was built for a server, its own first.</summary>
/// <param name="IsShown">The server showed it; otherwise it was known here.</param>
/// <param name="Wrong">Why it is not accepted, in plain words; null where nothing is wrong with it.</param>
public sealed record ShownCertificate(CertificateSummary Certificate, bool IsShown, string? Wrong)
{
    internal static IReadOnlyList<ShownCertificate> Of(X509Certificate? own, X509Chain? chain, SslPolicyErrors errors)
    {
        if (chain is not { ChainElements.Count: > 0 })
            return CertificateSummary.Of(own) is { } alone ? [new(alone, true, errors == SslPolicyErrors.None ? null : "It could not be checked.")] : [];
        // What came along in the handshake is put beside the stores of this machine.
        var shown = chain.ChainPolicy.ExtraStore.Select(certificate => certificate.Thumbprint).ToHashSet();
        return [.. chain.ChainElements.Index().Select(element => new ShownCertificate(CertificateSummary.Of(element.Item.Certificate)!,
            element.Index == 0 || shown.Contains(element.Item.Certificate.Thumbprint),
            string.Join(' ', Faults(element.Item, element.Index == 0 && errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))) is { Length: > 0 } wrong ? wrong : null))];
    }

    private static IEnumerable<string> Faults(X509ChainElement element, bool isForAnotherName)
    {
        if (isForAnotherName)
            yield return "It is for another name than the server's address.";
        foreach (var status in element.ChainElementStatus)
            yield return status.Status switch
            {
                X509ChainStatusFlags.NotTimeValid => "It is outside its validity.",
                X509ChainStatusFlags.PartialChain => "Its issuer was not shown by the server and is not known here.",
                X509ChainStatusFlags.UntrustedRoot => "The chain ends here, and this one is not trusted on this machine.",
                X509ChainStatusFlags.Revoked => "Its issuer has revoked it.",
                X509ChainStatusFlags.NotSignatureValid => "Its signature is not right.",
                X509ChainStatusFlags.NotValidForUsage => "It is not for servers.",
                _ => status.StatusInformation.Trim(),
            };
    }
}
