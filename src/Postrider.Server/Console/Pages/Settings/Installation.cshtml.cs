using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Postrider.Accounts;
using Postrider.Accounts.Sealing;
using Postrider.Mail;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.People.SingleSignOn;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Settings;

/// <summary>How this installation is set up. Settings come from the configuration and are shown with the key that changes them;
/// the keys of stored secrets are looked after here.</summary>
internal sealed class InstallationModel(AccountsOptions accounts, IOptions<MailOptions> mail, SecretRotation rotation, KeyRingLock keyLock, OidcOptions oidc) : ConsolePage
{
    public OidcOptions Oidc => oidc;
    public string OidcRedirect => OidcSignIn.RedirectUri(accounts);
    public SecretStatus Keys { get; private set; } = null!;
    public Confirmation? Confirm { get; private set; }

    public string Lock => SystemModel.InWords(keyLock);

    public IEnumerable<(string Name, string Value, string Key)> Rules
    {
        get
        {
            var options = mail.Value;
            yield return (T["A message is tried"], T[$"for {Moment.Length(options.Lifetime)}"], "Mail:Lifetime");
            yield return (T["The largest message"], Moment.Size(options.MaxMessageBytes), "Mail:MaxMessageBytes");
            yield return (T["Recipients of a message"], T[$"at most {Moment.Number(options.MaxRecipients)}"], "Mail:MaxRecipients");
        }
    }

    public async Task OnGetAsync(CancellationToken cancellation) => Keys = await rotation.StatusAsync(cancellation);

    [Needs(Right.Own, Proven = true)]
    public async Task<IActionResult> OnPostRotateAsync(CancellationToken cancellation)
    {
        await rotation.BeginAsync(cancellation);
        HttpContext.Note("secrets rotated", "key ring");
        Say(T["A new key is in force. Stored secrets are sealed with it now, while mail goes on."]);
        return LocalRedirect("~/settings/installation");
    }

    [Needs(Right.Own, Proven = true)]
    public async Task<IActionResult> OnGetRemoveAsync(Guid key, CancellationToken cancellation)
    {
        await OnGetAsync(cancellation);
        Confirm = new(T["Take the key out of the key ring"], [T[$"The key {key} is destroyed. What it sealed, in this database or in a backup of it, opens no more."], T["Keep it for as long as you may restore a backup from before the rotation."]],
            T["Destroy the key"], Url.Content($"~/settings/installation?handler=Remove&key={key}"), Url.Content("~/settings/installation"));
        return Page();
    }

    [Needs(Right.Own, Proven = true)]
    public async Task<IActionResult> OnPostRemoveAsync([FromQuery] Guid key, CancellationToken cancellation)
    {
        var removal = await rotation.RemoveAsync(key, cancellation);
        HttpContext.Note("key removed", key.ToString(), removal is KeyRemoval.Removed ? "" : "refused");
        Say(removal switch { KeyRemoval.Removed => T["The key is gone."], KeyRemoval.Refused why => $"{T.Told(why.Cause)} {T.Told(why.Remedy)}", _ => T["There is no such key."] }, removal is KeyRemoval.Removed);
        return LocalRedirect("~/settings/installation");
    }
}
