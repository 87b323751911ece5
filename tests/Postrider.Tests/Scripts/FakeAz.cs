using System.Diagnostics;

namespace Postrider.Tests.Scripts;

/// <summary>An <c>az</c> of our own on the PATH: it keeps a tenant in a file, notes every call, and knows as much of JMESPath as the
/// scripts use. What changes something is told apart from what looks.</summary>
internal sealed class FakeAz : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("postrider-az-");

    // The state is files: apps/ID/{name,redirects,permissions,credentials}.
    private const string Az = """
        #!/usr/bin/env bash
        set -u
        state=$AZ_STATE
        echo "$*" >> "$state/calls"
        arg() { local want=$1; shift; while [ $# -gt 0 ]; do [ "$1" = "$want" ] && { echo "$2"; return; }; shift; done; }
        all_after() { local want=$1; shift; local on=; for word in "$@"; do if [ -n "$on" ]; then case $word in --*) break ;; *) echo "$word" ;; esac; fi; [ "$word" = "$want" ] && on=1; done; }
        has() { local want=$1; shift; for word in "$@"; do [ "$word" = "$want" ] && return 0; done; return 1; }
        change() { echo "$*" >> "$state/changes"; }
        id=$(arg --id "$@"); query=$(arg --query "$@"); app=$state/apps/$id
        case "$1 $2 ${3:-} ${4:-}" in
          "account show "*) echo 8f7a0000-1111-4222-8333-444455556666 ;;
          "cloud set "*) ;;
          "ad app list "*)
            filter=$(arg --filter "$@"); want=${filter#*\'}; want=${want%\'}
            for one in "$state"/apps/*; do [ -e "$one" ] || continue
              case $filter in
                appId*) [ "$(basename "$one")" = "$want" ] && basename "$one" ;;
                displayName*) [ "$(cat "$one/name")" = "$want" ] && basename "$one" ;;
              esac
            done | head -n 1 ;;
          "ad app create "*) new=aaaaaaaa-0000-4000-8000-000000000001; mkdir -p "$state/apps/$new"; arg --display-name "$@" > "$state/apps/$new/name"; touch "$state/apps/$new"/{redirects,permissions,credentials}; change "create app"; echo $new ;;
          "ad app show "*)
            case $query in
              *"?@=="*) want=${query#*\'}; want=${want%%\'*}; grep -Fx -- "$want" "$app/redirects" ;;
              *) cat "$app/redirects" ;;
            esac ;;
          "ad app update "*) change "redirects"; all_after --web-redirect-uris "$@" > "$app/redirects" ;;
          "ad app permission list") case $query in
              *"resourceAccess[]"*) want=${query#*\?id==\'}; want=${want%%\'*}; resource=${query#*resourceAppId==\'}; resource=${resource%%\'*}; grep -F "$resource $want" "$app/permissions" | head -n 1 ;;
              *) resource=${query#*resourceAppId==\'}; resource=${resource%%\'*}; grep -F "$resource" "$app/permissions" | head -n 1 ;;
            esac ;;
          "ad app permission add") change "permission"; echo "$(arg --api "$@") $(arg --api-permissions "$@")" | sed 's/=/ /' >> "$app/permissions" ;;
          "ad app permission admin-consent") change "consent" ;;
          "ad app credential list") if has --cert "$@"; then grep -F cert "$app/credentials"; else want=${query#*\'}; want=${want%%\'*}; grep -Fx -- "$want" "$app/credentials"; fi | head -n 1 ;;
          "ad app credential reset") has --append "$@" || { echo "without --append every credential is removed" >&2; exit 9; }
            change "credential"; if has --cert "$@"; then echo cert >> "$app/credentials"; else arg --display-name "$@" >> "$app/credentials"; echo "fake~secret~value"; fi ;;
          "ad sp show "*)
            case $id in
              00000003-*|00000002-*) case $query in
                  *SendAsApp*) echo "role-of-${id:0:8}" ;;
                  *) want=${query#*value==\'}; echo "id-of-${want%%\'*}-at-${id:0:8}" ;;
                esac ;;
              *) [ -e "$app/sp" ] || exit 3; echo enterprise-object-id ;;
            esac ;;
          "ad sp create "*) change "service principal"; touch "$app/sp" ;;
          *) echo "az: what is $*" >&2; exit 2 ;;
        esac
        exit 0
        """;

    public FakeAz()
    {
        Directory.CreateDirectory(Path.Combine(directory.FullName, "bin"));
        Directory.CreateDirectory(Path.Combine(State, "apps"));
        Executable(Path.Combine(directory.FullName, "bin", "az"), Az);
    }

    private string State => Path.Combine(directory.FullName, "state");

    public IReadOnlyList<string> Changes => File.Exists(Path.Combine(State, "changes")) ? File.ReadAllLines(Path.Combine(State, "changes")) : [];

    public string Secret(string file) => File.ReadAllText(Path.Combine(directory.FullName, file)).Trim();

    public UnixFileMode Mode(string file) => File.GetUnixFileMode(Path.Combine(directory.FullName, file));

    public IReadOnlyList<string> Lines(string app, string file) => File.ReadAllLines(Path.Combine(State, "apps", app, file));

    public void Register(string app, string name, params string[] redirects)
    {
        var folder = Directory.CreateDirectory(Path.Combine(State, "apps", app)).FullName;
        File.WriteAllText(Path.Combine(folder, "name"), name + "\n");
        File.WriteAllLines(Path.Combine(folder, "redirects"), redirects);
        File.WriteAllText(Path.Combine(folder, "permissions"), "");
        File.WriteAllText(Path.Combine(folder, "credentials"), "");
    }

    public async Task<(int ExitCode, string Output)> RunAsync(string script, CancellationToken cancellation)
    {
        var file = Path.Combine(directory.FullName, "register.sh");
        Executable(file, script);
        var start = new ProcessStartInfo("bash", [file]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory.FullName };
        start.Environment["PATH"] = $"{Path.Combine(directory.FullName, "bin")}:{start.Environment["PATH"]}";
        start.Environment["AZ_STATE"] = State;
        start.Environment["POSTRIDER_SETTLE"] = "0";
        using var bash = Process.Start(start)!;
        var (output, error) = (bash.StandardOutput.ReadToEndAsync(cancellation), bash.StandardError.ReadToEndAsync(cancellation));
        await bash.WaitForExitAsync(cancellation);
        return (bash.ExitCode, await output + await error);
    }

    private static void Executable(string file, string text)
    {
        File.WriteAllText(file, text.ReplaceLineEndings("\n"));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public void Dispose() => directory.Delete(recursive: true);
}
