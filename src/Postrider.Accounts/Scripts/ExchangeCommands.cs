using static Postrider.Accounts.Scripts.ScriptQuoting;

namespace Postrider.Accounts.Scripts;

/// <summary>The Exchange side, which only PowerShell reaches. Every command looks first, so that it can be run again.</summary>
internal static class ExchangeCommands
{
    /// <param name="appId">A PowerShell expression: the application's client ID.</param>
    /// <param name="objectId">A PowerShell expression: the object ID of the Enterprise application, never that of the App registration.</param>
    public static IEnumerable<string> Write(ScriptValues values, string appId, string objectId)
    {
        var mailbox = PowerShell(values.Provider.UserName);
        yield return "# Exchange: needs the role Exchange Administrator, and Install-Module ExchangeOnlineManagement.";
        yield return values.Cloud.IsGlobal ? "Connect-ExchangeOnline -ShowBanner:$false" : $"Connect-ExchangeOnline -ShowBanner:$false -ExchangeEnvironmentName {values.Cloud.ExchangeName}";
        yield return "";
        yield return "# SMTP AUTH for this mailbox only. It wins over the organisation's switch, which stays as it is, and concerns OAuth too.";
        yield return $"Set-CASMailbox -Identity {mailbox} -SmtpClientAuthenticationDisabled $false";
        if (!values.AsApp)
        {
            if (values.Provider.SharedMailbox)
                foreach (var line in SharedMailbox(mailbox))
                    yield return line;
            yield break;
        }
        yield return "";
        yield return "# The service principal in Exchange. Its object ID is that of the Enterprise application;";
        yield return "# with the one of the App registration every sign-in ends in 535 5.7.3.";
        yield return $"$principal = Get-ServicePrincipal | Where-Object {{ $_.AppId -eq {appId} }}";
        yield return $"if ($principal -and $principal.ObjectId -ne {objectId}) {{";
        yield return "    Write-Warning \"The service principal has the object ID $($principal.ObjectId) of another object. It is made anew.\"";
        yield return "    Remove-ServicePrincipal -Identity $principal.Identity -Confirm:$false";
        yield return "    $principal = $null";
        yield return "}";
        yield return "if (-not $principal) {";
        yield return $"    $principal = New-ServicePrincipal -AppId {appId} -ObjectId {objectId} -DisplayName {PowerShell(values.AppName)}";
        yield return "}";
        yield return "";
        foreach (var line in values.Way == ScriptWay.AppRole ? AppRole(mailbox) : Rbac(values, mailbox, appId))
            yield return line;
        yield return "";
        yield return "# Changes take up to two hours to reach every server. Wait before drawing conclusions from 535 5.7.3.";
    }

    private static IEnumerable<string> AppRole(string mailbox) =>
    [
        "# Rights on the mailbox: to open it, and to send as it.",
        $"if (-not (Get-MailboxPermission -Identity {mailbox} -User $principal.Identity -ErrorAction SilentlyContinue | Where-Object {{ $_.AccessRights -contains 'FullAccess' }})) {{",
        $"    Add-MailboxPermission -Identity {mailbox} -User $principal.Identity -AccessRights FullAccess -AutoMapping $false | Out-Null",
        "}",
        $"if (-not (Get-RecipientPermission -Identity {mailbox} -Trustee $principal.Identity -ErrorAction SilentlyContinue | Where-Object {{ $_.AccessRights -contains 'SendAs' }})) {{",
        $"    Add-RecipientPermission -Identity {mailbox} -Trustee $principal.Identity -AccessRights SendAs -Confirm:$false | Out-Null",
        "}",
    ];

    private static IEnumerable<string> Rbac(ScriptValues values, string mailbox, string appId)
    {
        var (group, scope, assignment) = (PowerShell($"{values.CredentialLabel}-senders"), PowerShell($"{values.CredentialLabel}-scope"), PowerShell($"{values.CredentialLabel}-smtp"));
        return
        [
            "# The mailboxes that it may send from are the members of a group, and the role reaches no further.",
            $"$group = Get-DistributionGroup -Identity {group} -ErrorAction SilentlyContinue",
            $"if (-not $group) {{ $group = New-DistributionGroup -Name {group} -Members {mailbox} }}",
            $"elseif (-not (Get-DistributionGroupMember -Identity $group.Identity | Where-Object {{ $_.PrimarySmtpAddress -eq {mailbox} }})) {{",
            $"    Add-DistributionGroupMember -Identity $group.Identity -Member {mailbox}",
            "}",
            $"if (-not (Get-ManagementScope -Identity {scope} -ErrorAction SilentlyContinue)) {{",
            $"    New-ManagementScope -Name {scope} -RecipientRestrictionFilter \"MemberOfGroup -eq '$($group.DistinguishedName)'\" | Out-Null",
            "}",
            $"if (-not (Get-ManagementRoleAssignment -Identity {assignment} -ErrorAction SilentlyContinue)) {{",
            $"    New-ManagementRoleAssignment -Name {assignment} -Role 'Application SMTP.SendAsApp' -App {appId} -CustomResourceScope {scope} | Out-Null",
            "}",
            "",
            "# InScope must be True.",
            $"Test-ServicePrincipalAuthorization -Identity $principal.Identity -Resource {mailbox} | Format-Table RoleName, InScope",
        ];
    }

    private static IEnumerable<string> SharedMailbox(string mailbox) =>
    [
        "",
        "# A shared mailbox: who signs in for it needs the right to open it and to send as it.",
        "$signsIn = Read-Host 'Who signs in for the shared mailbox (address)'",
        $"if (-not (Get-MailboxPermission -Identity {mailbox} -User $signsIn -ErrorAction SilentlyContinue | Where-Object {{ $_.AccessRights -contains 'FullAccess' }})) {{",
        $"    Add-MailboxPermission -Identity {mailbox} -User $signsIn -AccessRights FullAccess -AutoMapping $false | Out-Null",
        "}",
        $"if (-not (Get-RecipientPermission -Identity {mailbox} -Trustee $signsIn -ErrorAction SilentlyContinue | Where-Object {{ $_.AccessRights -contains 'SendAs' }})) {{",
        $"    Add-RecipientPermission -Identity {mailbox} -Trustee $signsIn -AccessRights SendAs -Confirm:$false | Out-Null",
        "}",
    ];
}
