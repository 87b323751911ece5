namespace Postrider.Accounts.Failures;

/// <summary>What a failure means for the mail that met it (oauth-smtp reference, section 3.7).</summary>
public enum RetryClass
{
    /// <summary>P: final for this message or recipient. It fails visibly and is not tried again by itself.</summary>
    Permanent,

    /// <summary>T: passes by itself. Try again later, counting the attempt.</summary>
    Transient,

    /// <summary>L: a limit was reached. The mailbox or tenant pauses for <see cref="KnownFailure.Wait"/>;
    /// its messages stay untouched and no attempt is counted, even when the reply was a 5xx.</summary>
    RateLimited,

    /// <summary>C: the account is set up wrongly, here or at the provider. Its whole queue is held, a person is told,
    /// a probe goes out every 5 to 15 minutes, and nothing bounces because of it.</summary>
    Configuration,

    /// <summary>A: the sign-in was refused. In SMTP: renew the access token once and retry, then treat as
    /// <see cref="Configuration"/>. At the token endpoint: the grant is dead, and when
    /// <see cref="KnownFailure.NeedsConsent"/> is set the same refresh token must not be used again.</summary>
    Authentication,
}
