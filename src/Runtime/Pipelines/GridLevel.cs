namespace EdgeRuntime.Pipelines;

/// <summary>One grid of a detector's pyramid: a prediction for each cell, row by row. The last cells may reach beyond the input.</summary>
/// <param name="Stride">Side of a cell in pixels of the input.</param>
/// <param name="Across">Cells in a row.</param>
/// <param name="Count">Cells in all.</param>
internal readonly record struct GridLevel(int Stride, int Across, int Count)
{
    private const int MostCells = 1 << 20;

    /// <summary>The grids of the parameter strides, in its order.</summary>
    /// <exception cref="Diagnostics.EdgeException">There are none, or more cells than a model has.</exception>
    public static GridLevel[] Of(DecoderRequest request)
    {
        GridLevel[] levels = Array.ConvertAll(request.WholeNumbers("strides", 1, 4096), stride =>
        {
            int across = CellsAlong(request.InputWidth, stride), down = CellsAlong(request.InputHeight, stride);
            return (long)across * down <= MostCells ? new GridLevel(stride, across, across * down) : throw TooMany(request);
        });
        if (levels.Length == 0) throw request.Wrong("has no strides; it needs one for each grid");
        return levels.Sum(l => (long)l.Count) <= MostCells ? levels : throw TooMany(request);
    }

    /// <summary>Cells of all grids.</summary>
    public static int Total(GridLevel[] levels) => levels.Sum(l => l.Count);

    /// <summary>Cells that it takes to cover a length.</summary>
    public static int CellsAlong(int size, int stride) => (size + stride - 1) / stride;

    private static Diagnostics.EdgeException TooMany(DecoderRequest request) => request.Wrong($"has more than {MostCells:N0} cells, which is not supported");
}
