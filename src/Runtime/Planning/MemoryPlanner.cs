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
    public static (long[] Offsets, long ArenaBytes) Place(IReadOnlyList<Request> requests) => Place(requests, out _);

    /// <summary>The same; <paramref name="work"/> is how many placed tensors were looked at.</summary>
    public static (long[] Offsets, long ArenaBytes) Place(IReadOnlyList<Request> requests, out long work)
    {
        long[] offsets = new long[requests.Count];
        // Steps at which nothing begins or ends are of no account: lifetimes count in those that are left.
        int[] steps = [.. requests.SelectMany(r => new[] { r.First, r.Last }).Distinct().Order()];
        var profile = new MemoryProfile(steps.Length);
        var lifetimes = new LifetimeIndex(steps.Length);
        List<(long Offset, int Index)> others = [];
        long arena = 0;
        work = 0;
        foreach (int index in Enumerable.Range(0, requests.Count).OrderByDescending(i => requests[i].Bytes))
        {
            long bytes = Padded(requests[index].Bytes);
            int first = Array.BinarySearch(steps, requests[index].First), last = Array.BinarySearch(steps, requests[index].Last);
            long offset = bytes == 0 ? 0 : profile.Top(first, last);
            // Where all below the top is taken at some step, there is no gap to look for.
            if (profile.Taken(first, last) < offset)
            {
                others.Clear();
                lifetimes.Find(first, last, others);
                work += others.Count;
                others.Sort();
                offset = 0;
                // In the order of offsets the first gap that is wide enough is the lowest.
                foreach ((long start, int other) in others)
                {
                    if (offset + bytes <= start) break;
                    offset = Math.Max(offset, start + Padded(requests[other].Bytes));
                }
            }
            offsets[index] = offset;
            profile.Add(first, last, bytes, offset + bytes);
            lifetimes.Add(first, last, (offset, index));
            arena = Math.Max(arena, offset + bytes);
        }
        return (offsets, arena);
    }

    private static long Padded(long bytes) => (bytes + ExecutionPlan.Alignment - 1) / ExecutionPlan.Alignment * ExecutionPlan.Alignment;
}
