namespace Postrider.Simulator;

/// <summary>What every simulator starts with. Tests and the demo rely on these values.</summary>
public static class Seed
{
    public const string TenantDomain = "contoso.example";

    /// <summary>Has every character that breaks when a secret is not form-encoded (reference 1.4).</summary>
    public const string ClientSecret = "Sim8Q~p+s/t=r&d%2Bz~";

    /// <summary>An https address at which nobody answers: for pasting the address one landed on.</summary>
    public const string DeafRedirectUri = "https://gateway.contoso.example/oauth/callback";

    public const string NoReply = "noreply@contoso.example";
    public const string Alerts = "alerts@contoso.example";
    public const string Shared = "shared@contoso.example";

    public static readonly Guid TenantId = new("8f7a0000-1111-4222-8333-444455556666");
    public static readonly Guid ClientId = new("11111111-2222-3333-4444-555555555555");
    public static readonly Guid SecretId = new("5ec2e700-0000-4000-8000-000000000001");

    internal static void Fill(TenantDirectory directory)
    {
        directory.Add(new Tenant { Id = TenantId, Domain = TenantDomain, DisplayName = "Contoso" });
        directory.Add(new Application
        {
            ClientId = ClientId,
            DisplayName = "Postrider demo",
            TenantId = TenantId,
            AllowPublicClientFlows = true,
            RedirectUris = ["http://localhost/oauth/callback", "http://127.0.0.1/oauth/callback", DeafRedirectUri],
            Secrets = [new ApplicationSecret { Id = SecretId, Value = ClientSecret }],
            AppRoles = ["SMTP.SendAsApp"],
        });
        directory.Add(Mailbox(NoReply, "No reply", 1));
        directory.Add(Mailbox(Alerts, "Alerts", 2));
        directory.Add(Mailbox(Shared, "Shared mailbox", 3) with { Shared = true, Password = null, FullAccess = [NoReply], SendAs = [NoReply] });
    }

    private static Account Mailbox(string address, string name, byte number) => new()
    {
        Address = address,
        DisplayName = name,
        ObjectId = new Guid(0x0b1ec700, 0, 0x4000, 0x80, 0, 0, 0, 0, 0, 0, number),
        TenantId = TenantId,
        Password = "password of " + address,
        Applications = [ClientId],
    };
}
