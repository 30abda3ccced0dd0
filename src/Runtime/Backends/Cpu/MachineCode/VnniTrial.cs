using EdgeRuntime.Operators;

namespace EdgeRuntime.Backends.Cpu.MachineCode;

/// <summary>Tries the functions of <see cref="VnniTile"/> once, before any result hangs on them: whether each computes what the definition says, for numbers of all sizes, and writes nothing else.</summary>
internal static unsafe class VnniTrial
{
    private const int Quads = 5, Step = 4 * Quads + 8, Next = VnniTile.Width + 3, Zero = -7, Low = -100, High = 90;

    /// <summary>True when all do.</summary>
    public static bool Passes()
    {
        byte[] a = new byte[VnniTile.Rows * Step];
        sbyte[] b = new sbyte[4 * Quads * VnniTile.Width];
        for (int i = 0; i < a.Length; i++) a[i] = (byte)(i % 3 == 0 ? 255 : i * 89);
        for (int i = 0; i < b.Length; i++) b[i] = (sbyte)(i % 5 == 0 ? -128 : i % 7 == 0 ? 127 : i * 57);
        for (int rows = 1; rows <= VnniTile.Rows; rows++)
            for (int vectors = 1; vectors <= 2; vectors++)
                foreach (VnniResult result in Enum.GetValues<VnniResult>())
                    if (!IsRight(a, b, result, rows, vectors)) return false;
        return true;
    }

    private static bool IsRight(byte[] a, sbyte[] b, VnniResult result, int rows, int vectors)
    {
        const int Width = VnniTile.Width, Untouched = 77;
        // The last columns are left out.
        int columns = result == VnniResult.Sums ? vectors * VnniTile.Lanes : vectors * VnniTile.Lanes - 3, zero = result == VnniResult.U8 ? -Zero : Zero, low = result == VnniResult.U8 ? -Low / 10 : Low, high = result == VnniResult.U8 ? 200 : High;
        int* start = stackalloc int[Width];
        float* scales = stackalloc float[Width];
        for (int i = 0; i < Width; i++) (start[i], scales[i]) = (i * 1777 - 20000, 0.001f * (i + 1));
        int[] sums = new int[VnniTile.Rows * Width];
        byte[] bytes = new byte[VnniTile.Rows * Next];
        sums.AsSpan().Fill(Untouched);
        bytes.AsSpan().Fill(Untouched);
        VnniTile.Range range;
        range.Set(zero, low, high);
        fixed (byte* pa = a, pBytes = bytes)
        fixed (sbyte* pb = b)
        fixed (int* pSums = sums)
        {
            var call = new VnniTile.Call { A = pa, Step = Step, B = pb, Quads = Quads, Start = start, Target = result == VnniResult.Sums ? pSums : pBytes, Next = Next, Mask = (1UL << columns) - 1, Scales = scales, Range = &range };
            VnniTile.Run(&call, result, rows, vectors == 1);
        }
        for (int row = 0; row < VnniTile.Rows; row++)
            for (int column = 0; column < Width; column++)
            {
                bool isWritten = row < rows && column < columns;
                int sum = start[column];
                for (int k = 0; k < 4 * Quads && isWritten; k++) sum += a[row * Step + k] * b[(k / 4 * vectors * VnniTile.Lanes + column) * 4 + k % 4];
                bool isRight = result == VnniResult.Sums ? sums[row * Width + column] == (isWritten ? sum : Untouched)
                    : bytes[row * Next + column] == (isWritten ? unchecked((byte)Requantize.Apply(sum, scales[column], zero, low, high)) : Untouched);
                if (!isRight) return false;
            }
        return true;
    }
}
