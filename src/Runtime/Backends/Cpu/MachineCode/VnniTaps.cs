using System.Runtime.InteropServices;

namespace EdgeRuntime.Backends.Cpu.MachineCode;

/// <summary>The innermost loop of a depthwise convolution of bytes by AVX-512's vpdpbusd: up to 8 vectors of results that share their weights, some taps of four bytes each.</summary>
internal static unsafe class VnniTaps
{
    /// <summary>Vectors that are worked on at a time.</summary>
    public const int Vectors = 8;

    /// <summary>Computes the bytes of some vectors; eight and eight for as long as there are, so <see cref="Call.Quads"/> and <see cref="Call.Target"/> move on.</summary>
    /// <param name="call">What to multiply.</param>
    /// <param name="result">What is written, which is bytes.</param>
    /// <param name="count">Number of vectors.</param>
    public static void Run(Call* call, VnniResult result, int count)
    {
        call->Groups = count / Vectors;
        if (call->Groups > 0) Function(result, Vectors)(call);
        if (count % Vectors > 0) Function(result, count % Vectors)(call);
    }

    /// <summary>Computes the sums of at most <see cref="Vectors"/> vectors.</summary>
    public static void Sum(Call* call, int count) => Function(VnniResult.Sums, count)(call);

    private static delegate* unmanaged[Cdecl, SuppressGCTransition]<Call*, void> Function(VnniResult result, int vectors) =>
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<Call*, void>)VnniCode.Taps[VnniTapsEmitter.Number(result, vectors)];

    /// <summary>What to multiply, and where to write. The functions know where each field is, by its place here.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Call
    {
        /// <summary>Four bytes for each number of the first vector, as the first tap meets them.</summary>
        public int* Quads;

        /// <summary>Bytes from there to those of the next vector.</summary>
        public nint Apart;

        /// <summary>For each tap, how many bytes its quads lie from the first tap's; and their end.</summary>
        public nint* Offsets, OffsetsEnd;

        /// <summary>For each tap, four weights for each number of a vector.</summary>
        public sbyte* Weights;

        /// <summary>What sums begin with.</summary>
        public int* Start;

        /// <summary>What sums are multiplied by, less than a half.</summary>
        public float* Scales;

        /// <summary>What all bytes have in common.</summary>
        public VnniRange* Range;

        /// <summary>Where the bytes of the first vector go, or all sums.</summary>
        public void* Target;

        /// <summary>From there to the bytes of the next vector.</summary>
        public nint Next;

        /// <summary>Times eight vectors; left to <see cref="Run"/>.</summary>
        public nint Groups;
    }
}
