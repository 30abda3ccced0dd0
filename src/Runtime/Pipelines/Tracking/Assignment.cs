namespace EdgeRuntime.Pipelines.Tracking;

/// <summary>
/// Pairs rows with columns so that the sum of costs is least, by shortest augmenting paths (Jonker and Volgenant, 1987). A pair that costs as much as <see cref="Impossible"/> is none.
/// All memory is there from the start.
/// </summary>
/// <param name="capacity">How many rows, and how many columns, there can be.</param>
internal sealed class Assignment(int capacity)
{
    /// <summary>What a pair costs that must not be.</summary>
    public const float Impossible = 1e6f;

    // Places begin at 1: place 0 is the row that is being paired.
    private readonly float[] rowPrice = new float[capacity + 1], columnPrice = new float[capacity + 1], least = new float[capacity + 1];
    private readonly int[] rowOf = new int[capacity + 1], previous = new int[capacity + 1];
    private readonly bool[] visited = new bool[capacity + 1];

    /// <summary>Finds the pairs.</summary>
    /// <param name="costs">Row by row, as many as <paramref name="rows"/> times <paramref name="columns"/>, each from 0 to <see cref="Impossible"/>.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="columns">How many columns.</param>
    /// <param name="columnOf">For each row its column, or -1.</param>
    public void Solve(ReadOnlySpan<float> costs, int rows, int columns, Span<int> columnOf)
    {
        columnOf[..rows].Fill(-1);
        if (rows == 0 || columns == 0) return;
        // The search needs no more rows than columns.
        bool turned = rows > columns;
        (int few, int many) = turned ? (columns, rows) : (rows, columns);
        rowPrice.AsSpan(0, few + 1).Clear();
        columnPrice.AsSpan(0, many + 1).Clear();
        rowOf.AsSpan(0, many + 1).Clear();
        for (int row = 1; row <= few; row++) Pair(row, costs, columns, turned, many);
        for (int column = 1; column <= many; column++)
        {
            if (rowOf[column] == 0) continue;
            (int r, int c) = turned ? (column - 1, rowOf[column] - 1) : (rowOf[column] - 1, column - 1);
            if (costs[r * columns + c] < Impossible) columnOf[r] = c;
        }
    }

    private void Pair(int row, ReadOnlySpan<float> costs, int columns, bool turned, int many)
    {
        rowOf[0] = row;
        least.AsSpan(0, many + 1).Fill(float.PositiveInfinity);
        visited.AsSpan(0, many + 1).Clear();
        int at = 0;
        do
        {
            visited[at] = true;
            int from = rowOf[at], next = 0;
            float step = float.PositiveInfinity;
            for (int column = 1; column <= many; column++)
            {
                if (visited[column]) continue;
                float cost = (turned ? costs[(column - 1) * columns + from - 1] : costs[(from - 1) * columns + column - 1]) - rowPrice[from] - columnPrice[column];
                if (cost < least[column]) (least[column], previous[column]) = (cost, at);
                if (least[column] < step) (step, next) = (least[column], column);
            }
            for (int column = 0; column <= many; column++)
            {
                if (visited[column])
                {
                    rowPrice[rowOf[column]] += step;
                    columnPrice[column] -= step;
                }
                else least[column] -= step;
            }
            at = next;
        }
        while (rowOf[at] != 0);
        while (at != 0)
        {
            rowOf[at] = rowOf[previous[at]];
            at = previous[at];
        }
    }
}
