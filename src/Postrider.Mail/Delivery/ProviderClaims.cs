using Postrider.Mail.Queue;

namespace Postrider.Mail.Delivery;

/// <summary>Claims for all lanes of a provider. While one claim is on its way, what other lanes ask for gathers, and the next claim is
/// for all of them: one commit in place of many, and none that finds nothing because another lane was quicker.</summary>
internal sealed class ProviderClaims(string providerId, MessageQueue queue)
{
    /// <summary>More in one transaction would hold up the others.</summary>
    private const int LargestClaim = 256;

    private readonly Lock gate = new();
    private List<Request> waiting = [];
    private bool claiming;

    /// <summary>Takes up to <paramref name="max"/> due messages for one lane.</summary>
    /// <param name="leaving">Which of the lane's messages leave at once.</param>
    /// <returns>The lane's share, and whether more may be due: the claim found as many as it was for.</returns>
    public Task<(IReadOnlyList<ClaimedMessage> Share, bool More)> TakeAsync(int max, Func<IReadOnlyList<ClaimedMessage>, IReadOnlyList<ClaimedMessage>> leaving, CancellationToken stopping)
    {
        var request = new Request(max, leaving);
        lock (gate)
        {
            waiting.Add(request);
            if (claiming)
                return request.Done.Task;
            claiming = true;
        }
        _ = ClaimForAllAsync(stopping);
        return request.Done.Task;
    }

    private async Task ClaimForAllAsync(CancellationToken stopping)
    {
        while (Next() is { Count: > 0 } requests)
            try
            {
                // Called within the claim's transaction, which may be run again.
                IReadOnlyList<ClaimedMessage> Leaving(IReadOnlyList<ClaimedMessage> claimed)
                {
                    Share(claimed, requests);
                    return [.. requests.SelectMany(request => request.Share.Count > 0 ? request.Leaving(request.Share) : [])];
                }
                var most = Math.Min(requests.Sum(request => request.Max), LargestClaim);
                var more = (await queue.ClaimAsync(providerId, most, stopping, Leaving)).Count == most;
                requests.ForEach(request => request.Done.SetResult((request.Share, more)));
            }
            catch (Exception wrong)
            {
                requests.ForEach(request => request.Done.SetException(wrong));
            }
    }

    private List<Request> Next()
    {
        lock (gate)
        {
            var next = waiting;
            waiting = [];
            claiming = next.Count > 0;
            return next;
        }
    }

    /// <summary>Everyone gets one before anyone gets two, and so on. Where there are enough for a train each, they are dealt by trains: what
    /// lanes send at the same time lies side by side in the database, and its outcomes change few pages.</summary>
    private static void Share(IReadOnlyList<ClaimedMessage> claimed, List<Request> requests)
    {
        var each = claimed.Count >= requests.Count * ProviderLane.LongestTrain ? ProviderLane.LongestTrain : 1;
        requests.ForEach(request => request.Share = []);
        for (var from = 0; from < claimed.Count;)
            foreach (var request in requests)
                for (var dealt = 0; dealt < each && from < claimed.Count && request.Share.Count < request.Max; dealt++)
                    request.Share.Add(claimed[from++]);
    }

    private sealed class Request(int max, Func<IReadOnlyList<ClaimedMessage>, IReadOnlyList<ClaimedMessage>> leaving)
    {
        public int Max => max;
        public Func<IReadOnlyList<ClaimedMessage>, IReadOnlyList<ClaimedMessage>> Leaving => leaving;
        public List<ClaimedMessage> Share { get; set; } = [];
        public TaskCompletionSource<(IReadOnlyList<ClaimedMessage>, bool)> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
