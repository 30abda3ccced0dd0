using System.Runtime.Intrinsics;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Which way to compute a convolution by 3x3 windows is likely to be the fastest. Costs are in products of vectors and were fitted to measured layers. On one Zen 4 core, microseconds
/// as plain sums, with 2x2 and with 4x4 outputs at a time:
/// <code>
/// picture    channels    plain    2x2    4x4
///   8x8       64->64        44     28     16
///  16x16      32->32        46     37     22
///  32x32      16->16        50     53     32
///  30x40       8->16        29     57     38
///  30x40      12->16        42     62     41
///  20x20      96->24       213    174    123
/// 160x160     96->24     12650   8350   4950
/// 208x208     12->16      1440   1490    750
/// </code>
/// </summary>
internal static class WinogradCost
{
    /// <summary>Fewer channels or outputs than this leave most of the work to the transforms.</summary>
    private const int LeastChannels = 8;

    /// <summary>What transformed weights may take: they are 1.8 to 4 times as large as the weights.</summary>
    private const long LargestWeights = 4 << 20;

    /// <summary>True when a window is one that <see cref="WinogradKernel{L,V}"/> computes.</summary>
    public static bool Serves(ConvGeometry g, int outputs, int side) =>
        g is { KernelZ: 1, KernelY: 3, KernelX: 3, StrideY: 1, StrideX: 1, DilationY: 1, DilationX: 1, SizeZ: 1, OutZ: 1, PadZ: 0 }
        && g.Channels >= LeastChannels && outputs >= LeastChannels && g.Pixels < int.MaxValue && Weights(g, outputs, side + 2) <= LargestWeights / sizeof(float);

    /// <summary>How many outputs a side to compute at a time: 4, 2, or 0 for plain sums of products.</summary>
    public static int Best(ConvGeometry g, int outputs)
    {
        double plain = Plain(g, outputs), four = Serves(g, outputs, 4) ? Winograd(g, outputs, 4, 450) : plain, two = Serves(g, outputs, 2) ? Winograd(g, outputs, 2, 200) : plain;
        return Math.Min(four, two) >= 0.9 * plain ? 0 : four < two ? 4 : 2;
    }

    private static double Plain(ConvGeometry g, int outputs) => 1.05 * g.Pixels * 9 * g.Channels * Vectors(outputs) + Reading(g, outputs, 3);

    private static double Winograd(ConvGeometry g, int outputs, int side, int transform)
    {
        double patches = (double)g.Batch * ((g.OutY + side - 1) / side) * ((g.OutX + side - 1) / side);
        int places = (side + 2) * (side + 2), vectors = Vectors(outputs);
        return patches * (1.25 * places * g.Channels * vectors + transform * (Vectors(g.Channels) + vectors)) + Reading(g, outputs, side + 2);
    }

    /// <summary>Weights are read once at least, about 16 bytes in the time of a product.</summary>
    private static double Reading(ConvGeometry g, int outputs, int span) => Weights(g, outputs, span) * sizeof(float) / 16.0;

    private static long Weights(ConvGeometry g, int outputs, int span) => (long)span * span * g.Channels * outputs;

    private static int Vectors(int count)
    {
        int lanes = Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : Vector128.IsHardwareAccelerated ? 4 : 1;
        return (count + lanes - 1) / lanes;
    }
}
