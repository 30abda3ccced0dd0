namespace EdgeRuntime.Planning;

/// <summary>How much memory is taken at each step, and where its top is: a tree over the steps, so that questions about a range cost a few nodes.</summary>
internal sealed class MemoryProfile
{
    private readonly int leaves;
    private readonly long[] takenAll, taken, topAll, top;

    public MemoryProfile(int steps)
    {
        for (leaves = 1; leaves < steps;) leaves *= 2;
        takenAll = new long[2 * leaves];
        taken = new long[2 * leaves];
        topAll = new long[2 * leaves];
        top = new long[2 * leaves];
    }

    /// <summary>The most bytes taken at a step of the range.</summary>
    public long Taken(int first, int last) => Taken(1, 0, leaves - 1, first, last);

    /// <summary>The highest end of a tensor in the range.</summary>
    public long Top(int first, int last) => Top(1, 0, leaves - 1, first, last);

    /// <summary>Takes bytes at all steps of the range, up to an end.</summary>
    public void Add(int first, int last, long bytes, long end) => Add(1, 0, leaves - 1, first, last, bytes, end);

    // taken[n] and top[n] are the most among the steps below n; takenAll[n] and topAll[n] are what counts for all of them, of ranges that cover n.
    private void Add(int node, int low, int high, int first, int last, long bytes, long end)
    {
        if (first > high || last < low) return;
        top[node] = Math.Max(top[node], end);
        if (first <= low && high <= last)
        {
            takenAll[node] += bytes;
            taken[node] += bytes;
            topAll[node] = Math.Max(topAll[node], end);
            return;
        }
        int middle = (low + high) / 2;
        Add(2 * node, low, middle, first, last, bytes, end);
        Add(2 * node + 1, middle + 1, high, first, last, bytes, end);
        taken[node] = takenAll[node] + Math.Max(taken[2 * node], taken[2 * node + 1]);
    }

    private long Taken(int node, int low, int high, int first, int last)
    {
        if (first > high || last < low) return 0;
        if (first <= low && high <= last) return taken[node];
        int middle = (low + high) / 2;
        return takenAll[node] + Math.Max(Taken(2 * node, low, middle, first, last), Taken(2 * node + 1, middle + 1, high, first, last));
    }

    private long Top(int node, int low, int high, int first, int last)
    {
        if (first > high || last < low) return 0;
        if (first <= low && high <= last) return top[node];
        int middle = (low + high) / 2;
        return Math.Max(topAll[node], Math.Max(Top(2 * node, low, middle, first, last), Top(2 * node + 1, middle + 1, high, first, last)));
    }
}
