using System.Globalization;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Mvc;
using Postrider.Server.Api;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.Ui;

namespace Postrider.Server.Console.Pages;

/// <summary>Who did what, from where.</summary>
internal sealed class AuditModel(AuditLog log, AuditChain chain, AuditExport export) : ConsolePage
{
    private const int Rows = 50;

    public AuditApi.AuditQuery Query { get; private set; } = null!;
    public IReadOnlyList<AuditEntry> Items { get; private set; } = [];
    public string? Older { get; private set; }

    /// <summary>Null until somebody asks: the whole log is read for it.</summary>
    public ChainReport? Chain { get; private set; }

    public bool IsFiltered => Query with { Cursor = null } != new AuditApi.AuditQuery();

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        if (Filter() is not { } filter)
            return;
        var found = await log.ListAsync(filter, Rows + 1, cancellation);
        Items = [.. found.Take(Rows)];
        Older = found.Count > Rows ? Address(("cursor", Items[^1].Id)) : null;
    }

    public async Task OnGetVerifyAsync(CancellationToken cancellation)
    {
        await OnGetAsync(cancellation);
        Chain = await chain.VerifyAsync(cancellation);
    }

    public async Task<IActionResult> OnGetExportAsync(string? format, CancellationToken cancellation)
    {
        if (Filter() is not { } filter)
            return Page();
        var name = string.Create(CultureInfo.InvariantCulture, $"audit-{Now.UtcDateTime:yyyyMMdd-HHmm}");
        HttpContext.Note("audit exported", "audit");
        await (format == "jsonl" ? export.WriteLinesAsync(filter, Response, name, cancellation) : export.WriteCsvAsync(filter, Response, name, cancellation));
        return new EmptyResult();
    }

    /// <returns>Null when something of what was asked for is wrong.</returns>
    private AuditFilter? Filter()
    {
        string? Given(string name) => Request.Query[name].ToString().Trim() is { Length: > 0 } text ? text : null;
        Query = new()
        {
            Actor = Given("actor"), Action = Given("action"), Target = Given("target"), Door = Given("door"),
            Since = Zone.Typed(Request, "since"), Until = Zone.Typed(Request, "until"), Cursor = Given("cursor"),
        };
        (var filter, Errors) = Query.Read();
        return Errors.Count > 0 ? null : filter;
    }

    /// <summary>This list with one word of the filter in another's place.</summary>
    public string Address(params IEnumerable<(string Name, string? Value)> with)
    {
        var words = new Dictionary<string, string?> { ["actor"] = Query.Actor, ["action"] = Query.Action, ["target"] = Query.Target, ["door"] = Query.Door, ["since"] = Query.Since, ["until"] = Query.Until };
        foreach (var (name, value) in with)
            words[name] = value;
        return Url.Content("~/audit") + new QueryBuilder(words.Where(word => word.Value is not null).Select(word => KeyValuePair.Create(word.Key, word.Value!))).ToQueryString();
    }
}
