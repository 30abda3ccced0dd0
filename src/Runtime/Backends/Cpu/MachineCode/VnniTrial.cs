using EdgeRuntime.Operators;

namespace EdgeRuntime.Backends.Cpu.MachineCode;

/// <summary>Tries the functions of <see cref="VnniTile"/> and <see cref="VnniTaps"/> once, before any result hangs on them: whether each computes what the definition says, for numbers of all sizes, and writes nothing else.</summary>
internal static unsafe class VnniTrial
{
    private const int MostRows = 3 * VnniTile.Rows + 1, Quads = 5, Step = 4 * Quads + 8, Next = VnniTile.Width + 3, Zero = -7, Low = -100, High = 90, Untouched = 77;

    /// <summary>True when all do.</summary>
    public static bool Passes()
    {
        byte[] a = new byte[MostRows * Step];
        sbyte[] b = new sbyte[4 * Quads * VnniTile.Width];
        for (int i = 0; i < a.Length; i++) a[i] = (byte)(i % 3 == 0 ? 255 : i * 89);
        for (int i = 0; i < b.Length; i++) b[i] = (sbyte)(i % 5 == 0 ? -128 : i % 7 == 0 ? 127 : i * 57);
        for (int rows = 1; rows <= MostRows; rows++)
            for (int vectors = 1; vectors <= 2; vectors++)
                foreach (VnniResult result in Enum.GetValues<VnniResult>())
                    if (!IsRight(a, b, result, rows, vectors)) return false;
        for (int count = 1; count <= 2 * VnniTaps.Vectors; count++)
            foreach (VnniResult result in Enum.GetValues<VnniResult>())
                if (!IsRight(b, result, count)) return false;
        return true;
    }

    private static bool IsRight(byte[] a, sbyte[] b, VnniResult result, int rows, int vectors)
    {
        const int Width = VnniTile.Width;
        // The last columns are left out.
        int columns = result == VnniResult.Sums ? vectors * VnniTile.Lanes : vectors * VnniTile.Lanes - 3, zero = result == VnniResult.U8 ? -Zero : Zero, low = result == VnniResult.U8 ? -Low / 10 : Low, high = result == VnniResult.U8 ? 200 : High;
        int* start = stackalloc int[Width];
        float* scales = stackalloc float[Width];
        for (int i = 0; i < Width; i++) (start[i], scales[i]) = (i * 1777 - 20000, 0.001f * (i + 1));
        if (result == VnniResult.Sums) rows = Math.Min(rows, VnniTile.Rows);
        int[] sums = new int[MostRows * Width];
        byte[] bytes = new byte[MostRows * Next];
        sums.AsSpan().Fill(Untouched);
        bytes.AsSpan().Fill(Untouched);
        VnniRange range;
        range.Set(zero, low, high);
        fixed (byte* pa = a, pBytes = bytes)
        fixed (sbyte* pb = b)
        fixed (int* pSums = sums)
        {
            var call = new VnniTile.Call { A = pa, Step = Step, B = pb, Quads = Quads, Start = start, Target = pBytes, Next = Next, Mask = (1UL << columns) - 1, Scales = scales, Range = &range };
            if (result != VnniResult.Sums) VnniTile.Run(&call, result, rows, vectors == 1);
            else
            {
                call.Target = pSums;
                VnniTile.Sum(&call, rows, vectors == 1);
            }
        }
        for (int row = 0; row < MostRows; row++)
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

    /// <summary>Three taps, by vectors that overlap.</summary>
    private static bool IsRight(sbyte[] numbers, VnniResult result, int count)
    {
        const int Lanes = VnniTile.Lanes, Taps = 3, Apart = Lanes + 1, Shift = 5, Gap = Lanes + 2;
        bool signed = result == VnniResult.I8;
        int zero = signed ? Zero : -Zero, low = signed ? Low : 1, high = signed ? High : 200;
        if (result == VnniResult.Sums) count = Math.Min(count, VnniTaps.Vectors);
        int[] quads = new int[Taps * Shift + 2 * VnniTaps.Vectors * Apart], sums = new int[2 * VnniTaps.Vectors * Lanes];
        for (int i = 0; i < quads.Length; i++) quads[i] = unchecked((int)(0x9E3779B9u * (uint)i));
        byte[] bytes = new byte[2 * VnniTaps.Vectors * Gap];
        bytes.AsSpan().Fill(Untouched);
        sums.AsSpan().Fill(Untouched);
        int* start = stackalloc int[Lanes];
        float* scales = stackalloc float[Lanes];
        nint* offsets = stackalloc nint[Taps];
        for (int i = 0; i < Lanes; i++) (start[i], scales[i]) = (i * 1777 - 20000, 0.0002f * (i + 1));
        for (int i = 0; i < Taps; i++) offsets[i] = i * Shift * sizeof(int);
        VnniRange range;
        range.Set(zero, low, high);
        fixed (int* pQuads = quads, pSums = sums)
        fixed (sbyte* weights = numbers)
        fixed (byte* pBytes = bytes)
        {
            var call = new VnniTaps.Call { Quads = pQuads, Apart = Apart * sizeof(int), Offsets = offsets, OffsetsEnd = offsets + Taps, Weights = weights, Start = start, Scales = scales, Range = &range, Target = pBytes, Next = Gap };
            if (result != VnniResult.Sums) VnniTaps.Run(&call, result, count);
            else
            {
                call.Target = pSums;
                VnniTaps.Sum(&call, count);
            }
        }
        for (int vector = 0; vector < 2 * VnniTaps.Vectors; vector++)
            for (int lane = 0; lane < Gap; lane++)
            {
                bool isWritten = vector < count && lane < Lanes;
                int sum = isWritten ? start[lane] : Untouched;
                for (int tap = 0; tap < Taps && isWritten; tap++)
                    for (int i = 0; i < 4; i++) sum += (byte)(quads[tap * Shift + vector * Apart + lane] >> 8 * i) * numbers[(tap * Lanes + lane) * 4 + i];
                bool isRight = result == VnniResult.Sums ? lane >= Lanes || sums[vector * Lanes + lane] == sum
                    : bytes[vector * Gap + lane] == (isWritten ? unchecked((byte)Requantize.Apply(sum, scales[lane], zero, low, high)) : Untouched);
                if (!isRight) return false;
            }
        return true;
    }
}
