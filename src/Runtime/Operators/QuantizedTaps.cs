using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Linear interpolation of quantized numbers. The weights along each axis are whole numbers of 1/2048, rounded to the nearest, halves to even, the first of the largest ones corrected so that they add up to 2048. Numbers less
/// their zero point are multiplied by them in exact 32-bit integers, and the sum is requantized with the multiplier fl(sx / sy) · 2⁻¹¹ for each axis that mixes elements (<see cref="Requantize"/>).
/// </summary>
internal sealed class QuantizedTaps
{
    /// <summary>Two axes of weights and a difference of bytes take 31 bits.</summary>
    public const int MostAxes = 2;

    private const int One = 2048;

    private readonly int low, high;

    /// <summary>Works out the weights.</summary>
    /// <param name="taps">Elements and weights along each axis.</param>
    /// <param name="x">Type of the input.</param>
    /// <param name="result">The result.</param>
    public QuantizedTaps(ResizeTaps[] taps, in TensorType x, in QuantizedResult result)
    {
        Axes = Array.ConvertAll(taps, Whole);
        Zero = x.Quantization!.ZeroPoints[0];
        ZeroY = result.ZeroPoint;
        (low, high) = Requantize.Range(result.Type);
        float multiplier = x.Quantization.Scales[0] / result.Scale;
        foreach (ResizeTaps axis in taps)
            if (!axis.Copies) multiplier /= One;
        Multiplier = multiplier;
    }

    /// <summary>For each axis, the elements and weights of each result; a weight of 1 along axes that mix nothing.</summary>
    public (int Index, int Weight)[][][] Axes { get; }

    /// <summary>Zero point of the input.</summary>
    public int Zero { get; }

    /// <summary>Zero point of the result.</summary>
    public int ZeroY { get; }

    /// <summary>What sums are multiplied by.</summary>
    public float Multiplier { get; }

    /// <summary>The result for a sum of numbers less their zero point, times weights.</summary>
    public byte Apply(int sum) => unchecked((byte)Requantize.Apply(sum, Multiplier, ZeroY, low, high));

    /// <summary>All results.</summary>
    public void Evaluate(TensorView x, TensorView y)
    {
        var strides = new long[x.Shape.Rank];
        Broadcast.Strides(x.Shape, strides);
        var at = new IndexWalk(y.Shape, []);
        for (int i = 0; at.Next(); i++) y.Bytes[i] = Apply(Sum(x, strides, ref at, 0, 0));
    }

    private int Sum(in TensorView x, long[] strides, ref IndexWalk at, int axis, long offset)
    {
        if (axis == Axes.Length) return Requantize.Element(x, (int)offset) - Zero;
        int sum = 0;
        foreach ((int index, int weight) in Axes[axis][at[axis]]) sum = unchecked(sum + weight * Sum(x, strides, ref at, axis + 1, offset + index * strides[axis]));
        return sum;
    }

    private static (int, int)[][] Whole(ResizeTaps taps)
    {
        var whole = new (int, int)[taps.Count][];
        for (int i = 0; i < whole.Length; i++)
        {
            (int Index, double Weight)[] real = taps.Of(i);
            if (taps.Copies)
            {
                whole[i] = [(real[0].Index, 1)];
                continue;
            }
            int[] weights = Array.ConvertAll(real, t => (int)Math.Round(t.Weight * One, MidpointRounding.ToEven));
            int largest = Array.IndexOf(weights, weights.Max());
            weights[largest] += One - weights.Sum();
            whole[i] = [.. real.Select((t, k) => (t.Index, weights[k]))];
        }
        return whole;
    }
}
