namespace Postrider.Accounts.Failures;

/// <summary>Whom a failure concerns, narrowest last. Everything outside the scope goes on undisturbed.</summary>
public enum FailureScope
{
    /// <summary>This connection only: close it and open another.</summary>
    Session,

    /// <summary>The provider as configured, that is its mailbox, application or server: every message in its queue.</summary>
    Account,

    /// <summary>Every mailbox of the same organisation at the provider.</summary>
    Tenant,

    /// <summary>This message, for all recipients of the transaction.</summary>
    Message,

    /// <summary>One recipient; the others of the message are not concerned.</summary>
    Recipient,
}
