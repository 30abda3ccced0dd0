namespace EdgeRuntime.Operators;

/// <summary>
/// Along one axis: which source pixels make each target pixel, and with which weights. When shrinking, each source pixel counts by
/// the part of it that the target pixel covers, so that nothing aliases; when enlarging, the two nearest are mixed. What lies beyond the
/// picture has no weight, which makes it black.
/// </summary>
internal sealed class ResampleTaps
{
    private readonly int[] starts;
    private readonly int[] offsets;
    private float[] weights = [];

    /// <summary>Creates taps for a fixed number of target pixels.</summary>
    public ResampleTaps(int count)
    {
        starts = new int[count];
        offsets = new int[count + 1];
    }

    /// <summary>The first source pixel that any target pixel reads.</summary>
    public int First { get; private set; }

    /// <summary>One past the last source pixel that any target pixel reads; <see cref="First"/> when none is read.</summary>
    public int End { get; private set; }

    /// <summary>The first source pixel of a target pixel.</summary>
    public int Start(int target) => starts[target];

    /// <summary>The weights of a target pixel, from <see cref="Start"/> on; empty when it lies beyond the picture.</summary>
    public ReadOnlySpan<float> Weights(int target) => weights.AsSpan(offsets[target], offsets[target + 1] - offsets[target]);

    /// <summary>Computes the taps; allocates only when there are more source pixels than ever before.</summary>
    /// <param name="origin">Where the targets start on the source, in pixels.</param>
    /// <param name="length">How much of the source they cover, in pixels.</param>
    /// <param name="size">Number of source pixels.</param>
    public void Set(double origin, double length, int size)
    {
        double step = length / starts.Length;
        // When shrinking, neighbouring targets share at most one source pixel; when enlarging, each target has two.
        int most = size + 2 * starts.Length;
        if (weights.Length < most) weights = new float[most];
        int used = 0, first = size, end = 0;
        for (int i = 0; i < starts.Length; i++)
        {
            offsets[i] = used;
            used += step > 1
                ? Cover(origin + i * step, origin + (i + 1) * step, size, weights.AsSpan(used), out starts[i])
                : Mix(origin + (i + 0.5) * step, size, weights.AsSpan(used), out starts[i]);
            if (used == offsets[i]) continue;
            first = Math.Min(first, starts[i]);
            end = Math.Max(end, starts[i] + used - offsets[i]);
        }
        offsets[^1] = used;
        First = Math.Min(first, end);
        End = end;
    }

    private static int Cover(double from, double to, int size, Span<float> weights, out int start)
    {
        double low = Math.Max(from, 0), high = Math.Min(to, size);
        start = 0;
        if (high <= low) return 0;
        start = (int)low;
        int count = 0;
        for (int pixel = start; pixel < high; pixel++)
            weights[count++] = (float)((Math.Min(high, pixel + 1) - Math.Max(low, pixel)) / (to - from));
        return count;
    }

    private static int Mix(double centre, int size, Span<float> weights, out int start)
    {
        start = 0;
        if (centre < 0 || centre > size) return 0;
        double position = Math.Clamp(centre - 0.5, 0, size - 1);
        start = Math.Min((int)position, Math.Max(size - 2, 0));
        double second = position - start;
        weights[0] = (float)(1 - second);
        if (size == 1) return 1;
        weights[1] = (float)second;
        return 2;
    }
}
