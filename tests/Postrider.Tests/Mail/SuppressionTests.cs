using Postrider.Mail.Queue;

namespace Postrider.Tests.Mail;

/// <summary>Nothing is sent to an address on the suppression list, whichever node took the message.</summary>
public class SuppressionTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static async Task<(TestQueue Queue, SuppressionList List)> OpenAsync(params string[] suppressed)
    {
        var queue = await TestQueue.OpenAsync();
        var list = queue.Suppressions;
        await list.LoadAsync(Stop);
        await list.AddAsync([.. suppressed.Select(address => (SuppressionList.Key(address, out _)!, "left the company"))], "anna", Stop);
        return (queue, list);
    }

    [Fact]
    public async Task A_message_to_nobody_else_is_accepted_and_has_failed_and_its_sender_is_told()
    {
        var (queue, _) = await OpenAsync("Gone@Example.net");
        await using var opened = queue;
        var told = new List<(string, bool)>();
        queue.Worker.Finishing = (_, finished, everyoneSent) => { told.Add((finished, everyoneSent)); return Task.CompletedTask; };
        var id = await queue.AddAsync(queue.New("gone@example.net") with { Notice = (message, failed) => queue.New("app@example.org") with { Source = "report", ReportOf = message.Id, Subject = failed[0].Reply } });
        var message = await queue.ShowAsync(id);
        Assert.Equal(("failed", "failed", true), (message.State, message.Recipients[0].State, message.FinishedAt is not null));
        Assert.Equal("gone@example.net is on this gateway's suppression list: nothing is sent to it. anna put it there on 2026-05-04: left the company", message.Recipients[0].Cause);
        Assert.Contains("postrider suppressions remove gone@example.net", message.Recipients[0].Remedy, StringComparison.Ordinal);
        Assert.Equal(("refused", "suppressed"), (message.Attempts[0].Outcome, message.Attempts[0].Stage));
        Assert.Equal([(id, false)], told);
        var notice = await queue.ClaimAsync();
        Assert.Equal((id, "550 5.7.1 gone@example.net is on the suppression list of this gateway"), (notice.ReportOf, notice.Subject));
    }

    [Fact]
    public async Task The_others_of_a_message_are_sent_to()
    {
        var (queue, _) = await OpenAsync("gone@example.net", "left@example.net");
        await using var opened = queue;
        var id = await queue.AddAsync("one@example.net", "gone@example.net", "two@example.net", "left@example.net");
        var claimed = await queue.ClaimAsync();
        Assert.Equal(["one@example.net", "two@example.net"], claimed.Recipients.Select(one => one.Address));
        await queue.Worker.RecordAsync(claimed, queue.Outcome(claimed, OutcomeKind.Sent));
        var message = await queue.ShowAsync(id);
        Assert.Equal("failed", message.State);
        Assert.Equal(["sent", "failed", "sent", "failed"], message.Recipients.Select(one => one.State));
        Assert.Equal(["gone@example.net", "left@example.net"], message.Replies.Select(one => one.Address));
    }

    [Fact]
    public async Task The_only_one_left_ends_a_message_that_has_failed_in_part()
    {
        var (queue, _) = await OpenAsync("gone@example.net");
        await using var opened = queue;
        var id = await queue.AddAsync("one@example.net", "gone@example.net");
        var claimed = await queue.ClaimAsync();
        await queue.Worker.RecordAsync(claimed, queue.Outcome(claimed, OutcomeKind.Sent));
        Assert.Equal("failed", (await queue.ShowAsync(id)).State);
    }

    [Fact]
    public async Task Sent_again_it_goes_out_once_the_address_is_off_the_list()
    {
        var (queue, list) = await OpenAsync("gone@example.net");
        await using var opened = queue;
        var id = await queue.AddAsync("gone@example.net");
        Assert.Empty(await queue.Worker.RetryAsync([id], "anna", Stop));
        Assert.Equal("gone@example.net", (await list.RemoveAsync("gone@example.net", Stop))!.Address);
        Assert.Null(await list.RemoveAsync("gone@example.net", Stop));
        Assert.Equal([id], await queue.Worker.RetryAsync([id], "anna", Stop));
        var claimed = await queue.ClaimAsync();
        await queue.Worker.RecordAsync(claimed, queue.Outcome(claimed, OutcomeKind.Sent));
        Assert.Equal("sent", (await queue.ShowAsync(id)).State);
    }

    [Fact]
    public async Task What_one_node_adds_counts_for_the_next_message_of_another()
    {
        var (queue, _) = await OpenAsync("carol@example.net");
        await using var opened = queue;
        await queue.Other.AddAsync(queue.New("bob@example.net"), Stop);
        await new SuppressionList(queue.Database, queue.Clock).AddAsync([("bob@example.net", "")], "anna", Stop);
        var next = queue.New("bob@example.net");
        await queue.Other.AddAsync(next, Stop);
        Assert.Equal("failed", (await queue.ShowAsync(next.Id)).State);
    }

    [Fact]
    public async Task A_list_that_begins_on_one_node_is_asked_on_another_once_it_was_told()
    {
        var (queue, list) = await OpenAsync();
        await using var opened = queue;
        await new SuppressionList(queue.Database, queue.Clock).AddAsync([("bob@example.net", "")], "anna", Stop);
        await list.LoadAsync(Stop);
        Assert.Equal("failed", (await queue.ShowAsync(await queue.AddAsync("bob@example.net"))).State);
        await list.RemoveAsync("bob@example.net", Stop);
        await list.LoadAsync(Stop);
        Assert.Equal("queued", (await queue.ShowAsync(await queue.AddAsync("bob@example.net"))).State);
    }

    [Fact]
    public async Task Addresses_are_alike_in_every_spelling_of_the_same()
    {
        var (queue, list) = await OpenAsync("Grüße@Bücher.example", "BOB@BÜCHER.example", "bob@xn--bcher-kva.example");
        await using var opened = queue;
        Assert.Equal(2, (await list.ListAsync(null, null, 10, Stop)).Count);
        Assert.Equal("bob@xn--bcher-kva.example", (await list.FindAsync(SuppressionList.Key("Bob@bücher.example", out _)!, Stop))!.Address);
        Assert.Null(SuppressionList.Key("nobody", out var why));
        Assert.Equal("The address has no @ and domain.", why);
    }

    [Fact]
    public async Task The_list_is_searched_and_walked_the_newest_first()
    {
        var (queue, list) = await OpenAsync();
        await using var opened = queue;
        foreach (var address in new[] { "a@example.net", "b_c@example.net", "bxc@example.org" })
        {
            Assert.Equal(1, await list.AddAsync([(address, "")], "anna", Stop));
            queue.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(0, await list.AddAsync([("a@example.net", "other")], "bert", Stop));
        Assert.Equal(["bxc@example.org", "b_c@example.net", "a@example.net"], (await list.ListAsync(null, null, 10, Stop)).Select(one => one.Address));
        Assert.Equal(["b_c@example.net"], (await list.ListAsync("B_C", null, 10, Stop)).Select(one => one.Address));
        var first = (await list.ListAsync(null, null, 1, Stop)).Single();
        Assert.Equal("b_c@example.net", (await list.ListAsync(null, first.Id, 1, Stop)).Single().Address);
    }
}
