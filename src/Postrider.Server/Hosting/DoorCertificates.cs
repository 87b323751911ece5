using System.Security.Cryptography.X509Certificates;
using Postrider.Accounts.Watch;
using Postrider.Server.Submission;

namespace Postrider.Server.Hosting;

/// <summary>The certificates that our own doors show, and when they end.</summary>
internal sealed class DoorCertificates(SubmissionCertificate submission, TimeProvider time) : IFindingSource
{
    /// <summary>The certificate of the SMTP door; null when it has none, or none that can be read.</summary>
    public X509Certificate2? Smtp
    {
        get
        {
            try
            {
                return submission.IsConfigured ? submission.Current : null;
            }
            catch (InvalidOperationException)
            {
                return null;
            }
        }
    }

    public const string Remedy = "Renew it, and put the new files in the place of the old ones; they are read again by themselves.";

    public Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (Smtp is not { } certificate || ExpirySteps.Reached(End(certificate), now) is not { } step)
            return Task.FromResult<IReadOnlyList<Finding>>([]);
        var over = step is 0;
        return Task.FromResult<IReadOnlyList<Finding>>([new Finding("certificate:smtp", FindingKind.CertificateExpiry, over ? FindingSeverity.Error : FindingSeverity.Warning,
            over ? $"The certificate of the SMTP door ended {ExpirySteps.When(End(certificate), now)}." : $"The certificate of the SMTP door ends {ExpirySteps.When(End(certificate), now)}.",
            over ? "Clients that check certificates no longer hand in mail." : "When it ends, clients that check certificates hand in no more mail.", Remedy) { Step = step, Local = true }]);
    }

    public static DateTimeOffset End(X509Certificate2 certificate) => new(certificate.NotAfter.ToUniversalTime(), TimeSpan.Zero);
}
