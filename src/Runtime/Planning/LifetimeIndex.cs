namespace EdgeRuntime.Planning;

/// <summary>
/// Placed tensors by their lifetimes: a tree over the steps, in which a tensor is kept at the nodes that together cover its lifetime, so that
/// those that overlap a range are found without looking at the others.
/// </summary>
internal sealed class LifetimeIndex
{
    private readonly int leaves;
    private readonly List<(long Offset, int Index)>?[] covering;

    /// <summary>The tensors that begin at a step, and in the tree how many begin below a node.</summary>
    private readonly List<(long Offset, int Index)>?[] beginning;
    private readonly int[] begun;

    public LifetimeIndex(int steps)
    {
        for (leaves = 1; leaves < steps;) leaves *= 2;
        covering = new List<(long, int)>?[2 * leaves];
        beginning = new List<(long, int)>?[leaves];
        begun = new int[2 * leaves];
    }

    /// <summary>Takes a tensor in.</summary>
    public void Add(int first, int last, (long Offset, int Index) tensor)
    {
        Cover(1, 0, leaves - 1, first, last, tensor);
        (beginning[first] ??= []).Add(tensor);
        for (int node = leaves + first; node > 0; node /= 2) begun[node]++;
    }

    /// <summary>Lists the tensors that live at some step of the range, each once: those that live at its first step, and those that begin later.</summary>
    public void Find(int first, int last, List<(long Offset, int Index)> found)
    {
        for (int node = leaves + first; node > 0; node /= 2)
            if (covering[node] is { } list) found.AddRange(list);
        Begin(1, 0, leaves - 1, first + 1, last, found);
    }

    private void Cover(int node, int low, int high, int first, int last, (long Offset, int Index) tensor)
    {
        if (first > high || last < low) return;
        if (first <= low && high <= last)
        {
            (covering[node] ??= []).Add(tensor);
            return;
        }
        int middle = (low + high) / 2;
        Cover(2 * node, low, middle, first, last, tensor);
        Cover(2 * node + 1, middle + 1, high, first, last, tensor);
    }

    private void Begin(int node, int low, int high, int first, int last, List<(long Offset, int Index)> found)
    {
        if (first > high || last < low || begun[node] == 0) return;
        if (low == high)
        {
            found.AddRange(beginning[low]!);
            return;
        }
        int middle = (low + high) / 2;
        Begin(2 * node, low, middle, first, last, found);
        Begin(2 * node + 1, middle + 1, high, first, last, found);
    }
}
