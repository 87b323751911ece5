using System.Text;
using static Postrider.Accounts.Scripts.ScriptQuoting;

namespace Postrider.Accounts.Scripts;

/// <summary>Microsoft Graph by curl and jq, for machines without a vendor's tool. The token comes from the environment.</summary>
internal static class GraphScript
{
    public static string Write(ScriptValues values)
    {
        var text = new StringBuilder("#!/usr/bin/env bash\n");
        foreach (var line in values.Head("curl, jq, and in GRAPH_TOKEN a token for Microsoft Graph with Application.ReadWrite.All, DelegatedPermissionGrant.ReadWrite.All and AppRoleAssignment.ReadWrite.All"))
            text.Append("# ").Append(line).Append('\n');
        text.Append($$"""
            set -euo pipefail
            umask 077

            : "${GRAPH_TOKEN:?Set GRAPH_TOKEN, for example: export GRAPH_TOKEN=\$(az account get-access-token --resource https://{{values.Cloud.GraphHost}} --query accessToken -o tsv)}"
            base=${GRAPH_URL:-https://{{values.Cloud.GraphHost}}/v1.0}
            name={{Bash(values.AppName)}}
            label={{Bash(values.CredentialLabel)}}

            # call METHOD PATH [JSON]: the token goes through a file descriptor, so that no process list shows it.
            call() {
              curl --silent --show-error --fail-with-body --request "$1" "$base$2" --config <(printf 'header = "Authorization: Bearer %s"\n' "$GRAPH_TOKEN") \
                --header 'Content-Type: application/json' ${3:+--data "$3"}
            }
            find() { call GET "$1?\$filter=$(jq -rn --arg text "$2" '$text | @uri')"; }

            # The application: the one of the provider's client ID, else the one of this name, else a new one.
            app=$(find /applications "appId eq {{GuidOrNone(values.Provider.ClientId)}}" | jq -c '.value[0] // empty')
            [ -n "$app" ] || app=$(find /applications "displayName eq '$name'" | jq -c '.value[0] // empty')
            if [ -z "$app" ]; then
              app=$(call POST /applications "$(jq -n --arg name "$name" '{displayName: $name, signInAudience: "AzureADMyOrg"}')")
              echo "Registered $name."
            else
              echo "$name is registered already."
            fi
            app_id=$(jq -r .appId <<<"$app")
            app_object=$(jq -r .id <<<"$app")

            # Its service principal, which the portal calls the Enterprise application.
            sp=$(find /servicePrincipals "appId eq '$app_id'" | jq -r '.value[0].id // empty')
            [ -n "$sp" ] || sp=$(call POST /servicePrincipals "$(jq -n --arg id "$app_id" '{appId: $id}')" | jq -r .id)
            exchange=$(find /servicePrincipals "appId eq '{{ScriptValues.ExchangeApp}}'" | jq -c '.value[0] // empty')
            [ -n "$exchange" ] || { echo "This tenant has no Exchange Online." >&2; exit 1; }

            """);
        text.Append(values.AsApp ? values.Way == ScriptWay.AppRole ? AppRole : RbacOnly : Delegated(values));
        text.Append('\n').Append(values.Credential == ScriptCredential.Secret ? Secret(values) : Certificate(values));
        var exchangeSide = string.Join('\n', ExchangeCommands.Write(values, "'$app_id'", "'$sp'")
            .Select(line => line.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("$", "\\$", StringComparison.Ordinal).Replace("'\\$app_id'", "'$app_id'", StringComparison.Ordinal).Replace("'\\$sp'", "'$sp'", StringComparison.Ordinal)));
        text.Append($"""

            echo
            echo "Application (client) ID: $app_id"
            echo "Enterprise application:  $sp"
            echo
            echo "Then an Exchange administrator runs this in PowerShell:"
            echo
            cat <<EXCHANGE
            {exchangeSide}
            EXCHANGE

            """);
        return text.ToString();
    }

    private const string Device = """
        # A code is typed on another device: that is a public client flow.
        call PATCH "/applications/$app_object" '{"isFallbackPublicClient": true}'

        """;

    private static string Redirect(ScriptValues values) => $$"""
        # Where the browser returns after the sign-in. Addresses that are registered already stay.
        redirect={{Bash(values.RedirectUri)}}
        if ! jq -e --arg uri "$redirect" '.web.redirectUris // [] | index($uri)' <<<"$app" >/dev/null; then
          call PATCH "/applications/$app_object" "$(jq -c --arg uri "$redirect" '{web: {redirectUris: ((.web.redirectUris // []) + [$uri])} }' <<<"$app")"
        fi

        """;

    private static string Delegated(ScriptValues values) => $$"""
        {{(values.ByDevice ? Device : Redirect(values))}}
        # Permissions, looked up by their names. requiredResourceAccess is replaced as a whole, so what is there is sent along.
        graph=$(find /servicePrincipals "appId eq '{{ScriptValues.GraphApp}}'" | jq -c '.value[0]')
        graph_id=$(jq -r .id <<<"$graph")
        ids() { jq -c --argjson names "$2" '[.oauth2PermissionScopes[] | select(.value as $value | $names | index($value)) | {id, type: "Scope"}]' <<<"$1"; }
        needed=$(jq -n --argjson graph "$(ids "$graph" '["SMTP.Send","offline_access","openid","profile","email"]')" --argjson exchange "$(ids "$exchange" '["SMTP.Send"]')" \
          '[{resourceAppId: "{{ScriptValues.GraphApp}}", resourceAccess: $graph}, {resourceAppId: "{{ScriptValues.ExchangeApp}}", resourceAccess: $exchange}]')
        merged=$(jq -c --argjson needed "$needed" '[(.requiredResourceAccess // []), $needed] | add | group_by(.resourceAppId) | map({resourceAppId: .[0].resourceAppId, resourceAccess: (map(.resourceAccess) | add | unique_by(.id))})' <<<"$app")
        if [ "$merged" != "$(jq -c '.requiredResourceAccess // [] | group_by(.resourceAppId) | map({resourceAppId: .[0].resourceAppId, resourceAccess: (map(.resourceAccess) | add | unique_by(.id))})' <<<"$app")" ]; then
          call PATCH "/applications/$app_object" "$(jq -n --argjson access "$merged" '{requiredResourceAccess: $access}')"
        fi

        # Consent for everybody in the tenant.
        consent() {
          [ -n "$(find /oauth2PermissionGrants "clientId eq '$sp' and resourceId eq '$1'" | jq -r '.value[0].id // empty')" ] ||
            call POST /oauth2PermissionGrants "$(jq -n --arg client "$sp" --arg resource "$1" --arg scope "$2" '{clientId: $client, consentType: "AllPrincipals", resourceId: $resource, scope: $scope}')" >/dev/null
        }
        exchange_id=$(jq -r .id <<<"$exchange")
        consent "$graph_id" "SMTP.Send offline_access openid profile email"
        consent "$exchange_id" "SMTP.Send"

        """;

    private const string AppRole = $$"""
        # The application role SMTP.SendAsApp, looked up by its name, and its assignment, which is the administrator's consent.
        exchange_id=$(jq -r .id <<<"$exchange")
        role=$(jq -r '.appRoles[] | select(.value == "SMTP.SendAsApp") | .id' <<<"$exchange")
        [ -n "$role" ] || { echo "Exchange Online of this tenant has no role SMTP.SendAsApp." >&2; exit 1; }
        if ! jq -e --arg id "$role" '.requiredResourceAccess // [] | map(.resourceAccess[].id) | index($id)' <<<"$app" >/dev/null; then
          call PATCH "/applications/$app_object" "$(jq -c --arg id "$role" '{requiredResourceAccess: ((.requiredResourceAccess // []) + [{resourceAppId: "{{ScriptValues.ExchangeApp}}", resourceAccess: [{id: $id, type: "Role"}]}])}' <<<"$app")"
        fi
        if ! call GET "/servicePrincipals/$sp/appRoleAssignments" | jq -e --arg id "$role" '.value | map(.appRoleId) | index($id)' >/dev/null; then
          call POST "/servicePrincipals/$exchange_id/appRoleAssignedTo" "$(jq -n --arg sp "$sp" --arg resource "$exchange_id" --arg role "$role" '{principalId: $sp, resourceId: $resource, appRoleId: $role}')" >/dev/null
        fi

        """;

    private const string RbacOnly = $$"""
        # No API permission: with SMTP.SendAsApp in its token Exchange would check the mailbox's rights instead of the role below.
        if jq -e '.requiredResourceAccess // [] | map(.resourceAppId) | index("{{ScriptValues.ExchangeApp}}")' <<<"$app" >/dev/null; then
          echo "The registration has API permissions on Exchange Online (way A). Remove them, or use way A: the two are not mixed." >&2
          exit 1
        fi

        """;

    private static string Secret(ScriptValues values) => $$"""
        # The secret goes into a file that only you can read. To make a new one: NEW_SECRET=yes
        secret_file={{Bash(values.SecretFile)}}
        end=$(date -u -d '+180 days' +%Y-%m-%d 2>/dev/null || date -u -v+180d +%Y-%m-%d)
        if [ -n "${NEW_SECRET:-}" ] || ! call GET "/applications/$app_object" | jq -e --arg label "$label" '.passwordCredentials // [] | map(.displayName) | index($label)' >/dev/null; then
          call POST "/applications/$app_object/addPassword" "$(jq -n --arg label "$label" --arg end "${end}T00:00:00Z" '{passwordCredential: {displayName: $label, endDateTime: $end} }')" | jq -r .secretText > "$secret_file"
          echo "A new secret, good until $end, is in $secret_file. Hand it over, then remove the file:"
          echo "  postrider provider set {{values.Provider.Name}} --client-id $app_id --client-secret-file $secret_file --client-secret-expires-at $end"
          echo "  rm $secret_file"
        else
          echo "There is a secret of the name $label already. For another one run: NEW_SECRET=yes $0"
        fi

        """;

    private static string Certificate(ScriptValues values) => $$"""
        # The public certificate of the provider; its key never leaves Postrider. keyCredentials is replaced as a whole, so what is there is sent along.
        certificate_file=${CERTIFICATE:-{{Bash(values.CertificateFile)}}}
        [ -r "$certificate_file" ] || { echo "Put the provider's public certificate into $certificate_file, or name it in CERTIFICATE." >&2; exit 1; }
        der=$(openssl x509 -in "$certificate_file" -outform DER | base64 | tr -d '\n')
        current=$(call GET "/applications/$app_object" | jq -c '.keyCredentials // []')
        if ! jq -e --arg label "$label" 'map(.displayName) | index($label)' <<<"$current" >/dev/null; then
          call PATCH "/applications/$app_object" "$(jq -n --argjson current "$current" --arg label "$label" --arg key "$der" '{keyCredentials: ($current + [{type: "AsymmetricX509Cert", usage: "Verify", displayName: $label, key: $key}])}')"
          echo "Uploaded the certificate."
        else
          echo "A certificate of the name $label is there already."
        fi

        """;

    private static string GuidOrNone(string clientId) => Guid.TryParse(clientId, out var id) ? $"'{id}'" : "'00000000-0000-0000-0000-000000000000'";
}
