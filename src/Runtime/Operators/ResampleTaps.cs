using System.Runtime.InteropServices;

namespace EdgeRuntime.Operators;

/// <summary>
/// Along one axis: which source pixels make each target pixel, and with which weights. When shrinking, each source pixel counts by
/// the part of it that the target pixel covers, so that nothing aliases; when enlarging, the two nearest are mixed. What lies beyond the
/// picture has no weight, which makes it black. Weights are whole numbers, so that sums have no order and every device gives the same.
/// </summary>
internal sealed class ResampleTaps
{
    /// <summary>Binary places of the weights.</summary>
    public const int Places = 14;

    /// <summary>The sum of the weights of a target pixel that lies within the picture.</summary>
    public const int One = 1 << Places;

    private readonly int[] starts, offsets, counts;
    private short[] weights = [];

    /// <summary>Creates taps for a fixed number of target pixels.</summary>
    public ResampleTaps(int count)
    {
        starts = new int[count];
        offsets = new int[count];
        counts = new int[count];
    }

    /// <summary>The first source pixel that any target pixel reads.</summary>
    public int First { get; private set; }

    /// <summary>One past the last source pixel that any target pixel reads; <see cref="First"/> when none is read.</summary>
    public int End { get; private set; }

    /// <summary>The first source pixel of a target pixel.</summary>
    public int Start(int target) => starts[target];

    /// <summary>The weights of a target pixel, from <see cref="Start"/> on; empty when it lies beyond the picture.</summary>
    public ReadOnlySpan<short> Weights(int target) => weights.AsSpan(offsets[target], counts[target]);

    /// <summary>The first source pixel of each target pixel.</summary>
    public ReadOnlySpan<int> Starts => starts;

    /// <summary>Where the weights of each target pixel begin: with a pair.</summary>
    public ReadOnlySpan<int> Offsets => offsets;

    /// <summary>How many weights each target pixel has.</summary>
    public ReadOnlySpan<int> Counts => counts;

    /// <summary>All weights in pairs, two in each number, the first one in its lower half; the last pair of a target may end with a weight of 0.</summary>
    public ReadOnlySpan<int> Pairs => MemoryMarshal.Cast<short, int>(weights);

    /// <summary>Computes the taps; allocates only when there are more source pixels than ever before.</summary>
    /// <param name="origin">Where the targets start on the source, in pixels.</param>
    /// <param name="length">How much of the source they cover, in pixels.</param>
    /// <param name="size">Number of source pixels.</param>
    public void Set(double origin, double length, int size)
    {
        double step = length / starts.Length;
        // When shrinking, neighbouring targets share at most one source pixel; when enlarging, each target has two. Each begins with a pair.
        int most = (size + 3 * starts.Length + 1) / 2 * 2;
        if (weights.Length < most) weights = new short[most];
        int used = 0, first = size, end = 0;
        for (int i = 0; i < starts.Length; i++)
        {
            offsets[i] = used;
            counts[i] = step > 1
                ? Cover(origin + i * step, origin + (i + 1) * step, size, weights.AsSpan(used), out starts[i])
                : Mix(origin + (i + 0.5) * step, size, weights.AsSpan(used), out starts[i]);
            used += counts[i];
            if (counts[i] % 2 == 1) weights[used++] = 0;
            if (counts[i] == 0) continue;
            first = Math.Min(first, starts[i]);
            end = Math.Max(end, starts[i] + counts[i]);
        }
        First = Math.Min(first, end);
        End = end;
    }

    private static int Cover(double from, double to, int size, Span<short> weights, out int start)
    {
        double low = Math.Max(from, 0), high = Math.Min(to, size);
        start = 0;
        if (high <= low) return 0;
        start = (int)low;
        int count = 0, before = 0;
        for (int pixel = start; pixel < high; pixel++)
        {
            // What is covered up to here is rounded, not each part of it, so that the parts add up.
            int covered = (int)Math.Round(One * (Math.Min(high, pixel + 1) - low) / (to - from));
            weights[count++] = (short)(covered - before);
            before = covered;
        }
        return count;
    }

    private static int Mix(double centre, int size, Span<short> weights, out int start)
    {
        start = 0;
        if (centre < 0 || centre > size) return 0;
        double position = Math.Clamp(centre - 0.5, 0, size - 1);
        start = Math.Min((int)position, Math.Max(size - 2, 0));
        int second = (int)Math.Round(One * (position - start));
        weights[0] = (short)(One - second);
        if (size == 1) return 1;
        weights[1] = (short)second;
        return 2;
    }
}
