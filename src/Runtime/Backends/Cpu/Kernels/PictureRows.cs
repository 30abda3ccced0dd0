using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Weighted means of the rows of a picture, as <see cref="ImageToTensor"/> defines them: 15 bits for each sample.</summary>
internal static unsafe class PictureRows
{
    /// <summary>The mean of neighbouring rows, of so many pixels from the first on, into <see cref="PictureScratch.Means"/>.</summary>
    public static void Mean(in PictureBytes picture, int y, ReadOnlySpan<short> weights, int first, int count, PictureScratch scratch)
    {
        int length = PictureSampler.Samples(picture.Format) * count;
        if (weights.IsEmpty) scratch.Means.AsSpan(0, length).Clear();
        // Rows that take part in a sum; those beyond the last one are that again, with a weight of 0.
        byte** sources = stackalloc byte*[PictureScratch.Rows];
        short* shares = stackalloc short[PictureScratch.Rows];
        fixed (uint* pixels = scratch.Pixels)
        fixed (int* sums = scratch.Sums)
        fixed (short* means = scratch.Means)
        fixed (byte* bytes = picture.All)
        {
            for (int done = 0; done < weights.Length; done += PictureScratch.Rows)
            {
                int some = Math.Min(PictureScratch.Rows, weights.Length - done);
                for (int i = 0; i < PictureScratch.Rows; i++)
                {
                    shares[i] = i < some ? weights[done + i] : (short)0;
                    sources[i] = i >= some ? sources[some - 1] : picture.Format.IsYuv()
                        ? (byte*)(pixels + scratch.Converted(picture, y + done + i, first, count))
                        : bytes + picture.PlaceOfRow(y + done + i, first, count);
                }
                var part = new Part(sources, shares, some, done == 0, done + some == weights.Length);
                Add(part, length, sums, means);
            }
        }
    }

    /// <summary>Rows that are added at once: the first ones start a sum, the last ones end it.</summary>
    private readonly struct Part(byte** sources, short* weights, int count, bool starts, bool ends)
    {
        public readonly byte** Sources = sources;
        public readonly short* Weights = weights;
        public readonly int Count = count;
        public readonly bool Starts = starts, Ends = ends;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(in Part part, int length, int* sums, short* means)
    {
        int i = Avx2.IsSupported ? AddPairs(part, length, sums, means) : Vector128.IsHardwareAccelerated ? AddEach(part, length, sums, means) : 0;
        for (; i < length; i++)
        {
            int sum = part.Starts ? ImageToTensor.Half : sums[i];
            for (int row = 0; row < part.Count; row++) sum += part.Weights[row] * part.Sources[row][i];
            if (part.Ends) means[i] = (short)(sum >> ImageToTensor.Dropped);
            else sums[i] = sum;
        }
    }

    /// <summary>Lanes: 16 samples of two rows each. Equals: the scalar loop, whose sums lie in another order while they wait.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int AddPairs(in Part part, int length, int* sums, short* means)
    {
        byte* a = part.Sources[0], b = part.Sources[1], c = part.Sources[2], d = part.Sources[3];
        Vector256<short> upper = Vector256.Create(*(int*)part.Weights).AsInt16(), lower = Vector256.Create(*(int*)(part.Weights + 2)).AsInt16();
        bool both = part.Count > 2, starts = part.Starts, ends = part.Ends;
        int i = 0;
        for (; i + 16 <= length; i += 16)
        {
            Vector256<short> first = Avx2.ConvertToVector256Int16(a + i), second = Avx2.ConvertToVector256Int16(b + i);
            Vector256<int> low = Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(first, second), upper), high = Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(first, second), upper);
            if (both)
            {
                first = Avx2.ConvertToVector256Int16(c + i);
                second = Avx2.ConvertToVector256Int16(d + i);
                low += Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(first, second), lower);
                high += Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(first, second), lower);
            }
            low += starts ? Vector256.Create(ImageToTensor.Half) : Vector256.Load(sums + i);
            high += starts ? Vector256.Create(ImageToTensor.Half) : Vector256.Load(sums + i + 8);
            if (ends)
            {
                Avx2.PackSignedSaturate(low >> ImageToTensor.Dropped, high >> ImageToTensor.Dropped).Store(means + i);
                continue;
            }
            low.Store(sums + i);
            high.Store(sums + i + 8);
        }
        return i;
    }

    /// <summary>Lanes: 8 samples of a row. Equals: the scalar loop.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int AddEach(in Part part, int length, int* sums, short* means)
    {
        int i = 0;
        for (; i + 8 <= length; i += 8)
        {
            Vector128<int> low = part.Starts ? Vector128.Create(ImageToTensor.Half) : Vector128.Load(sums + i), high = part.Starts ? low : Vector128.Load(sums + i + 4);
            for (int row = 0; row < part.Count; row++)
            {
                Vector128<short> samples = Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(ulong*)(part.Sources[row] + i)).AsByte()).AsInt16();
                low += Vector128.WidenLower(samples) * part.Weights[row];
                high += Vector128.WidenUpper(samples) * part.Weights[row];
            }
            if (part.Ends)
            {
                Vector128.Narrow(low >> ImageToTensor.Dropped, high >> ImageToTensor.Dropped).Store(means + i);
                continue;
            }
            low.Store(sums + i);
            high.Store(sums + i + 4);
        }
        return i;
    }
}
