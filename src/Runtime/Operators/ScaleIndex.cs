using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>Which scale an element of a quantized tensor has: the only one, that of its index along an axis, or that of its block along the axis.</summary>
internal readonly struct ScaleIndex
{
    private readonly int inner, size, block, blocks;

    public ScaleIndex(in Shape x, in Shape scale, int axis, int blockSize)
    {
        (inner, int count) = Quantize.Blocks(x, scale, axis);
        if (axis < 0) axis += x.Rank;
        if (blockSize > 0) inner = (int)x.Product(axis + 1, x.Rank);
        (size, block, blocks) = blockSize > 0 ? (x[axis], blockSize, scale[axis]) : (count, 0, 0);
    }

    /// <summary>The index of the scale of an element, both counted row-major.</summary>
    public int this[int element]
    {
        get
        {
            int along = element / inner % size;
            return block == 0 ? along : (element / inner / size * blocks + along / block) * inner + element % inner;
        }
    }

    /// <summary>True when there is a scale for each block of an axis, and for each index of the other axes.</summary>
    public static bool FitsBlocks(in Shape x, in Shape scale, int axis, int blockSize)
    {
        if (x.IsUnranked || scale.IsUnranked) return true;
        if (x.Rank != scale.Rank || axis < -x.Rank || axis >= x.Rank) return false;
        if (axis < 0) axis += x.Rank;
        for (int i = 0; i < x.Rank; i++)
        {
            int expected = x[i] < 0 ? x[i] : i == axis ? (int)(((long)x[i] + blockSize - 1) / blockSize) : x[i];
            if (expected >= 0 && scale[i] >= 0 && expected != scale[i]) return false;
        }
        return true;
    }
}
