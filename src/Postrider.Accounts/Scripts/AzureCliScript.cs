using System.Text;
using static Postrider.Accounts.Scripts.ScriptQuoting;

namespace Postrider.Accounts.Scripts;

/// <summary>For the Azure CLI in bash. What is Exchange's is printed at the end, with its values, for PowerShell.</summary>
internal static class AzureCliScript
{
    public static string Write(ScriptValues values)
    {
        var text = new StringBuilder("#!/usr/bin/env bash\n");
        foreach (var line in values.Head("the Azure CLI (az login), the role Cloud Application Administrator"))
            text.Append("# ").Append(line).Append('\n');
        text.Append("set -euo pipefail\numask 077\n\n");
        if (!values.Cloud.IsGlobal)
            text.Append($"az cloud set --name {values.Cloud.AzureName}\n");
        text.Append($"""
            name={Bash(values.AppName)}
            tenant={Bash(values.Provider.Tenant)}

            # The sign-in of az has to be at the tenant that the provider names.
            signed_in=$(az account show --query tenantId -o tsv)
            case $tenant in
              *-*-*-*-*) [ "$signed_in" = "$tenant" ] || {"{"} echo "az is signed in at tenant $signed_in, not at $tenant. Run: az login --tenant $tenant --allow-no-subscriptions" >&2; exit 1; {"}"} ;;
            esac

            # The application: the one of the provider's client ID, else the one of this name, else a new one.
            app=$(az ad app list --filter "appId eq {GuidOrNone(values.Provider.ClientId)}" --query "[0].appId" -o tsv)
            [ -n "$app" ] || app=$(az ad app list --filter "displayName eq '$name'" --query "[0].appId" -o tsv)
            if [ -z "$app" ]; then
              app=$(az ad app create --display-name "$name" --sign-in-audience AzureADMyOrg --query appId -o tsv)
              echo "Registered $name."
            else
              echo "$name is registered already."
            fi

            # Its service principal, which the portal calls the Enterprise application.
            az ad sp show --id "$app" --query id -o tsv >/dev/null 2>&1 || az ad sp create --id "$app" >/dev/null

            """);
        text.Append('\n').Append(values.AsApp ? values.Way == ScriptWay.AppRole ? AppRole : RbacOnly : Delegated(values));
        text.Append('\n').Append(values.Credential == ScriptCredential.Secret ? Secret(values) : Certificate(values));
        text.Append('\n').Append(End(values));
        return text.ToString();
    }

    private const string Permission = """
        # add_permission RESOURCE ID KIND: adds what the registration does not have yet.
        add_permission() {
          if [ -z "$(az ad app permission list --id "$app" --query "[?resourceAppId=='$1'].resourceAccess[] | [?id=='$2'].id | [0]" -o tsv)" ]; then
            az ad app permission add --id "$app" --api "$1" --api-permissions "$2=$3"
            added=yes
          fi
        }
        added=

        """;

    private const string Device = """
        # A code is typed on another device: that is a public client flow.
        az ad app update --id "$app" --is-fallback-public-client true

        """;

    private static string Redirect(ScriptValues values) => $$"""
        # Where the browser returns after the sign-in. Addresses that are registered already stay.
        redirect={{Bash(values.RedirectUri)}}
        if [ -z "$(az ad app show --id "$app" --query "web.redirectUris[?@=='$redirect'] | [0]" -o tsv)" ]; then
          mapfile -t uris < <(az ad app show --id "$app" --query "web.redirectUris[]" -o tsv)
          az ad app update --id "$app" --web-redirect-uris "${uris[@]}" "$redirect"
        fi

        """;

    private static string Delegated(ScriptValues values) => $$"""
        {{(values.ByDevice ? Device : Redirect(values))}}
        {{Permission}}
        graph={{ScriptValues.GraphApp}}      # Microsoft Graph
        exchange={{ScriptValues.ExchangeApp}}   # Office 365 Exchange Online

        # SMTP.Send is listed under Microsoft Graph, and exists on Exchange Online too; the token is asked for there. Both, looked up by
        # their names: identifiers in lists have been wrong.
        for scope in SMTP.Send offline_access openid profile email; do
          id=$(az ad sp show --id "$graph" --query "oauth2PermissionScopes[?value=='$scope'].id | [0]" -o tsv)
          [ -z "$id" ] || add_permission "$graph" "$id" Scope
        done
        id=$(az ad sp show --id "$exchange" --query "oauth2PermissionScopes[?value=='SMTP.Send'].id | [0]" -o tsv)
        [ -z "$id" ] || add_permission "$exchange" "$id" Scope
        if [ -n "$added" ]; then
          sleep "${POSTRIDER_SETTLE:-60}"   # what was added has to reach every server first
          az ad app permission admin-consent --id "$app"
        fi

        """;

    private const string AppRole = $$"""
        {{Permission}}
        # The application role SMTP.SendAsApp, looked up by its name.
        exchange={{ScriptValues.ExchangeApp}}   # Office 365 Exchange Online
        id=$(az ad sp show --id "$exchange" --query "appRoles[?value=='SMTP.SendAsApp'].id | [0]" -o tsv)
        [ -n "$id" ] || { echo "This tenant has no Exchange Online (SMTP.SendAsApp was not found)." >&2; exit 1; }
        add_permission "$exchange" "$id" Role
        if [ -n "$added" ]; then
          sleep "${POSTRIDER_SETTLE:-60}"   # what was added has to reach every server first
          az ad app permission admin-consent --id "$app"
        fi

        """;

    private const string RbacOnly = $$"""
        # No API permission: with SMTP.SendAsApp in its token Exchange would check the mailbox's rights instead of the role below.
        exchange={{ScriptValues.ExchangeApp}}   # Office 365 Exchange Online
        if [ -n "$(az ad app permission list --id "$app" --query "[?resourceAppId=='$exchange'] | [0].resourceAppId" -o tsv)" ]; then
          echo "The registration has API permissions on Exchange Online (way A). Remove them, or use way A: the two are not mixed." >&2
          exit 1
        fi

        """;

    private static string Secret(ScriptValues values) => $$"""
        # The secret goes into a file that only you can read. --append keeps those that are there. To make a new one: NEW_SECRET=yes
        label={{Bash(values.CredentialLabel)}}
        secret_file={{Bash(values.SecretFile)}}
        end=$(date -u -d '+180 days' +%Y-%m-%d 2>/dev/null || date -u -v+180d +%Y-%m-%d)
        if [ -n "${NEW_SECRET:-}" ] || [ -z "$(az ad app credential list --id "$app" --query "[?displayName=='$label'].keyId | [0]" -o tsv)" ]; then
          az ad app credential reset --id "$app" --append --display-name "$label" --end-date "$end" --query password -o tsv > "$secret_file"
          echo "A new secret, good until $end, is in $secret_file. Hand it over, then remove the file:"
          echo "  postrider provider set {{values.Provider.Name}} --client-id $app --client-secret-file $secret_file --client-secret-expires-at $end"
          echo "  rm $secret_file"
        else
          echo "There is a secret of the name $label already. For another one run: NEW_SECRET=yes $0"
        fi

        """;

    private static string Certificate(ScriptValues values) => $$"""
        # The public certificate of the provider; its key never leaves Postrider. --append keeps those that are there.
        certificate_file=${CERTIFICATE:-{{Bash(values.CertificateFile)}}}
        [ -r "$certificate_file" ] || { echo "Put the provider's public certificate into $certificate_file, or name it in CERTIFICATE." >&2; exit 1; }
        print=$(openssl x509 -in "$certificate_file" -noout -fingerprint -sha1 | sed 's/.*=//; s/://g')
        if [ -z "$(az ad app credential list --id "$app" --cert --query "[?customKeyIdentifier=='$print'].keyId | [0]" -o tsv)" ]; then
          az ad app credential reset --id "$app" --append --cert "@$certificate_file" >/dev/null
          echo "Uploaded the certificate $print."
        else
          echo "The certificate $print is there already."
        fi

        """;

    private static string End(ScriptValues values)
    {
        var exchange = string.Join('\n', ExchangeCommands.Write(values, "'$app'", "'$object'")
            .Select(line => line.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("$", "\\$", StringComparison.Ordinal).Replace("`", "\\`", StringComparison.Ordinal).Replace("'\\$app'", "'$app'", StringComparison.Ordinal).Replace("'\\$object'", "'$object'", StringComparison.Ordinal)));
        return $"""
            # The object ID of the Enterprise application, which Exchange wants; not that of the App registration.
            object=$(az ad sp show --id "$app" --query id -o tsv)
            echo
            echo "Application (client) ID: $app"
            echo "Directory (tenant) ID:   $signed_in"
            echo "Enterprise application:  $object"
            echo
            echo "Then an Exchange administrator runs this in PowerShell:"
            echo
            cat <<EXCHANGE
            {exchange}
            EXCHANGE

            """;
    }

    private static string GuidOrNone(string clientId) => Guid.TryParse(clientId, out var id) ? $"'{id}'" : "'00000000-0000-0000-0000-000000000000'";
}
