using System.Runtime.InteropServices;

namespace EdgeRuntime.Backends.Cpu.MachineCode;

/// <summary>
/// A block of a product of bytes by AVX-512's vpdpbusd, which .NET has no function for: 1 to 6 rows by one or two vectors of columns, in machine code that is written when it is first asked for. The instruction adds
/// four products in 32 bits, so sums are exact for all weights. Sums that become bytes do so in their registers.
/// </summary>
internal static unsafe class VnniTile
{
    /// <summary>Rows of the largest block.</summary>
    public const int Rows = 6;

    /// <summary>Sums in a vector, and from a row of sums to the next, however wide the panel is.</summary>
    public const int Lanes = 16, Width = 2 * Lanes;

    /// <summary>Multiplies, and writes bytes; six rows and six for as long as there are, so <see cref="Call.A"/> and <see cref="Call.Target"/> move on.</summary>
    /// <param name="call">What to multiply.</param>
    /// <param name="result">What is written, which is bytes.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="narrow">True for a panel of one vector.</param>
    public static void Run(Call* call, VnniResult result, int rows, bool narrow)
    {
        call->Blocks = rows / Rows;
        if (call->Blocks > 0) Function(result, Rows, narrow)(call);
        if (rows % Rows > 0) Function(result, rows % Rows, narrow)(call);
    }

    /// <summary>Multiplies at most <see cref="Rows"/> rows, and writes sums.</summary>
    public static void Sum(Call* call, int rows, bool narrow) => Function(VnniResult.Sums, rows, narrow)(call);

    /// <summary>Multiplies ones by ones in the largest block, over and over, for so many quads of its rows; returns how many products there were, by what the last sums say.</summary>
    public static long Count(int quads)
    {
        const int Most = 128;
        byte* memory = stackalloc byte[4 * Most * Width + 63], ones = (byte*)((nint)(memory + 63) & -64);
        new Span<byte>(ones, 4 * Most * Width).Fill(1);
        int* sums = stackalloc int[Rows * Width], zeros = stackalloc int[Width];
        new Span<int>(zeros, Width).Clear();
        long count = 0;
        for (int left = quads; left > 0; left -= Most)
        {
            var call = new Call { A = ones, B = (sbyte*)ones, Quads = Math.Min(left, Most), Start = zeros, Target = sums };
            Sum(&call, Rows, false);
            count += (long)Rows * Width * sums[Rows * Width - 1];
        }
        return count;
    }

    private static delegate* unmanaged[Cdecl, SuppressGCTransition]<Call*, void> Function(VnniResult result, int rows, bool narrow) =>
        (delegate* unmanaged[Cdecl, SuppressGCTransition]<Call*, void>)VnniCode.Tiles[VnniTileEmitter.Number(result, rows, narrow ? 1 : 2)];

    /// <summary>What to multiply, and where to write. The functions know where each field is, by its place here.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Call
    {
        /// <summary>First row.</summary>
        public byte* A;

        /// <summary>Bytes from a row to the next.</summary>
        public nint Step;

        /// <summary>The panel: for each quad of k, four bytes for each column.</summary>
        public sbyte* B;

        /// <summary>Quads of k, at least one.</summary>
        public nint Quads;

        /// <summary>What sums begin with, for each column.</summary>
        public int* Start;

        /// <summary>Where sums, or bytes, of the first row go.</summary>
        public void* Target;

        /// <summary>From there to the next row's bytes; sums lie <see cref="Width"/> apart.</summary>
        public nint Next;

        /// <summary>A bit for each column of which bytes are written.</summary>
        public ulong Mask;

        /// <summary>What the sums of each column are multiplied by, less than a half.</summary>
        public float* Scales;

        /// <summary>What all bytes have in common.</summary>
        public VnniRange* Range;

        /// <summary>Times six rows; left to <see cref="Run"/>.</summary>
        public nint Blocks;
    }
}
