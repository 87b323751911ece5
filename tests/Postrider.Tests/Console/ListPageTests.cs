using Microsoft.AspNetCore.Http;
using Postrider.Server.Console.Ui;

namespace Postrider.Tests.Console;

/// <summary>Lists that are in memory, however long.</summary>
public sealed class ListPageTests
{
    private static readonly string[] Many = [.. Enumerable.Range(0, 100_000).Select(number => $"printer-{number:00000}")];

    [Fact]
    public void Pages_lead_through_all_of_it_once_and_in_order()
    {
        var seen = new List<string>();
        for (var page = Page(Many.Reverse(), "?cfrom=printer-98999"); ; page = Page(Many, page.Next[page.Next.IndexOf('?', StringComparison.Ordinal)..]))
        {
            seen.AddRange(page.Shown);
            Assert.InRange(page.Shown.Count, 1, ListPage.Rows);
            Assert.NotNull(page.First);
            if (page.Next is null)
                break;
        }
        Assert.Equal(Many[99_000..], seen);
        Assert.Null(Page(Many, "").First);
    }

    [Fact]
    public void What_is_looked_for_is_found_whatever_its_case_and_kept_from_page_to_page()
    {
        var page = Page(Many, "?cq=PRINTER-0000");
        Assert.Equal((10, 100_000, null), (page.Found, page.Total, page.Next));
        Assert.Contains("cq=printer-00", Page(Many, "?cq=printer-00").Next, StringComparison.Ordinal);
        Assert.Empty(Page(Many, "?cq=%3Cscript%3E").Shown);
    }

    [Fact]
    public void A_short_list_has_neither_search_nor_pages()
    {
        var page = Page(["a", "b"], "");
        Assert.False(page.IsLong);
        Assert.Equal((null, null), (page.Next, page.First));
    }

    private static ListPage<string> Page(IEnumerable<string> all, string query)
    {
        var context = new DefaultHttpContext();
        (context.Request.Path, context.Request.QueryString) = ("/apps", new QueryString(query));
        return ListPage.Of(context.Request, "c", all, one => one, one => one);
    }
}
