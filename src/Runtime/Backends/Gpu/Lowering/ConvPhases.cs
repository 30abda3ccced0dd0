namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>
/// The phases of an axis. Tap k of input pixel i reaches output pixel stride·i + dilation·k - pad. So the taps of an output pixel are
/// every (stride / gcd)-th one from a first one on, gcd being that of stride and dilation, their input pixels dilation / gcd apart.
/// </summary>
internal sealed class ConvPhases
{
    private readonly int[] first;
    private readonly int[] taps;
    private int between;

    private ConvPhases(int count) => (first, taps, Table) = (new int[count], new int[count], new int[2 * count]);

    /// <summary>Number of phases.</summary>
    public int Count => first.Length;

    /// <summary>Taps of the phase that has most.</summary>
    public int Taps => Math.Max(1, taps.Max());

    /// <summary>Input pixels between taps.</summary>
    public int Step { get; private init; }

    /// <summary>What the kernel reads: for each phase, the input pixel under its first tap and its number of taps.</summary>
    public int[] Table { get; }

    /// <summary>Number of taps of a phase.</summary>
    public int TapsOf(int phase) => taps[phase];

    /// <summary>A tap's place in the operator's kernel.</summary>
    public int Tap(int phase, int tap) => first[phase] + tap * between;

    /// <summary>Whether finding the phases takes no noticeable time.</summary>
    public static bool Fits(ConvAxis axis) => (long)Math.Min(axis.Stride, axis.Out) * Math.Min(axis.Stride, axis.Kernel) < 1 << 22;

    /// <summary>The phases of a transposed convolution's axis.</summary>
    public static ConvPhases Of(ConvAxis axis)
    {
        int gcd = Gcd(axis.Stride, axis.Dilation);
        var phases = new ConvPhases(Math.Min(axis.Stride, axis.Out)) { Step = axis.Dilation / gcd, between = axis.Stride / gcd };
        for (int phase = 0; phase < phases.Count; phase++)
        {
            int k = 0;
            while (k < Math.Min(phases.between, axis.Kernel) && (phase + axis.Pad - k * axis.Dilation) % axis.Stride != 0) k++;
            if (k >= Math.Min(phases.between, axis.Kernel)) continue;
            phases.first[phase] = k;
            phases.taps[phase] = (axis.Kernel - k + phases.between - 1) / phases.between;
            phases.Table[2 * phase] = (phase + axis.Pad - k * axis.Dilation) / axis.Stride;
            phases.Table[2 * phase + 1] = phases.taps[phase];
        }
        return phases;
    }

    private static int Gcd(int a, int b) => b == 0 ? a : Gcd(b, a % b);
}
