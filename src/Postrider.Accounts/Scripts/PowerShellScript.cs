using System.Text;
using static Postrider.Accounts.Scripts.ScriptQuoting;

namespace Postrider.Accounts.Scripts;

/// <summary>Microsoft Graph PowerShell and Exchange Online PowerShell in one script.</summary>
internal static class PowerShellScript
{
    public static string Write(ScriptValues values)
    {
        var text = new StringBuilder();
        foreach (var line in values.Head("PowerShell 7, Install-Module Microsoft.Graph.Applications, Microsoft.Graph.Identity.SignIns, ExchangeOnlineManagement; the roles Cloud Application Administrator and Exchange Administrator"))
            text.Append("# ").Append(line).Append('\n');
        var tenant = values.Provider.Tenant is "organizations" or "common" ? "" : $" -TenantId {PowerShell(values.Provider.Tenant)}";
        text.Append($$"""
            #Requires -Version 7
            $ErrorActionPreference = 'Stop'

            $name = {{PowerShell(values.AppName)}}
            $label = {{PowerShell(values.CredentialLabel)}}
            $graphScopes = 'Application.ReadWrite.All', 'DelegatedPermissionGrant.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All'
            Connect-MgGraph -NoWelcome -Environment {{values.Cloud.GraphName}}{{tenant}} -Scopes $graphScopes

            # The application: the one of the provider's client ID, else the one of this name, else a new one.
            $app = Get-MgApplication -Filter "appId eq {{GuidOrNone(values.Provider.ClientId)}}" | Select-Object -First 1
            if (-not $app) { $app = Get-MgApplication -Filter "displayName eq '$name'" | Select-Object -First 1 }
            if (-not $app) {
                $app = New-MgApplication -DisplayName $name -SignInAudience AzureADMyOrg
                Write-Host "Registered $name."
            }
            else { Write-Host "$name is registered already." }

            # Its service principal, which the portal calls the Enterprise application.
            $sp = Get-MgServicePrincipal -Filter "appId eq '$($app.AppId)'" | Select-Object -First 1
            if (-not $sp) { $sp = New-MgServicePrincipal -AppId $app.AppId }
            $exchange = Get-MgServicePrincipal -Filter "appId eq '{{ScriptValues.ExchangeApp}}'" | Select-Object -First 1
            if (-not $exchange) { throw 'This tenant has no Exchange Online.' }


            """);
        text.Append(values.AsApp ? values.Way == ScriptWay.AppRole ? AppRole : RbacOnly : Delegated(values));
        text.Append('\n').Append(values.Credential == ScriptCredential.Secret ? Secret(values) : Certificate(values));
        text.Append("\n$appId = $app.AppId\n$enterpriseObjectId = $sp.Id   # of the Enterprise application, not $($app.Id) of the App registration\n\n");
        foreach (var line in ExchangeCommands.Write(values, "$appId", "$enterpriseObjectId"))
            text.Append(line).Append('\n');
        text.Append("""

            Write-Host "Application (client) ID: $appId"
            Write-Host "Enterprise application:  $enterpriseObjectId"

            """);
        return text.ToString();
    }

    private const string Device = """
        # A code is typed on another device: that is a public client flow.
        Update-MgApplication -ApplicationId $app.Id -IsFallbackPublicClient:$true

        """;

    private static string Redirect(ScriptValues values) => $$"""
        # Where the browser returns after the sign-in. Addresses that are registered already stay.
        $redirect = {{PowerShell(values.RedirectUri)}}
        if ($app.Web.RedirectUris -notcontains $redirect) {
            Update-MgApplication -ApplicationId $app.Id -Web @{ RedirectUris = @($app.Web.RedirectUris | Where-Object { $_ }) + $redirect }
        }

        """;

    private static string Delegated(ScriptValues values) => $$"""
        {{(values.ByDevice ? Device : Redirect(values))}}
        # Permissions, looked up by their names. RequiredResourceAccess is replaced as a whole, so what is there is sent along.
        $graph = Get-MgServicePrincipal -Filter "appId eq '{{ScriptValues.GraphApp}}'" | Select-Object -First 1
        $wanted = @(
            @{ Resource = $graph; Names = 'SMTP.Send', 'offline_access', 'openid', 'profile', 'email' }
            @{ Resource = $exchange; Names = @('SMTP.Send') }
        )
        $access = @{}
        foreach ($entry in $app.RequiredResourceAccess) { $access[$entry.ResourceAppId] = @($entry.ResourceAccess) }
        foreach ($want in $wanted) {
            $ids = $want.Resource.Oauth2PermissionScopes | Where-Object { $want.Names -contains $_.Value } | ForEach-Object { $_.Id }
            $have = @($access[$want.Resource.AppId] | Where-Object { $_ })
            $missing = @($ids | Where-Object { $have.Id -notcontains $_ } | ForEach-Object { @{ Id = $_; Type = 'Scope' } })
            $access[$want.Resource.AppId] = $have + $missing
        }
        Update-MgApplication -ApplicationId $app.Id -RequiredResourceAccess @($access.Keys | ForEach-Object { @{ ResourceAppId = $_; ResourceAccess = $access[$_] } })

        # Consent for everybody in the tenant.
        foreach ($want in $wanted) {
            if (-not (Get-MgOauth2PermissionGrant -Filter "clientId eq '$($sp.Id)' and resourceId eq '$($want.Resource.Id)'")) {
                New-MgOauth2PermissionGrant -ClientId $sp.Id -ConsentType AllPrincipals -ResourceId $want.Resource.Id -Scope ($want.Names -join ' ') | Out-Null
            }
        }

        """;

    private const string AppRole = $$"""
        # The application role SMTP.SendAsApp, looked up by its name, and its assignment, which is the administrator's consent.
        $role = $exchange.AppRoles | Where-Object { $_.Value -eq 'SMTP.SendAsApp' } | Select-Object -First 1
        if (-not $role) { throw 'Exchange Online of this tenant has no role SMTP.SendAsApp.' }
        if (@($app.RequiredResourceAccess.ResourceAccess).Id -notcontains $role.Id) {
            Update-MgApplication -ApplicationId $app.Id -RequiredResourceAccess (@($app.RequiredResourceAccess | Where-Object { $_ }) +
                @{ ResourceAppId = '{{ScriptValues.ExchangeApp}}'; ResourceAccess = @(@{ Id = $role.Id; Type = 'Role' }) })
        }
        if (-not (Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $sp.Id | Where-Object { $_.AppRoleId -eq $role.Id })) {
            New-MgServicePrincipalAppRoleAssignedTo -ServicePrincipalId $exchange.Id -PrincipalId $sp.Id -ResourceId $exchange.Id -AppRoleId $role.Id | Out-Null
        }

        """;

    private const string RbacOnly = $$"""
        # No API permission: with SMTP.SendAsApp in its token Exchange would check the mailbox's rights instead of the role below.
        if (@($app.RequiredResourceAccess).ResourceAppId -contains '{{ScriptValues.ExchangeApp}}') {
            throw 'The registration has API permissions on Exchange Online (way A). Remove them, or use way A: the two are not mixed.'
        }

        """;

    private static string Secret(ScriptValues values) => $$"""
        # The secret goes into a file. To make a new one: $env:NEW_SECRET = 'yes'
        $secretFile = {{PowerShell(values.SecretFile)}}
        $end = (Get-Date).ToUniversalTime().AddDays(180).ToString('yyyy-MM-dd')
        if ($env:NEW_SECRET -or (@($app.PasswordCredentials).DisplayName -notcontains $label)) {
            $made = Add-MgApplicationPassword -ApplicationId $app.Id -PasswordCredential @{ DisplayName = $label; EndDateTime = "${end}T00:00:00Z" }
            New-Item -ItemType File -Path $secretFile -Force | Out-Null
            if (-not $IsWindows) { chmod 600 $secretFile }
            Set-Content -Path $secretFile -Value $made.SecretText -NoNewline
            Write-Host "A new secret, good until $end, is in $secretFile. Hand it over, then remove the file:"
            Write-Host "  postrider provider set {{values.Provider.Name}} --client-id $($app.AppId) --client-secret-file $secretFile --client-secret-expires-at $end"
        }
        else { Write-Host "There is a secret of the name $label already. For another one: `$env:NEW_SECRET = 'yes'" }

        """;

    private static string Certificate(ScriptValues values) => $$"""
        # The public certificate of the provider; its key never leaves Postrider. KeyCredentials is replaced as a whole, so what is there is sent along.
        $certificateFile = if ($env:CERTIFICATE) { $env:CERTIFICATE } else { {{PowerShell(values.CertificateFile)}} }
        $certificate = [System.Security.Cryptography.X509Certificates.X509Certificate2]::CreateFromPem((Get-Content -Raw $certificateFile))
        if (@($app.KeyCredentials).DisplayName -notcontains $label) {
            Update-MgApplication -ApplicationId $app.Id -KeyCredentials (@($app.KeyCredentials | Where-Object { $_ }) +
                @{ Type = 'AsymmetricX509Cert'; Usage = 'Verify'; DisplayName = $label; Key = $certificate.RawData })
            Write-Host "Uploaded the certificate $($certificate.Thumbprint)."
        }
        else { Write-Host "A certificate of the name $label is there already." }

        """;

    private static string GuidOrNone(string clientId) => Guid.TryParse(clientId, out var id) ? $"'{id}'" : "'00000000-0000-0000-0000-000000000000'";
}
