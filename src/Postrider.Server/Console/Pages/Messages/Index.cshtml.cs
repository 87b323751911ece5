using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts.Providers;
using Postrider.Client;
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
using MessageFilter = Postrider.Mail.History.MessageFilter;

namespace Postrider.Server.Console.Pages.Messages;

/// <summary>Every message, the newest first. A page is a range of ids, so the thousandth is as near as the first.</summary>
internal sealed class MessagesModel(MessageHistory history, MessageViews wire, ProviderDirectory providers, ClientDirectory clients, CsvExport export, RecentActs acts, SavedViews views) : ConsolePage
{
    private const int Rows = MessageFilter.DefaultLimit;

    public MessageFilterForm Filter { get; private set; } = null!;
    public IReadOnlyList<MessageSummary> Items { get; private set; } = [];
    /// <summary>Set where the search was cut off, because what is asked for is rare.</summary>
    public DateTimeOffset? LookedTo { get; private set; }

    /// <summary>A long look is not repeated by itself.</summary>
    public bool IsLive { get; private set; } = true;
    public string? Older { get; private set; }
    public string? Newer { get; private set; }

    /// <summary>What this person does to many messages, or did a moment ago and can take back.</summary>
    public RecentAct? LastAct { get; private set; }
    public IReadOnlyList<SavedView> Views { get; private set; } = [];

    public static IEnumerable<(string, string)> States => [("", T["Any"]), .. MessageQuery.States.Select(state => (state, State.Word(state)))];
    public IReadOnlyList<(string, string)> Providers => [("", T["Any"]), .. providers.All.Select(provider => (provider.Name, provider.DisplayName))];
    public IReadOnlyList<(string, string)> Clients => [("", T["Any"]), .. clients.All.Select(client => (client.Name, client.Name))];

    /// <summary>What of the list is offered for all that the filter reaches.</summary>
    public IEnumerable<(string Act, string Label)> Acts => Filter.State switch
    {
        "failed" or "bounced" or "cancelled" => [(MessageAct.Retry, T["Send again"])],
        "held" => [(MessageAct.Release, T["Release"]), (MessageAct.Cancel, T["Cancel"]), (MessageAct.Expire, T["Give up"])],
        "sent" or "delivered" or "delayed" => [],
        _ => [(MessageAct.Retry, T["Retry"]), (MessageAct.Hold, T["Hold"]), (MessageAct.Cancel, T["Cancel"]), (MessageAct.Expire, T["Give up"])],
    };

    /// <summary>What is offered for those that are selected.</summary>
    public static IEnumerable<(string Act, string Label)> ActsOnSelected =>
        [(MessageAct.Retry, T["Retry"]), (MessageAct.Hold, T["Hold"]), (MessageAct.Release, T["Release"]), (MessageAct.Cancel, T["Cancel"]), (MessageAct.Expire, T["Give up"])];

    public string Here => Url.Content("~/messages") + Request.QueryString;

    public string Address(string path, params IEnumerable<(string, string?)> more) => Url.Content(path) + Filter.With(more);

    public async Task OnGetAsync(string? cursor, string? after, bool further, CancellationToken cancellation)
    {
        IsLive = !further;
        Views = await views.OfAsync(PersonId, cancellation);
        LastAct = May(Right.Operate) ? await acts.LastAsync(Actor, cancellation) : null;
        if (Read() is not { } filter)
            return;
        var (before, behind) = (MessageIds.Parse(cursor), MessageIds.Parse(after));
        var page = await history.PageAsync(filter with { Cursor = before, After = behind, Limit = Rows }, cancellation, further);
        // Back at the beginning: the first page, whole and with what has come since.
        if (behind is not null && page.Next is null)
            (behind, page) = (null, await history.PageAsync(filter with { Limit = Rows }, cancellation));
        Items = [.. page.Rows.Select(wire.Summary)];
        LookedTo = behind is null ? page.LookedTo : null;
        var older = behind is null ? page.Next : Items.Count > 0 ? Items[^1].Id : behind;
        Older = older is null ? null : Address("~/messages", ("cursor", older), ("further", LookedTo is null ? null : "true"));
        Newer = before is not null || behind is not null ? Address("~/messages", ("after", Items.Count > 0 ? Items[0].Id : before ?? behind)) : null;
    }

    /// <summary>Keeps the filter of the address under a name.</summary>
    [Needs(Right.Look)]
    public async Task<IActionResult> OnPostKeepAsync(string? name, CancellationToken cancellation)
    {
        Filter = MessageFilterForm.Of(Request);
        var wanted = Foreign.Clean(name ?? "").Trim();
        if (Filter.IsEmpty || wanted.Length is 0 or > SavedViews.LongestName)
            Say(T[$"Give the view a name of at most {SavedViews.LongestName} characters."], good: false);
        else if (!await views.KeepAsync(PersonId, wanted, Filter.With().ToString(), cancellation))
            Say(T[$"You have {SavedViews.Most} views. Remove one first."], good: false);
        else
            HttpContext.Note("view kept", wanted, Filter.With().ToString());
        return LocalRedirect("~/messages" + Filter.With());
    }

    [Needs(Right.Look)]
    public async Task<IActionResult> OnPostForgetAsync(string? name, CancellationToken cancellation)
    {
        Filter = MessageFilterForm.Of(Request);
        await views.RemoveAsync(PersonId, name ?? "", cancellation);
        HttpContext.Note("view removed", name ?? "");
        return LocalRedirect("~/messages" + Filter.With());
    }

    public async Task<IActionResult> OnGetExportAsync(CancellationToken cancellation)
    {
        if (Read() is not { } filter)
            return LocalRedirect("~/messages" + Filter.With());
        HttpContext.Note("messages exported", "", Filter.With().ToString());
        await export.WriteAsync(filter, Response, $"messages-{Now:yyyy-MM-dd-HHmm}.csv", cancellation);
        return new EmptyResult();
    }

    private MessageFilter? Read()
    {
        Filter = MessageFilterForm.Of(Request);
        (var filter, Errors) = Filter.AsQuery().Read(providers, clients);
        return Errors.Count == 0 ? filter : null;
    }
}
