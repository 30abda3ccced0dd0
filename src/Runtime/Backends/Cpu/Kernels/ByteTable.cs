using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Bytes looked up in a table of 256; instructions that look up many at a time are used where the processor has them.</summary>
internal static unsafe class ByteTable
{
    /// <summary>Memory that a table takes: the table, and for AVX2 what each 16 of it differ by from the 16 before, twice.</summary>
    public const int Bytes = 256 + 512;

    /// <summary>Writes a table to its memory.</summary>
    public static void Write(ReadOnlySpan<byte> table, byte* memory)
    {
        table.CopyTo(new Span<byte>(memory, 256));
        for (int i = 0; i < 256; i++)
        {
            // Each half of the table begins anew.
            byte difference = (byte)(table[i] ^ (i % 128 < 16 ? 0 : table[i - 16]));
            memory[256 + i / 16 * 32 + i % 16] = memory[256 + i / 16 * 32 + 16 + i % 16] = difference;
        }
    }

    /// <summary>y[i] = table[x[i]], where <see cref="Write"/> wrote the table; x and y may be the same memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(byte* table, byte* x, byte* y, nint count)
    {
        nint i = 0;
        if (Avx512Vbmi.IsSupported)
        {
            // Two lookups in 128 bytes each, of which the highest bit of the number takes one.
            Vector512<byte> t0 = Vector512.Load(table), t1 = Vector512.Load(table + 64), t2 = Vector512.Load(table + 128), t3 = Vector512.Load(table + 192);
            for (; i + 64 <= count; i += 64)
            {
                Vector512<byte> numbers = Vector512.Load(x + i);
                Vector512<byte> low = Avx512Vbmi.PermuteVar64x8x2(t0, numbers, t1), high = Avx512Vbmi.PermuteVar64x8x2(t2, numbers, t3);
                Vector512.ConditionalSelect(Vector512.LessThan(numbers.AsSByte(), default).AsByte(), high, low).Store(y + i);
            }
        }
        else if (AdvSimd.Arm64.IsSupported)
        {
            // Numbers beyond a part of the table look up zero, so the parts are joined.
            var t0 = (Vector128.Load(table), Vector128.Load(table + 16), Vector128.Load(table + 32), Vector128.Load(table + 48));
            var t1 = (Vector128.Load(table + 64), Vector128.Load(table + 80), Vector128.Load(table + 96), Vector128.Load(table + 112));
            var t2 = (Vector128.Load(table + 128), Vector128.Load(table + 144), Vector128.Load(table + 160), Vector128.Load(table + 176));
            var t3 = (Vector128.Load(table + 192), Vector128.Load(table + 208), Vector128.Load(table + 224), Vector128.Load(table + 240));
            Vector128<byte> part = Vector128.Create((byte)64);
            for (; i + 16 <= count; i += 16)
            {
                Vector128<byte> numbers = Vector128.Load(x + i);
                Vector128<byte> found = AdvSimd.Arm64.VectorTableLookup(t0, numbers) | AdvSimd.Arm64.VectorTableLookup(t1, numbers - part);
                found |= AdvSimd.Arm64.VectorTableLookup(t2, numbers - part - part) | AdvSimd.Arm64.VectorTableLookup(t3, numbers - part - part - part);
                found.Store(y + i);
            }
        }
        else if (Avx2.IsSupported)
        {
            // Shuffles look up 16, and give zero for negative indices. Taking 16 from the index step by step, all differences up to the number's own 16 are met, and join to its entry; negative indices stay negative.
            Vector256<sbyte> step = Vector256.Create((sbyte)16), flip = Vector256.Create(sbyte.MinValue);
            for (; i + 64 <= count; i += 64)
            {
                Vector256<sbyte> left = Vector256.Load((sbyte*)x + i), right = Vector256.Load((sbyte*)x + i + 32), otherLeft = left ^ flip, otherRight = right ^ flip;
                Vector256<byte> foundLeft = default, foundRight = default;
                byte* part = table + 256;
                for (int k = 0; k < 8; k++, part += 32)
                {
                    Vector256<byte> low = Vector256.Load(part), high = Vector256.Load(part + 256);
                    foundLeft ^= Avx2.Shuffle(low, left.AsByte()) ^ Avx2.Shuffle(high, otherLeft.AsByte());
                    foundRight ^= Avx2.Shuffle(low, right.AsByte()) ^ Avx2.Shuffle(high, otherRight.AsByte());
                    left = Avx2.SubtractSaturate(left, step);
                    right = Avx2.SubtractSaturate(right, step);
                    otherLeft = Avx2.SubtractSaturate(otherLeft, step);
                    otherRight = Avx2.SubtractSaturate(otherRight, step);
                }
                foundLeft.Store(y + i);
                foundRight.Store(y + i + 32);
            }
        }
        else
        {
            // Eight numbers are read and written at a time: it is loads and stores that take the time.
            for (; i + 8 <= count; i += 8)
            {
                ulong numbers = *(ulong*)(x + i);
                *(ulong*)(y + i) = table[(byte)numbers] | (ulong)table[(byte)(numbers >> 8)] << 8 | (ulong)table[(byte)(numbers >> 16)] << 16 | (ulong)table[(byte)(numbers >> 24)] << 24
                    | (ulong)table[(byte)(numbers >> 32)] << 32 | (ulong)table[(byte)(numbers >> 40)] << 40 | (ulong)table[(byte)(numbers >> 48)] << 48 | (ulong)table[numbers >> 56] << 56;
            }
        }
        for (; i < count; i++) y[i] = table[x[i]];
    }
}
