using System.Runtime.CompilerServices;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Adds or takes away elements of any type at the borders. A tile is one row of the innermost padded axis; the axes inside of it are copied whole.
/// </summary>
internal sealed unsafe class PadKernel<T> : CpuKernel where T : unmanaged
{
    private const int TileElements = 16 * 1024;

    private readonly T* x, y;
    private readonly T value;
    private readonly int rows, rowsPerTile, length, inner, innerFrom, innerTo;
    private readonly bool widens;

    // For each outer axis, its size and where in the input its positions begin, -1 outside; likewise for the positions of a row.
    private readonly int[] sizes;
    private readonly long[][] starts;
    private readonly long[] along;

    private PadKernel(CpuBinding binding, Pad op, long[] pads)
    {
        x = (T*)binding.Input(0).Data;
        y = (T*)binding.Output(0).Data;
        Shape from = binding.Input(0).Shape, to = binding.Output(0).Shape;
        TensorView given = binding.Input(2);
        if (op.Mode == PadMode.Constant)
        {
            using var constant = new Tensor(new TensorType(binding.Output(0).DataType));
            if (given.IsMissing) new Cast { To = constant.Type.DataType }.Evaluate([Tensor.Scalar(op.Value).View], [constant.View]);
            else given.Bytes.CopyTo(constant.View.Bytes);
            value = *(T*)constant.View.Data;
        }
        int axis = from.Rank - 1;
        while (axis > 0 && pads[axis] == 0 && pads[axis + from.Rank] == 0) axis--;
        rows = (int)to.Product(0, axis);
        length = to[axis];
        inner = (int)to.Product(axis + 1, to.Rank);
        Span<long> strides = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(from, strides);
        sizes = new int[axis];
        starts = new long[axis][];
        for (int i = 0; i < axis; i++)
        {
            sizes[i] = to[i];
            starts[i] = Positions(op, to[i], from[i], pads[i], strides[i]);
        }
        along = Positions(op, length, from[axis], pads[axis], inner);
        // The part of a row that is copied in one go.
        innerFrom = (int)Math.Clamp(pads[axis], 0, length);
        innerTo = (int)Math.Clamp(pads[axis] + from[axis], innerFrom, length);
        // Channels of zeros after those there are: nothing has to be looked up.
        widens = inner == 1 && innerFrom == 0 && op.Mode == PadMode.Constant && innerTo == from[axis] && Positions(op, length, from[axis], 0, 1).AsSpan(innerTo).IndexOfAnyExcept(-1) < 0;
        for (int i = 0; i < axis; i++) widens &= pads[i] == 0 && pads[i + from.Rank] == 0;
        rowsPerTile = widens ? Math.Max(1, TileElements / length) : 1;
        Tiles = Math.Max(1, (rows + rowsPerTile - 1) / rowsPerTile);
    }

    public override string Name => $"pad_{8 * sizeof(T)}";

    public override int Tiles { get; }

    /// <summary>The kernel for a step.</summary>
    public static CpuKernel Bind(CpuBinding binding, Pad op, long[] pads) => new PadKernel<T>(binding, op, pads);

    public override void Run(int first, int last, int worker)
    {
        if (widens)
        {
            Widen((long)first * rowsPerTile, Math.Min((long)last * rowsPerTile, rows));
            return;
        }
        for (int row = first; row < last; row++)
        {
            T* target = y + (long)row * length * inner, source = x;
            bool inside = true;
            for (int axis = sizes.Length - 1, rest = row; axis >= 0; axis--)
            {
                long start = starts[axis][rest % sizes[axis]];
                rest /= sizes[axis];
                inside &= start >= 0;
                source += start;
            }
            if (!inside)
            {
                new Span<T>(target, length * inner).Fill(value);
                continue;
            }
            for (int position = 0; position < innerFrom; position++) One(source, target, position);
            int middle = innerTo - innerFrom;
            if (middle > 0) new ReadOnlySpan<T>(source + along[innerFrom], middle * inner).CopyTo(new Span<T>(target + (long)innerFrom * inner, middle * inner));
            for (int position = innerTo; position < length; position++) One(source, target, position);
        }
    }

    /// <summary>Copies rows, each followed by the same elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Widen(long first, long last)
    {
        T* source = x + first * innerTo, target = y + first * length;
        nint size = (nint)innerTo * sizeof(T);
        for (long row = first; row < last; row++, source += innerTo, target += length)
        {
            ByteRows.Copy((byte*)source, size, (byte*)target);
            for (nint i = innerTo; i < length; i++) target[i] = value;
        }
    }

    private void One(T* source, T* target, int position)
    {
        var to = new Span<T>(target + (long)position * inner, inner);
        if (along[position] < 0) to.Fill(value);
        else new ReadOnlySpan<T>(source + along[position], inner).CopyTo(to);
    }

    private static long[] Positions(Pad op, int length, int size, long before, long stride)
    {
        long[] positions = new long[length];
        for (int i = 0; i < length; i++)
        {
            int inside = op.Inside(i - before, size);
            positions[i] = inside < 0 ? -1 : inside * stride;
        }
        return positions;
    }
}

/// <summary>Binds padding by the size of the elements.</summary>
internal static class PadMaker
{
    /// <summary>The kernel for a step; null when the pads are not known ahead.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        TensorView[] inputs = binding.Inputs;
        for (int i = 1; i < inputs.Length; i++)
            if (!inputs[i].IsMissing && !binding.IsConstant(i)) return null;
        if (binding.Output(0).Shape.Count == 0 || binding.Output(0).Shape.Rank == 0 || inputs[0].Shape.Count == 0) return null;
        var op = (Pad)binding.Operator;
        if (op.Resolve(Operand.Known(inputs)) is not { } pads) return null;
        return binding.Output(0).DataType.Size() switch
        {
            1 => PadKernel<byte>.Bind(binding, op, pads),
            2 => PadKernel<ushort>.Bind(binding, op, pads),
            4 => PadKernel<uint>.Bind(binding, op, pads),
            TextElement.Size => null,
            _ => PadKernel<ulong>.Bind(binding, op, pads),
        };
    }
}
