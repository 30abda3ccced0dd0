namespace EdgeRuntime.Graphs;

/// <summary>
/// What folding may take in all while a graph is bound. A file of a few kilobytes can hold thousands of nodes, each within the bounds
/// of one node, that together take all memory or run for days; what is beyond the budget stays a node, computed when the model runs.
/// </summary>
/// <param name="constantBytes">
/// Size of the graph's constants. What honest models fold when they are loaded grows with it: f16 weights become twice, i8 weights
/// four times as large, some through more than one step. The fixed part is for masks and position tables made from nothing.
/// </param>
internal sealed class FoldingBudget(long constantBytes)
{
    private long bytes = (64L << 20) + 16 * constantBytes;

    // Operations of the slow definitions and bytes they move: a second or two.
    private long work = (1L << 29) + 16 * constantBytes;

    /// <summary>What inferring the shapes of a body may take: arithmetic on shapes, no weights.</summary>
    public static FoldingBudget ForShapes() => new(0) { bytes = 1 << 20, work = 1 << 20 };

    /// <summary>Takes a node's share; false, and nothing taken, when it is not to be had.</summary>
    public bool Take(long resultBytes, long resultWork)
    {
        if (resultBytes > bytes || resultWork > work) return false;
        bytes -= resultBytes;
        work -= resultWork;
        return true;
    }
}
