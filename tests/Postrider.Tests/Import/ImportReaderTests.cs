using Postrider.Accounts.Import;
using Postrider.Accounts.Providers;

namespace Postrider.Tests.Import;

/// <summary>Configurations as their programs document them.</summary>
public sealed class ImportReaderTests
{
    private const string OAuthProxy = """
        [Server setup]
        documentation = Local servers that your email client should be configured to use.

        [IMAP-1993]
        server_address = outlook.office365.com
        server_port = 993
        local_address = 127.0.0.1

        [SMTP-1587]
        server_address = smtp-mail.outlook.com
        server_port = 587
        server_starttls = True
        local_address = 127.0.0.1

        [SMTP-1465]
        server_address = smtp.gmail.com
        server_port = 465

        [Account setup]
        documentation = Accounts are specified using your email address as the section heading.

        [noreply@contoso.example]
        permission_url = https://login.microsoftonline.com/8f7a0000-1111-4222-8333-444455556666/oauth2/v2.0/authorize
        token_url = https://login.microsoftonline.com/8f7a0000-1111-4222-8333-444455556666/oauth2/v2.0/token
        oauth2_scope = https://outlook.office365.com/IMAP.AccessAsUser.All https://outlook.office365.com/POP.AccessAsUser.All
            https://outlook.office365.com/SMTP.Send offline_access
        redirect_uri = http://localhost
        client_id = 11111111-2222-3333-4444-555555555555
        client_secret = abC8Q~secret=+/
        token_salt = abc=
        token_iterations = 1200000
        access_token = gAAAAABencrypted
        access_token_expiry = 1790000000
        refresh_token = gAAAAABencrypted2

        [app@contoso.example]
        token_url = https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token
        oauth2_scope = https://outlook.office365.com/.default
        oauth2_flow = client_credentials
        client_id = 21111111-2222-3333-4444-555555555555
        client_secret_encrypted = gAAAAABencrypted3

        [someone@gmail.example]
        permission_url = https://accounts.google.com/o/oauth2/auth
        token_url = https://oauth2.googleapis.com/token
        oauth2_scope = https://mail.google.com/
        redirect_uri = http://localhost
        client_id = 1234-abc.apps.googleusercontent.com
        client_secret = GOCSPX-secret

        [@fabrikam.example]
        token_url = https://login.microsoftonline.com/common/oauth2/v2.0/token
        """;

    [Fact]
    public void Accounts_of_email_oauth2_proxy_are_read_with_their_kind_and_without_their_encrypted_tokens()
    {
        var reading = Read(OAuthProxy);
        Assert.Equal(ImportFormat.OAuthProxy, reading.Format);
        Assert.Equal(["noreply@contoso.example", "app@contoso.example", "someone@gmail.example", "@fabrikam.example"], reading.Providers.Select(found => found.Label));
        var microsoft = reading.Providers[0];
        Assert.Equal(("noreply-contoso.example", "microsoft", "8f7a0000-1111-4222-8333-444455556666", "11111111-2222-3333-4444-555555555555", "http://localhost", ""),
            (microsoft.Draft.Name, microsoft.Draft.Type, microsoft.Draft.Tenant, microsoft.Draft.ClientId, microsoft.Draft.RedirectUri, microsoft.Draft.Scope));
        Assert.Equal(SecretChange.To("abC8Q~secret=+/"), microsoft.Draft.ClientSecret);
        Assert.Equal(SecretChange.Keep, microsoft.Draft.RefreshToken);
        Assert.Contains(microsoft.Notes, note => note.Member == "refreshToken" && note.Message.Contains("encrypted", StringComparison.Ordinal) && note.Message.Contains("provider connect", StringComparison.Ordinal));
        Assert.Contains(microsoft.Notes, note => note.Member == "scope" && note.Message.Contains("IMAP.AccessAsUser.All", StringComparison.Ordinal));
        Assert.Equal(ProviderGrant.ClientCredentials, reading.Providers[1].Draft.Grant);
        Assert.Contains(reading.Providers[1].Notes, note => note.Member == "clientSecret");
        Assert.Equal(ProviderType.Google, reading.Providers[2].Draft.Type);
        Assert.Contains("every mailbox of the domain", reading.Providers[3].Problem, StringComparison.Ordinal);
        Assert.Contains(reading.Notes, note => note.Contains("IMAP", StringComparison.Ordinal));
    }

    [Fact]
    public void A_token_of_sasl_xoauth2_is_taken_over_with_what_the_configuration_shares()
    {
        var reading = ImportReader.Read([
            new("sasl-xoauth2.conf", """{"client_id":"11111111-2222-3333-4444-555555555555","client_secret":"abC8Q~secret","token_endpoint":"https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token","log_to_syslog_on_failure":"yes"}"""),
            new("noreply@contoso.example", """{"access_token":"eyJ0","expiry":"1790000000","refresh_token":"1.AXkA-refresh"}""")]);
        Assert.Equal(ImportFormat.SaslXOAuth2, reading.Format);
        var found = Assert.Single(reading.Providers);
        Assert.Equal(("noreply@contoso.example", "microsoft", "contoso.example", "11111111-2222-3333-4444-555555555555", "refreshToken"),
            (found.Draft.UserName, found.Draft.Type, found.Draft.Tenant, found.Draft.ClientId, found.Draft.Grant));
        Assert.Equal((SecretChange.To("abC8Q~secret"), SecretChange.To("1.AXkA-refresh")), (found.Draft.ClientSecret, found.Draft.RefreshToken));
    }

    [Fact]
    public void A_token_file_without_an_endpoint_is_Googles_and_one_without_a_mailbox_is_asked_about()
    {
        var found = Assert.Single(ImportReader.Read([new("token.json", """{"refresh_token":"1//abc","client_id":"1-x.apps.googleusercontent.com","client_secret":"s"}""")]).Providers);
        Assert.Equal(ProviderType.Google, found.Draft.Type);
        Assert.Contains("Name it for its mailbox", found.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Accounts_of_msmtp_inherit_and_say_what_is_missing()
    {
        var reading = Read("""
            # ~/.msmtprc
            defaults
            auth           on
            tls            on
            tls_trust_file /etc/ssl/certs/ca-certificates.crt

            account        work
            host           smtp.example.org
            port           587
            from           app@example.org
            user           app
            password       "pass \"word"

            account        vault : work
            user           vault
            passwordeval   "pass show vault"
            password

            account        exchange
            host           smtp.office365.com
            port           587
            auth           xoauth2
            user           noreply@contoso.example
            passwordeval   token.sh

            account default : work
            """);
        Assert.Equal(ImportFormat.Msmtp, reading.Format);
        Assert.Equal(["work", "vault", "exchange"], reading.Providers.Select(found => found.Label));
        var work = reading.Providers[0].Draft;
        Assert.Equal(("password", "smtp.example.org", 587, "startTls", "app"), (work.Type, work.Address, work.Port, work.Security, work.UserName));
        Assert.Equal(SecretChange.To("pass \"word"), work.Password);
        Assert.Contains(reading.Providers[1].Notes, note => note.Member == "password" && note.Message.Contains("not run", StringComparison.Ordinal));
        Assert.Contains("needs the application", reading.Providers[2].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Passwords_of_Postfix_are_read_with_the_relay_host_of_senders()
    {
        var reading = ImportReader.Read([new("sasl_passwd", """
            # destination                credentials
            [smtp.example.org]:587       app:s3cret:with:colons
            [smtp.office365.com]:587     noreply@contoso.example:hunter2
            sales@example.org            sales:pw
            [smtp.gmail.com]:587         someone@gmail.example:/etc/tokens/someone@gmail.example
            """), new("main.cf", """
            relayhost = [relay.example.org]:465
            smtp_tls_wrappermode = yes
            smtp_sasl_auth_enable = yes
            """)]);
        Assert.Equal(ImportFormat.Postfix, reading.Format);
        Assert.Equal(("smtp.example.org", 587, "app", SecretChange.To("s3cret:with:colons")), (reading.Providers[0].Draft.Address, reading.Providers[0].Draft.Port, reading.Providers[0].Draft.UserName, reading.Providers[0].Draft.Password));
        Assert.Contains(reading.Providers[1].Notes, note => note.Message.Contains("5.7.30", StringComparison.Ordinal));
        Assert.Equal(("relay.example.org", 465, "tls", "sales-example.org"), (reading.Providers[2].Draft.Address, reading.Providers[2].Draft.Port, reading.Providers[2].Draft.Security, reading.Providers[2].Draft.Name));
        Assert.Contains("token file", reading.Providers[3].Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Display name: Mail gateway\nApplication (client) ID: 11111111-2222-3333-4444-555555555555\nObject ID: 99999999-2222-3333-4444-555555555555\nDirectory (tenant) ID: 8f7a0000-1111-4222-8333-444455556666\nValue: abC8Q~secret\nRedirect URI: http://localhost:8080/oauth/callback\nExpires: 2027-03-31\nMailbox: noreply@contoso.example")]
    [InlineData("Application (client) ID\n11111111-2222-3333-4444-555555555555\nDirectory (tenant) ID\n8f7a0000-1111-4222-8333-444455556666\nClient secret\nabC8Q~secret\nUser Name (Email)\nnoreply@contoso.example\nRedirect-URI\nhttp://localhost:8080/oauth/callback\nExpires\n2027-03-31")]
    [InlineData("{\"appId\":\"11111111-2222-3333-4444-555555555555\",\"password\":\"abC8Q~secret\",\"tenant\":\"8f7a0000-1111-4222-8333-444455556666\",\"email\":\"noreply@contoso.example\",\"redirect_uri\":\"http://localhost:8080/oauth/callback\",\"expires\":\"2027-03-31\"}")]
    [InlineData("client_id = \"11111111-2222-3333-4444-555555555555\"\ntenant_id = \"8f7a0000-1111-4222-8333-444455556666\"\nclient_secret = \"abC8Q~secret\"\nusername=noreply@contoso.example\nredirect_uri=http://localhost:8080/oauth/callback\nexpiry: 2027-03-31")]
    public void Values_of_the_portal_are_read_however_they_were_copied(string text)
    {
        var reading = Read(text);
        Assert.Equal(ImportFormat.Paste, reading.Format);
        var draft = Assert.Single(reading.Providers).Draft;
        Assert.Equal(("11111111-2222-3333-4444-555555555555", "8f7a0000-1111-4222-8333-444455556666", "noreply@contoso.example", "http://localhost:8080/oauth/callback"), (draft.ClientId, draft.Tenant, draft.UserName, draft.RedirectUri));
        Assert.Equal((SecretChange.To("abC8Q~secret"), new DateTimeOffset(2027, 3, 31, 0, 0, 0, TimeSpan.Zero)), (draft.ClientSecret, draft.ClientSecretExpiresAt!.Value));
    }

    [Theory]
    [InlineData("Client secret: 5ec2e700-0000-4000-8000-000000000001", "is its ID")]
    [InlineData("Secret ID: 5ec2e700-0000-4000-8000-000000000001", "and no secret")]
    [InlineData("Expires: 3/4/2027", "two ways")]
    public void What_is_often_mixed_up_is_said(string line, string words)
    {
        var found = Assert.Single(Read($"Application (client) ID: 11111111-2222-3333-4444-555555555555\nTenant: contoso.example\n{line}").Providers);
        Assert.Contains(found.Notes, note => note.Message.Contains(words, StringComparison.Ordinal));
        Assert.Equal(SecretChange.Keep, found.Draft.ClientSecret);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("{\"a\":1}")]
    [InlineData("[section]\nx=1")]
    public void What_is_nothing_is_refused_with_what_to_do(string text)
    {
        var reading = Read(text);
        Assert.Empty(reading.Providers);
        Assert.NotEmpty(reading.Notes);
    }

    private static ImportReading Read(string text) => ImportReader.Read([new("", text)]);
}
