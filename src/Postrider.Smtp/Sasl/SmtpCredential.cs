namespace Postrider.Smtp;

/// <summary>As whom we sign in. <c>ToString</c> never prints a secret: credentials end up in interpolated strings by accident.</summary>
public abstract record SmtpCredential
{
    private SmtpCredential() { }

    /// <summary>The mailbox or account name.</summary>
    public abstract string User { get; init; }

    /// <summary>An access token for XOAUTH2 or OAUTHBEARER. <paramref name="User"/> is the mailbox to send as, which a
    /// token of another user may open (a shared mailbox).</summary>
    public sealed record OAuth(string User, string AccessToken) : SmtpCredential
    {
        public override string User { get; init; } = User;
        public override string ToString() => $"OAuth token of {User}";
    }

    /// <summary>A password for PLAIN or LOGIN.</summary>
    public sealed record Password(string User, string Secret) : SmtpCredential
    {
        public override string User { get; init; } = User;
        public override string ToString() => $"password of {User}";
    }
}
