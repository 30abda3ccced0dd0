using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// What becomes of sums of products of integers, as <see cref="Requantize"/> and <see cref="ScaledSums"/> say: sums as they are, 8-bit numbers, or reals. Tables have an entry for each column and are
/// as long as all panels together.
/// </summary>
internal sealed unsafe class SumsEpilogue
{
    /// <summary>Entries of tables beyond the columns: the widest pair of vectors.</summary>
    private const int Spare = 32;

    private readonly DataType type;
    private readonly int columns, zeroY, lanes;
    private readonly int* zeros;
    private readonly float* realBias;
    private readonly int* nothing;
    private int* bias;
    private float* scales;
    private readonly bool oneScale, oneBias, saturates;
    private readonly (int Low, int High) range;
    private readonly float low, high;
    private readonly byte* y;
    private readonly SumsPacking packing;
    private readonly AppliedSums? applied;

    /// <summary>For a quantized product.</summary>
    /// <param name="binding">The step; output 0 is written.</param>
    /// <param name="product">Multipliers and range.</param>
    /// <param name="bias">The I32 bias, or missing.</param>
    /// <param name="zeroPoints">Zero points of the weights, one or one for each column.</param>
    /// <param name="width">Columns of all panels together.</param>
    /// <param name="lanes">Numbers in the widest vectors to use.</param>
    public SumsEpilogue(CpuBinding binding, QuantizedProduct product, TensorView bias, ReadOnlySpan<int> zeroPoints, int width, int lanes)
    {
        this.lanes = lanes;
        width += Spare;
        type = product.Result.Type;
        y = (byte*)binding.Output(0).Data;
        columns = binding.Output(0).Shape[-1];
        zeroY = product.Result.ZeroPoint;
        packing = new SumsPacking(type, zeroY, product.Range.Low);
        (low, high) = type == DataType.F32 ? product.Reals : (product.Range.Low - zeroY, product.Range.High - zeroY);
        scales = (float*)binding.Allocate((long)width * sizeof(float));
        for (int i = 0; i < width; i++) scales[i] = product.Multipliers[product.Multipliers.Length == 1 ? 0 : Math.Min(i, columns - 1)];
        // Sums of 32 bits times less than a half fit 30, so that packing saturates at the ends of the type as it should.
        bool isSmall = true;
        for (int i = 0; i < width; i++) isSmall &= scales[i] < 0.5f;
        saturates = isSmall && product.Range.High == Requantize.Range(type == DataType.F32 ? DataType.U8 : type).High;
        range = product.Range;
        this.bias = Biases(binding, bias, width);
        zeros = Zeros(binding, zeroPoints, width);
        nothing = (int*)binding.Allocate(Spare * sizeof(int));
        new Span<int>(nothing, Spare).Clear();
        MayFinish = isSmall && type != DataType.F32 && zeros == null && product.Function.IsNone;
        if (!product.Function.IsNone) applied = new AppliedSums(binding, product, packing, scales, width, columns, lanes);
    }

    /// <summary>For sums of integers, perhaps scaled; scale and bias are read on each run.</summary>
    public SumsEpilogue(CpuBinding binding, ReadOnlySpan<int> zeroPoints, int width, int lanes)
    {
        this.lanes = lanes;
        width += Spare;
        type = binding.Output(0).DataType;
        y = (byte*)binding.Output(0).Data;
        columns = binding.Output(0).Shape[-1];
        (low, high) = (float.NegativeInfinity, float.PositiveInfinity);
        TensorView scale = binding.Input(MatMulInteger.Scale), reals = binding.Input(MatMulInteger.Bias);
        scales = (float*)scale.Data;
        oneScale = !scale.IsMissing && scale.Shape.Count == 1;
        realBias = (float*)reals.Data;
        oneBias = !reals.IsMissing && reals.Shape.Count == 1;
        zeros = Zeros(binding, zeroPoints, width);
    }

    /// <summary>Takes columns' sums of weights times <paramref name="zero"/>, the zero point of the other operand, from the bias of a quantized product.</summary>
    /// <param name="column">First column.</param>
    /// <param name="count">Number of columns.</param>
    /// <param name="columnSums">Their sums.</param>
    /// <param name="zero">The zero point.</param>
    public void TakeFromBias(int column, int count, int* columnSums, int zero)
    {
        for (int i = 0; i < count; i++) bias[column + i] = unchecked(bias[column + i] - columnSums[i] * zero);
    }

    /// <summary>Makes the tables of a quantized product so long, its columns coming again and again.</summary>
    public void Repeat(CpuBinding binding, int length)
    {
        length += Spare;
        int* biases = (int*)binding.Allocate((long)length * sizeof(int));
        float* factors = (float*)binding.Allocate((long)length * sizeof(float));
        for (int i = 0; i < length; i++)
        {
            biases[i] = bias[i % columns];
            factors[i] = scales[i % columns];
        }
        bias = biases;
        scales = factors;
        applied?.Repeat(binding, factors, length, columns);
    }

    /// <summary>True when sums, with their bias, times <see cref="Scales"/>, all less than a half, rounded, plus the zero point and within the range are the bytes: machine code may write them.</summary>
    public bool MayFinish { get; }

    /// <summary>Whether bytes are signed, their zero point, and their range.</summary>
    public (bool IsSigned, int Zero, int Low, int High) Bytes => (type == DataType.I8, zeroY, range.Low, range.High);

    /// <summary>What sums of a column and those after it are multiplied by.</summary>
    public float* Scales(int column) => scales + column;

    /// <summary>True when <see cref="Write"/> needs the sums of A's rows.</summary>
    public bool NeedsRowSums => zeros != null;

    /// <summary>Writes rows of sums.</summary>
    /// <param name="sums">First sum.</param>
    /// <param name="step">Sums from a row to the next.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="row">Number of the first row of the result.</param>
    /// <param name="column">Number of the first column of the result.</param>
    /// <param name="count">Number of columns.</param>
    /// <param name="rowSums">Sums of A's rows, where they are needed.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(int* sums, int step, int rows, long row, int column, int count, int* rowSums)
    {
        long at = row * columns + column;
        if (type == DataType.F32 && Avx512F.IsSupported && lanes == 16)
        {
            int whole = Reals512(sums, step, rows, (float*)y + at, column, count, rowSums);
            if (whole == count) return;
            sums += whole;
            at += whole;
            column += whole;
            count -= whole;
        }
        if (zeros != null)
            for (int r = 0; r < rows; r++) Correct(sums + r * step, column, count, rowSums[r]);
        if (applied is not null)
        {
            applied.Write(sums, step, rows, bias + column, y + at, columns, column, count);
            return;
        }
        if (type is DataType.U8 or DataType.I8)
        {
            if (Avx512BW.IsSupported && lanes == 16) Bytes512(sums, step, rows, y + at, column, count);
            else if (Avx2.IsSupported && lanes >= 8) Bytes256(sums, step, rows, y + at, column, count);
            else
                for (int r = 0; r < rows; r++) Bytes128(sums + r * step, y + at + (long)r * columns, column, count);
            return;
        }
        for (int r = 0; r < rows; r++, sums += step, at += columns)
        {
            if (type == DataType.I32) new Span<int>(sums, count).CopyTo(new Span<int>((int*)y + at, count));
            else Reals(sums, (float*)y + at, column, count);
        }
    }

    /// <summary>True when <see cref="Write4"/> writes these results: bytes, of vectors, with nothing to correct.</summary>
    public bool WritesBytes<V>() where V : unmanaged => type is DataType.U8 or DataType.I8 && zeros == null && applied is null && typeof(V) != typeof(int);

    /// <summary>Bytes of an element of the result.</summary>
    public int ElementSize => type is DataType.U8 or DataType.I8 ? 1 : sizeof(int);

    /// <summary>Where an element of the result is.</summary>
    public byte* At(long row, int column) => y + (row * columns + column) * ElementSize;

    /// <summary>Writes a vector of sums for each of four rows, of which some may be the same.</summary>
    /// <param name="a">Sums of the first row.</param>
    /// <param name="b">Sums of the second row.</param>
    /// <param name="c">Sums of the third row.</param>
    /// <param name="d">Sums of the fourth row.</param>
    /// <param name="column">Number of the first column of the result.</param>
    /// <param name="target">Where the results of the first row go.</param>
    /// <param name="second">From there to those of the second row.</param>
    /// <param name="third">From there to those of the third row.</param>
    /// <param name="fourth">From there to those of the fourth row.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write4<V>(V a, V b, V c, V d, int column, byte* target, nint second, nint third, nint fourth) where V : unmanaged
    {
        if (typeof(V) == typeof(Vector512<int>))
        {
            Vector512<int> add = Vector512.Load(bias + column);
            Vector512<float> scale = Vector512.Load(scales + column);
            Vector512<byte> bytes = packing.Packed(Rounded512((Vector512<int>)(object)a + add, scale), Rounded512((Vector512<int>)(object)b + add, scale), Rounded512((Vector512<int>)(object)c + add, scale),
                Rounded512((Vector512<int>)(object)d + add, scale));
            bytes.GetLower().GetLower().Store(target);
            bytes.GetLower().GetUpper().Store(target + second);
            bytes.GetUpper().GetLower().Store(target + third);
            bytes.GetUpper().GetUpper().Store(target + fourth);
        }
        else if (typeof(V) == typeof(Vector256<int>))
        {
            Vector256<int> add = Vector256.Load(bias + column);
            Vector256<float> scale = Vector256.Load(scales + column);
            Vector256<ulong> bytes = packing.Packed(Rounded256((Vector256<int>)(object)a + add, scale), Rounded256((Vector256<int>)(object)b + add, scale), Rounded256((Vector256<int>)(object)c + add, scale),
                Rounded256((Vector256<int>)(object)d + add, scale)).AsUInt64();
            *(ulong*)target = bytes.ToScalar();
            *(ulong*)(target + second) = bytes.GetElement(1);
            *(ulong*)(target + third) = bytes.GetElement(2);
            *(ulong*)(target + fourth) = bytes.GetElement(3);
        }
        else if (typeof(V) == typeof(Vector128<int>))
        {
            Vector128<int> add = Vector128.Load(bias + column);
            Vector128<float> scale = Vector128.Load(scales + column);
            Vector128<short> left = Vector128.Narrow(Rounded128((Vector128<int>)(object)a + add, scale), Rounded128((Vector128<int>)(object)b + add, scale));
            Vector128<short> right = Vector128.Narrow(Rounded128((Vector128<int>)(object)c + add, scale), Rounded128((Vector128<int>)(object)d + add, scale));
            Vector128<uint> bytes = Vector128.Narrow(left, right).AsUInt32();
            *(uint*)target = bytes.ToScalar();
            *(uint*)(target + second) = bytes.GetElement(1);
            *(uint*)(target + third) = bytes.GetElement(2);
            *(uint*)(target + fourth) = bytes.GetElement(3);
        }
    }

    /// <summary>True when <see cref="WriteStored"/> writes the results: reals, or what a function other than a clamp gives.</summary>
    public bool WritesStored => applied is not null || type == DataType.F32;

    /// <summary>The biases of a quantized product from a column on, for sums to begin with; zeros where <see cref="WritesStored"/> is true.</summary>
    public sbyte* Bias(int column) => (sbyte*)(WritesStored ? nothing : bias + column);

    /// <summary>Writes rows of sums to which the bias is to be added; <paramref name="next"/> elements lie from a row of results to the next. They come in memory: vectors that live across a call would be kept there all the time.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void WriteStored(int* sums, int step, int rows, byte* target, nint next, int column, int count)
    {
        if (applied is not null) applied.Write(sums, step, rows, bias + column, target, next, column, count);
        else
            for (int r = 0; r < rows; r++) Reals(sums + r * step, (float*)target + r * next, column, count);
    }

    /// <summary>Numbers in a row of the result.</summary>
    public int Columns => columns;

    /// <summary>Writes two vectors of sums, in which the bias is, for each of two rows, which may be the same; <paramref name="count"/> of their columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteRows<V>(V a, V b, V c, V d, int column, byte* target, nint second, int count) where V : unmanaged
    {
        if (typeof(V) == typeof(Vector512<int>))
        {
            Vector512<float> left = Vector512.Load(scales + column), right = Vector512.Load(scales + column + 16);
            Vector512<byte> bytes = Finished((Vector512<int>)(object)a, (Vector512<int>)(object)b, (Vector512<int>)(object)c, (Vector512<int>)(object)d, left, right, left, right);
            if (count >= 32)
            {
                bytes.GetLower().Store(target);
                bytes.GetUpper().Store(target + second);
                return;
            }
            bytes.GetLower().GetLower().Store(target);
            StoreSome(bytes.GetLower().GetUpper(), target + 16, count - 16);
            bytes.GetUpper().GetLower().Store(target + second);
            StoreSome(bytes.GetUpper().GetUpper(), target + second + 16, count - 16);
        }
        else if (typeof(V) == typeof(Vector256<int>))
        {
            Vector256<float> left = Vector256.Load(scales + column), right = Vector256.Load(scales + column + 8);
            Vector256<byte> bytes = Finished((Vector256<int>)(object)a, (Vector256<int>)(object)b, (Vector256<int>)(object)c, (Vector256<int>)(object)d, left, right, left, right);
            StoreSome(bytes.GetLower(), target, count);
            StoreSome(bytes.GetUpper(), target + second, count);
        }
    }

    /// <summary>Writes a vector of sums, in which the bias is, for each of four rows, of which some may be the same; <paramref name="count"/> of their columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteVectors<V>(V a, V b, V c, V d, int column, byte* target, nint second, nint third, nint fourth, int count) where V : unmanaged
    {
        if (typeof(V) == typeof(Vector512<int>))
        {
            Vector512<float> scale = Vector512.Load(scales + column);
            Vector512<byte> bytes = Finished((Vector512<int>)(object)a, (Vector512<int>)(object)b, (Vector512<int>)(object)c, (Vector512<int>)(object)d, scale, scale, scale, scale);
            StoreSome(bytes.GetLower().GetLower(), target, count);
            StoreSome(bytes.GetLower().GetUpper(), target + second, count);
            StoreSome(bytes.GetUpper().GetLower(), target + third, count);
            StoreSome(bytes.GetUpper().GetUpper(), target + fourth, count);
        }
        else if (typeof(V) == typeof(Vector256<int>))
        {
            Vector256<float> scale = Vector256.Load(scales + column);
            Vector256<byte> bytes = Finished((Vector256<int>)(object)a, (Vector256<int>)(object)b, (Vector256<int>)(object)c, (Vector256<int>)(object)d, scale, scale, scale, scale);
            if (count >= 8)
            {
                *(ulong*)target = bytes.AsUInt64().ToScalar();
                *(ulong*)(target + second) = bytes.AsUInt64().GetElement(1);
                *(ulong*)(target + third) = bytes.AsUInt64().GetElement(2);
                *(ulong*)(target + fourth) = bytes.AsUInt64().GetElement(3);
                return;
            }
            StoreSome(bytes.GetLower(), target, count);
            StoreSome(Vector128.CreateScalarUnsafe(bytes.AsUInt64().GetElement(1)).AsByte(), target + second, count);
            StoreSome(bytes.GetUpper(), target + third, count);
            StoreSome(Vector128.CreateScalarUnsafe(bytes.AsUInt64().GetElement(3)).AsByte(), target + fourth, count);
        }
        else if (typeof(V) == typeof(Vector128<int>))
        {
            Vector128<float> scale = Vector128.Load(scales + column);
            Vector128<short> left = Vector128.Narrow(Rounded128((Vector128<int>)(object)a, scale), Rounded128((Vector128<int>)(object)b, scale));
            Vector128<short> right = Vector128.Narrow(Rounded128((Vector128<int>)(object)c, scale), Rounded128((Vector128<int>)(object)d, scale));
            Vector128<uint> bytes = Vector128.Narrow(left, right).AsUInt32();
            StoreSome(Vector128.CreateScalarUnsafe(bytes.ToScalar()).AsByte(), target, Math.Min(count, 4));
            StoreSome(Vector128.CreateScalarUnsafe(bytes.GetElement(1)).AsByte(), target + second, Math.Min(count, 4));
            StoreSome(Vector128.CreateScalarUnsafe(bytes.GetElement(2)).AsByte(), target + third, Math.Min(count, 4));
            StoreSome(Vector128.CreateScalarUnsafe(bytes.GetElement(3)).AsByte(), target + fourth, Math.Min(count, 4));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<byte> Finished(Vector512<int> a, Vector512<int> b, Vector512<int> c, Vector512<int> d, Vector512<float> scaleA, Vector512<float> scaleB, Vector512<float> scaleC, Vector512<float> scaleD)
    {
        Vector512<float> x = Vector512.ConvertToSingle(a) * scaleA, y = Vector512.ConvertToSingle(b) * scaleB, z = Vector512.ConvertToSingle(c) * scaleC, w = Vector512.ConvertToSingle(d) * scaleD;
        if (!saturates)
        {
            Vector512<float> most = Vector512.Create(high);
            (x, y, z, w) = (Vector512.MinNative(x, most), Vector512.MinNative(y, most), Vector512.MinNative(z, most), Vector512.MinNative(w, most));
        }
        return packing.Packed(Avx512F.ConvertToVector512Int32(x), Avx512F.ConvertToVector512Int32(y), Avx512F.ConvertToVector512Int32(z), Avx512F.ConvertToVector512Int32(w));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<byte> Finished(Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d, Vector256<float> scaleA, Vector256<float> scaleB, Vector256<float> scaleC, Vector256<float> scaleD)
    {
        Vector256<float> x = Vector256.ConvertToSingle(a) * scaleA, y = Vector256.ConvertToSingle(b) * scaleB, z = Vector256.ConvertToSingle(c) * scaleC, w = Vector256.ConvertToSingle(d) * scaleD;
        if (!saturates)
        {
            Vector256<float> most = Vector256.Create(high);
            (x, y, z, w) = (Vector256.MinNative(x, most), Vector256.MinNative(y, most), Vector256.MinNative(z, most), Vector256.MinNative(w, most));
        }
        return packing.Packed(Avx.ConvertToVector256Int32(x), Avx.ConvertToVector256Int32(y), Avx.ConvertToVector256Int32(z), Avx.ConvertToVector256Int32(w));
    }

    /// <summary>Takes away what the zero points of the weights contributed.</summary>
    private void Correct(int* sums, int column, int count, int rowSum)
    {
        int i = 0;
        if (lanes >= 4 && Vector128.IsHardwareAccelerated)
        {
            for (; i + 4 <= count; i += 4)
            {
                (Vector128.Load(sums + i) - Vector128.Load(zeros + column + i) * rowSum).Store(sums + i);
            }
        }
        for (; i < count; i++) sums[i] = unchecked(sums[i] - zeros[column + i] * rowSum);
    }

    /// <summary>As <see cref="Correct"/> and <see cref="Reals"/>, for all columns that fill vectors; returns how many these are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Reals512(int* sums, int step, int rows, float* target, int column, int count, int* rowSums)
    {
        // Rows within columns: what rows have in common is in registers. Each operation is rounded by itself.
        int i = 0;
        nint next = columns;
        bool isClamped = !float.IsInfinity(low) || !float.IsInfinity(high);
        Vector512<float> least = Vector512.Create(low), most = Vector512.Create(high);
        for (; i + 16 <= count; i += 16)
        {
            Vector512<int> add = bias == null ? default : Vector512.Load(bias + column + i), zero = zeros == null ? default : Vector512.Load(zeros + column + i);
            Vector512<float> scale = oneScale ? Vector512.Create(*scales) : Vector512.Load(scales + column + i);
            Vector512<float> shift = realBias == null ? default : oneBias ? Vector512.Create(*realBias) : Vector512.Load(realBias + column + i);
            int* from = sums + i;
            float* to = target + i;
            for (int row = 0; row < rows; row++, from += step, to += next)
            {
                Vector512<int> sum = Vector512.Load(from) + add;
                if (zeros != null) sum -= zero * Vector512.Create(rowSums[row]);
                Vector512<float> real = Vector512.ConvertToSingle(sum) * scale;
                if (realBias != null) real += shift;
                if (isClamped)
                {
                    real = Vector512.ConditionalSelect(Vector512.LessThan(real, least), least, real);
                    real = Vector512.ConditionalSelect(Vector512.GreaterThan(real, most), most, real);
                }
                real.Store(to);
            }
        }
        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Reals(int* sums, float* target, int column, int count)
    {
        // Lanes: columns. Equals: target[i] = clamp((sums[i] + bias[i]) * scale[i] + realBias[i]), each operation rounded.
        int i = 0;
        float* scale = oneScale ? scales : scales + column;
        if (lanes >= 8 && Avx2.IsSupported && bias != null && realBias == null)
            for (; i + 8 <= count; i += 8)
                Clamp(Vector256.ConvertToSingle(Vector256.Load(sums + i) + Vector256.Load(bias + column + i)) * Vector256.Load(scale + i)).Store(target + i);
        if (lanes >= 4 && Vector128.IsHardwareAccelerated)
        {
            for (; i + 4 <= count; i += 4)
            {
                Vector128<int> sum = Vector128.Load(sums + i);
                if (bias != null) sum += Vector128.Load(bias + column + i);
                Vector128<float> real = Vector128.ConvertToSingle(sum) * (oneScale ? Vector128.Create(*scale) : Vector128.Load(scale + i));
                if (realBias != null) real += oneBias ? Vector128.Create(*realBias) : Vector128.Load(realBias + column + i);
                Clamp(real).Store(target + i);
            }
        }
        for (; i < count; i++)
        {
            float real = unchecked(sums[i] + (bias == null ? 0 : bias[column + i])) * scale[oneScale ? 0 : i];
            if (realBias != null) real += realBias[oneBias ? 0 : column + i];
            target[i] = real < low ? low : real > high ? high : real;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Bytes512(int* sums, int step, int rows, byte* target, int column, int count)
    {
        // Lanes: columns, of two rows by two vectors or four rows by one; missing rows repeat the last one. Tail: whole vectors are computed, since sums and tables are as wide as panels, and some of their
        // bytes are written. Equals: target[i] = Requantize.Apply(sums[i] + bias[i], scale[i], ...).
        int last = rows - 1;
        nint next = columns;
        for (int i = 0; i < count; i += 32)
        {
            int left = count - i;
            int* from = sums + i, add = bias + column + i;
            float* scale = scales + column + i;
            byte* to = target + i;
            Vector512<int> firstAdd = Vector512.Load(add);
            Vector512<float> firstScale = Vector512.Load(scale);
            if (left <= 16)
            {
                for (int r = 0; r < rows; r += 4)
                {
                    int second = Math.Min(r + 1, last), third = Math.Min(r + 2, last), fourth = Math.Min(r + 3, last);
                    Vector512<byte> bytes = packing.Packed(Rounded512(Vector512.Load(from + r * step) + firstAdd, firstScale), Rounded512(Vector512.Load(from + second * step) + firstAdd, firstScale),
                        Rounded512(Vector512.Load(from + third * step) + firstAdd, firstScale), Rounded512(Vector512.Load(from + fourth * step) + firstAdd, firstScale));
                    StoreSome(bytes.GetLower().GetLower(), to + r * next, left);
                    StoreSome(bytes.GetLower().GetUpper(), to + second * next, left);
                    StoreSome(bytes.GetUpper().GetLower(), to + third * next, left);
                    StoreSome(bytes.GetUpper().GetUpper(), to + fourth * next, left);
                }
                return;
            }
            Vector512<int> secondAdd = Vector512.Load(add + 16);
            Vector512<float> secondScale = Vector512.Load(scale + 16);
            for (int r = 0; r < rows; r += 2)
            {
                int second = Math.Min(r + 1, last);
                Vector512<byte> bytes = packing.Packed(Rounded512(Vector512.Load(from + r * step) + firstAdd, firstScale), Rounded512(Vector512.Load(from + r * step + 16) + secondAdd, secondScale),
                    Rounded512(Vector512.Load(from + second * step) + firstAdd, firstScale), Rounded512(Vector512.Load(from + second * step + 16) + secondAdd, secondScale));
                if (left >= 32)
                {
                    bytes.GetLower().Store(to + r * next);
                    bytes.GetUpper().Store(to + second * next);
                    continue;
                }
                bytes.GetLower().GetLower().Store(to + r * next);
                StoreSome(bytes.GetLower().GetUpper(), to + r * next + 16, left - 16);
                bytes.GetUpper().GetLower().Store(to + second * next);
                StoreSome(bytes.GetUpper().GetUpper(), to + second * next + 16, left - 16);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Bytes256(int* sums, int step, int rows, byte* target, int column, int count)
    {
        // As with 512 bits, on half as many columns.
        int last = rows - 1;
        nint next = columns;
        for (int i = 0; i < count; i += 16)
        {
            int left = count - i;
            int* from = sums + i, add = bias + column + i;
            float* scale = scales + column + i;
            byte* to = target + i;
            Vector256<int> firstAdd = Vector256.Load(add);
            Vector256<float> firstScale = Vector256.Load(scale);
            if (left <= 8)
            {
                for (int r = 0; r < rows; r += 4)
                {
                    int second = Math.Min(r + 1, last), third = Math.Min(r + 2, last), fourth = Math.Min(r + 3, last);
                    Vector256<byte> bytes = packing.Packed(Rounded256(Vector256.Load(from + r * step) + firstAdd, firstScale), Rounded256(Vector256.Load(from + second * step) + firstAdd, firstScale),
                        Rounded256(Vector256.Load(from + third * step) + firstAdd, firstScale), Rounded256(Vector256.Load(from + fourth * step) + firstAdd, firstScale));
                    StoreSome(bytes.GetLower(), to + r * next, left);
                    StoreSome(Vector128.CreateScalarUnsafe(bytes.AsUInt64().GetElement(1)).AsByte(), to + second * next, left);
                    StoreSome(bytes.GetUpper(), to + third * next, left);
                    StoreSome(Vector128.CreateScalarUnsafe(bytes.AsUInt64().GetElement(3)).AsByte(), to + fourth * next, left);
                }
                return;
            }
            Vector256<int> secondAdd = Vector256.Load(add + 8);
            Vector256<float> secondScale = Vector256.Load(scale + 8);
            for (int r = 0; r < rows; r += 2)
            {
                int second = Math.Min(r + 1, last);
                Vector256<byte> bytes = packing.Packed(Rounded256(Vector256.Load(from + r * step) + firstAdd, firstScale), Rounded256(Vector256.Load(from + r * step + 8) + secondAdd, secondScale),
                    Rounded256(Vector256.Load(from + second * step) + firstAdd, firstScale), Rounded256(Vector256.Load(from + second * step + 8) + secondAdd, secondScale));
                StoreSome(bytes.GetLower(), to + r * next, left);
                StoreSome(bytes.GetUpper(), to + second * next, left);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Bytes128(int* sums, byte* target, int column, int count)
    {
        float* scale = scales + column;
        int* add = bias + column;
        int i = 0;
        if (Vector128.IsHardwareAccelerated && lanes >= 4)
        {
            for (; i < count; i += 4)
            {
                Vector128<int> rounded = Rounded128(Vector128.Load(sums + i) + Vector128.Load(add + i), Vector128.Load(scale + i));
                Vector128<short> narrow = Vector128.Narrow(rounded, rounded);
                Vector128<byte> bytes = Vector128.Narrow(narrow, narrow).AsByte();
                if (count - i >= 4) *(int*)(target + i) = bytes.AsInt32().ToScalar();
                else StoreSome(bytes, target + i, count - i);
            }
            return;
        }
        int from = (int)low + zeroY, to = (int)high + zeroY;
        for (; i < count; i++) target[i] = unchecked((byte)Requantize.Apply(unchecked(sums[i] + add[i]), scale[i], zeroY, from, to));
    }

    // Reals beyond the range's upper end are that end; those far below the lower one become INT_MIN. The processor's own conversion rounds halves to even, as .NET leaves it set.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<int> Rounded512(Vector512<int> sums, Vector512<float> scale) =>
        Avx512F.ConvertToVector512Int32(Vector512.MinNative(Vector512.ConvertToSingle(sums) * scale, Vector512.Create(high)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<int> Rounded256(Vector256<int> sums, Vector256<float> scale) =>
        Avx.ConvertToVector256Int32(Vector256.MinNative(Vector256.ConvertToSingle(sums) * scale, Vector256.Create(high)));

    /// <summary>Within the range, and the zero point added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<int> Rounded128(Vector128<int> sums, Vector128<float> scale)
    {
        Vector128<float> real = Vector128.MinNative(Vector128.MaxNative(Vector128.ConvertToSingle(sums) * scale, Vector128.Create(low)), Vector128.Create(high));
        return Vector128.ConvertToInt32Native(Vector128.Round(real)) + Vector128.Create(zeroY);
    }

    /// <summary>The first bytes of a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSome(Vector128<byte> bytes, byte* target, int count)
    {
        if (count >= 16)
        {
            bytes.Store(target);
            return;
        }
        ulong part = bytes.AsUInt64().ToScalar();
        if ((count & 8) != 0)
        {
            *(ulong*)target = part;
            target += 8;
            part = bytes.AsUInt64().GetElement(1);
        }
        if ((count & 4) != 0)
        {
            *(uint*)target = (uint)part;
            target += 4;
            part >>= 32;
        }
        if ((count & 2) != 0)
        {
            *(ushort*)target = (ushort)part;
            target += 2;
            part >>= 16;
        }
        if ((count & 1) != 0) *target = (byte)part;
    }

    /// <summary>As Math.Clamp: NaN stays NaN.</summary>
    private Vector128<float> Clamp(Vector128<float> real)
    {
        if (float.IsInfinity(low) && float.IsInfinity(high)) return real;
        real = Vector128.ConditionalSelect(Vector128.LessThan(real, Vector128.Create(low)), Vector128.Create(low), real);
        return Vector128.ConditionalSelect(Vector128.GreaterThan(real, Vector128.Create(high)), Vector128.Create(high), real);
    }

    private Vector256<float> Clamp(Vector256<float> real)
    {
        if (float.IsInfinity(low) && float.IsInfinity(high)) return real;
        real = Vector256.ConditionalSelect(Vector256.LessThan(real, Vector256.Create(low)), Vector256.Create(low), real);
        return Vector256.ConditionalSelect(Vector256.GreaterThan(real, Vector256.Create(high)), Vector256.Create(high), real);
    }

    private int* Biases(CpuBinding binding, TensorView bias, int width)
    {
        int* table = (int*)binding.Allocate((long)width * sizeof(int)), source = (int*)bias.Data;
        for (int i = 0; i < width; i++) table[i] = i < columns && !bias.IsMissing ? source[bias.Shape.Count == 1 ? 0 : i] : 0;
        return table;
    }

    private static int* Zeros(CpuBinding binding, ReadOnlySpan<int> zeroPoints, int width)
    {
        if (zeroPoints.IndexOfAnyExcept(0) < 0) return null;
        int* table = (int*)binding.Allocate((long)width * sizeof(int));
        for (int i = 0; i < width; i++) table[i] = zeroPoints[zeroPoints.Length == 1 ? 0 : Math.Min(i, zeroPoints.Length - 1)];
        return table;
    }
}
