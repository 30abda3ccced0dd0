using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>A matrix in 4 bits, as <see cref="MatMulBlocks"/> reads it: each block of 32 weights of a column has a scale, which the search for the least squared error finds.</summary>
internal static class BlockWeights
{
    /// <summary>Weights that share a scale.</summary>
    public const int Block = 32;

    /// <summary>What stands for 0, of 0 to 15.</summary>
    private const int Zero = 8;

    /// <summary>Shares of the largest weight that the end of the range is tried at.</summary>
    private static readonly float[] Ends = [1, 0.95f, 0.9f, 0.85f, 0.8f, 0.75f];

    /// <summary>The packed numbers, and a scale for each block.</summary>
    /// <param name="matrix">F32 [K, N], or [N, K] when transposed.</param>
    /// <param name="transposed">True for rows that are columns.</param>
    public static (Tensor Integers, Tensor Scales) Of(Tensor matrix, bool transposed)
    {
        int n = matrix.Shape[transposed ? 0 : 1], k = matrix.Shape[transposed ? 1 : 0], blocks = (k + Block - 1) / Block;
        var integers = new Tensor(new TensorType(DataType.U8, n, blocks, Block / 2));
        var scales = new Tensor(new TensorType(DataType.F32, n, blocks));
        ReadOnlySpan<float> weights = matrix.Span<float>();
        Span<byte> packed = integers.View.Bytes;
        Span<float> steps = scales.Span<float>(), block = stackalloc float[Block];
        for (int column = 0; column < n; column++)
            for (int b = 0; b < blocks; b++)
            {
                block.Clear();
                for (int i = 0; i < Block && b * Block + i < k; i++) block[i] = weights[transposed ? column * k + b * Block + i : (b * Block + i) * n + column];
                int at = column * blocks + b;
                float scale = steps[at] = Scale(block);
                for (int i = 0; i < Block; i += 2) packed[at * Block / 2 + i / 2] = (byte)(Number(block[i], scale) | (Number(block[i + 1], scale) << 4));
            }
        return (integers, scales);
    }

    /// <summary>The scale with the least squared error. It has a sign: the end of the range that has a number more lies where the largest weight is.</summary>
    private static float Scale(ReadOnlySpan<float> block)
    {
        float largest = 0;
        foreach (float x in block)
            if (Math.Abs(x) > Math.Abs(largest)) largest = x;
        float best = 0;
        double least = double.PositiveInfinity;
        foreach (float end in Ends)
        {
            float scale = largest * end / -Zero;
            double error = 0;
            foreach (float x in block)
            {
                double d = x - (double)(Number(x, scale) - Zero) * scale;
                error += d * d;
            }
            if (error < least) (best, least) = (scale, error);
        }
        return best;
    }

    private static int Number(float x, float scale) => scale == 0 ? Zero : (int)Math.Clamp(MathF.Round(x / scale) + Zero, 0, 15);
}
