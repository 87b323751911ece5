using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts.Providers;
using Postrider.Mail.History;
using Postrider.Mail.Intake;
using Postrider.Mail.Queue;
using Postrider.Server.Api;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.Languages;
using Postrider.Server.Console.People;
using Postrider.Server.Console.Reading;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Messages;

/// <summary>An act on many messages: those that were picked, or all that a filter reaches. Looking counts them, sending the form acts. What
/// comes in between is left alone: the filter is closed at the moment of the count.</summary>
[Needs(Right.Operate)]
internal sealed class ActModel(MessageHistory history, RecentActs acts, ProviderDirectory providers, ClientDirectory clients) : ConsolePage
{
    private MessageFilterForm form = null!;

    public Confirmation Confirm { get; private set; } = null!;
    public string Back => Url.Content("~/messages") + form.With();

    public async Task<IActionResult> OnGetAsync(string? act, string[] id, CancellationToken cancellation)
    {
        form = MessageFilterForm.Of(Request);
        if (MessageAct.Find(act) is not { } known || Words(known) is not var (title, what))
            return Missing(T["There is no such act"]);
        if (await MatchingAsync(id, null, null, cancellation) is not { } matching)
            return LocalRedirect("~/messages" + form.With());
        var reached = id.Length > 0 ? await history.ThoseAsync(matching, known.Reach.Condition, cancellation) : (await MatchingAsync(id, null, known.Reach, cancellation))!;
        if (reached.Count == 0)
        {
            Say(id.Length > 0 || !form.IsEmpty ? matching.Count == 0 ? T["No message is reached by that. There is nothing to do."] : T["No message is reached by that: {0}. There is nothing to do.", T.Told(known.Otherwise)] : T["Select messages first, or narrow the list with a filter."], good: false);
            return LocalRedirect("~/messages" + form.With());
        }
        var many = Math.Min(reached.Count, RecentActs.Most);
        Confirm = new(title(many), [what, id.Length > 0 ? T["They are the ones that you selected."] : T[$"They are those that match: {Told()}."],
            .. matching.Count > reached.Count && matching.Count <= RecentActs.Most ? [T.Count(matching.Count - reached.Count, "1 more matches and stays as it is: {1}.", "{0} more match and stay as they are: {1}.", T.Told(known.Otherwise))] : Array.Empty<string>(),
            .. reached.Count > RecentActs.Most ? [T[$"More than {Moment.Number(RecentActs.Most)} match. This reaches the newest of them; do it again for the next."]] : Array.Empty<string>()],
            title(many), Url.Content("~/messages/act") + form.With([("act", known.Name), ("counted", Now.ToString("O", System.Globalization.CultureInfo.InvariantCulture)), .. id.Select(one => ("id", (string?)one))]), Back) { Destroys = known.Name is MessageAct.Cancel or MessageAct.Expire };
        return Page();
    }

    [Needs(Right.Operate)]
    public async Task<IActionResult> OnPostAsync([FromQuery] string? act, [FromQuery] string[] id, [FromQuery] DateTimeOffset? counted, CancellationToken cancellation)
    {
        form = MessageFilterForm.Of(Request);
        if (MessageAct.Find(act) is not { } known || Words(known) is null || await MatchingAsync(id, counted, known.Reach, cancellation) is not { } reached)
            return Missing(T["There is no such act"]);
        var ids = reached.Take(RecentActs.Most).ToList();
        var doing = await acts.DoAsync(known, ids, Actor, form.With().ToString(), cancellation);
        HttpContext.Note($"messages {known.Done}", doing.IsOver ? Moment.Number(doing.Reached) : $"{Moment.Number(ids.Count)}, begun", id.Length > 0 ? string.Join(' ', ids) : form.With().ToString());
        return Next(doing);
    }

    /// <summary>Takes an act on many messages back, for those that can be had back.</summary>
    [Needs(Right.Operate)]
    public async Task<IActionResult> OnPostUndoAsync([FromQuery] string of, CancellationToken cancellation)
    {
        form = MessageFilterForm.Of(Request);
        if (await acts.UndoAsync(of, Actor, cancellation) is not { } undone)
        {
            HttpContext.NoteNothing();
            Say(T[$"It is too late: that could be taken back for {Moment.Length(RecentActs.Window)}, and once."], good: false);
            return LocalRedirect("~/messages" + form.With());
        }
        HttpContext.Note($"messages {undone.Of.Done}, and taken back", undone.IsOver ? Moment.Number(undone.Reached) : $"{Moment.Number(undone.Total)}, begun", of);
        return Next(undone);
    }

    /// <summary>To what came of it; while it goes on, to where one sees how far it is.</summary>
    private LocalRedirectResult Next(RecentAct act)
    {
        if (!act.IsOver)
            return LocalRedirect("~/messages/acts/" + act.Id);
        Say(ActWords.Result(act), act.Reached > 0);
        return LocalRedirect("~/messages" + act.Query);
    }

    /// <param name="reach">Only what the act can do something about, of those that a filter means.</param>
    /// <returns>Null when the filter cannot be understood.</returns>
    private async Task<IReadOnlyList<string>?> MatchingAsync(string[] picked, DateTimeOffset? counted, MessageReach? reach, CancellationToken cancellation)
    {
        if (picked.Length > 0)
            return [.. picked.Select(MessageIds.Parse).OfType<string>().Distinct().Take(MessageFilter.LargestLimit)];
        var (filter, errors) = form.AsQuery().Read(providers, clients);
        if (errors.Count > 0 || filter.ReachesAll)
            return errors.Count > 0 ? null : [];
        if (counted is not null && !(filter.Until <= counted))
            filter = filter with { Until = counted };
        return await history.IdsAsync(filter, RecentActs.Most + 1, cancellation, reach);
    }

    private string Told() => string.Join(", ", new[]
    {
        (T["subject or Message-ID"], form.Q), (T["state"], form.State), (T["provider"], form.Provider), (T["app or device"], form.Client), (T["from"], form.From), (T["to"], form.To), (T["accepted from"], Told(form.Since)), (T["accepted before"], Told(form.Until)),
    }.Where(pair => pair.Item2 is not null).Select(pair => $"{pair.Item1} \"{pair.Item2}\""));

    private string? Told(string? moment) => DateTimeOffset.TryParse(moment, out var at) ? Zone.Day(at) : moment;

    private static (Func<int, Phrase> Title, Phrase What)? Words(MessageAct act) => act.Name switch
    {
        MessageAct.Retry => (many => T.Count(many, T["Retry 1 message"], T["Retry {0} messages"]), T["Those that wait are tried at once. Those that failed or were cancelled are sent again, to the recipients that they did not reach; what was sent stays as it is. This cannot be taken back."]),
        MessageAct.Hold => (many => T.Count(many, T["Hold 1 message"], T["Hold {0} messages"]), T["They are not tried until somebody releases them, and do not expire meanwhile."]),
        MessageAct.Release => (many => T.Count(many, T["Release 1 message"], T["Release {0} messages"]), T["Those that are held go out at once."]),
        MessageAct.Cancel => (many => T.Count(many, T["Cancel 1 message"], T["Cancel {0} messages"]), T["They are not tried any more. Recipients that they have reached stay reached. For ten minutes this can be taken back; later a cancelled message can be sent again for as long as its content is kept."]),
        MessageAct.Expire => (many => T.Count(many, T["Give up 1 message"], T["Give up {0} messages"]), T["They fail now, as if their time were over, and their senders are told by mail. This cannot be taken back; they can be sent again for as long as their content is kept."]),
        _ => null,
    };
}
