namespace EdgeRuntime.Planning;

/// <summary>
/// Places tensors in one arena so that those alive at the same time never overlap: the largest first, each at the lowest
/// free offset ("greedy by size", Pisarchyk and Lee, arXiv 2001.03288).
/// </summary>
internal static class MemoryPlanner
{
    /// <summary>A tensor to be placed: size, and first and last step at which its memory is in use.</summary>
    public readonly record struct Request(long Bytes, int First, int Last);

    /// <summary>Offsets in the order of the requests, and the size of the arena.</summary>
    public static (long[] Offsets, long ArenaBytes) Place(IReadOnlyList<Request> requests)
    {
        long[] offsets = new long[requests.Count];
        var placed = new List<int>();
        long arena = 0;
        foreach (int index in Enumerable.Range(0, requests.Count).OrderByDescending(i => requests[i].Bytes))
        {
            Request request = requests[index];
            long offset = 0;
            // placed is sorted by offset, so the first gap that is wide enough is the lowest.
            foreach (int other in placed)
            {
                Request o = requests[other];
                if (o.Last < request.First || request.Last < o.First) continue;
                if (offset + Padded(request.Bytes) <= offsets[other]) break;
                offset = Math.Max(offset, offsets[other] + Padded(o.Bytes));
            }
            offsets[index] = offset;
            int at = placed.FindIndex(p => offsets[p] > offset);
            placed.Insert(at < 0 ? placed.Count : at, index);
            arena = Math.Max(arena, offset + Padded(request.Bytes));
        }
        return (offsets, arena);
    }

    private static long Padded(long bytes) => (bytes + ExecutionPlan.Alignment - 1) / ExecutionPlan.Alignment * ExecutionPlan.Alignment;
}
