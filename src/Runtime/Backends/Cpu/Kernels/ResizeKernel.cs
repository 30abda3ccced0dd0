using System.Runtime.CompilerServices;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Resizes one axis or two neighbouring ones of floats: a result is a weighted sum of neighbours whose places and weights are known ahead. The axes
/// before are pictures, the axes after channels. A tile is a row of results.
/// </summary>
internal sealed unsafe class ResizeKernel<L, V> : CpuKernel where L : struct, ILanes<V> where V : unmanaged
{
    private readonly float* x, y;
    private readonly int inputRows, inputColumns, rows, columns, channels;
    private readonly (int Index, float Weight)[][] down, across;

    private ResizeKernel(CpuBinding binding, ResizePlan plan)
    {
        x = (float*)binding.Input(0).Data;
        y = (float*)binding.Output(0).Data;
        (down, across, channels) = (plan.Down, plan.Across, plan.Channels);
        (inputRows, inputColumns, rows, columns) = (plan.InputRows, plan.InputColumns, down.Length, across.Length);
        Tiles = plan.Pictures * rows;
        bool copies = Array.TrueForAll(down, t => t.Length == 1) && Array.TrueForAll(across, t => t.Length == 1);
        Name = copies ? "resize_f32_nearest" : "resize_f32";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>The kernel for a step.</summary>
    public static CpuKernel Bind(CpuBinding binding, ResizePlan plan) => new ResizeKernel<L, V>(binding, plan);

    public override void Run(int first, int last, int worker)
    {
        for (int tile = first; tile < last; tile++)
        {
            float* picture = x + (long)(tile / rows) * inputRows * inputColumns * channels;
            (int Index, float Weight)[] vertical = down[tile % rows];
            for (int column = 0; column < columns; column++)
            {
                (int Index, float Weight)[] horizontal = across[column];
                float* target = y + ((long)tile * columns + column) * channels;
                if (vertical.Length == 1 && horizontal.Length == 1)
                {
                    float* source = picture + ((long)vertical[0].Index * inputColumns + horizontal[0].Index) * channels;
                    new ReadOnlySpan<float>(source, channels).CopyTo(new Span<float>(target, channels));
                }
                else
                {
                    Pixel(picture, vertical, horizontal, target);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pixel(float* picture, (int Index, float Weight)[] vertical, (int Index, float Weight)[] horizontal, float* target)
    {
        // Lanes: channels. Tail: the last vector overlaps the one before it.
        // Equals: target[c] = sum over i, j of vertical[i].Weight * horizontal[j].Weight * picture[vertical[i], horizontal[j], c].
        for (int channel = 0; channel < channels; channel += L.Count)
        {
            int c = Math.Min(channel, channels - L.Count);
            V sum = default;
            foreach ((int row, float rowWeight) in vertical)
            {
                float* line = picture + (long)row * inputColumns * channels + c;
                V part = default;
                foreach ((int column, float weight) in horizontal) part = L.MultiplyAdd(L.Load(line + (long)column * channels), L.All(weight), part);
                sum = L.MultiplyAdd(part, L.All(rowWeight), sum);
            }
            L.Store(sum, target + c);
        }
    }
}

/// <summary>The axes that a resize changes, for each result along them the neighbours and their weights, and what lies around.</summary>
internal sealed record ResizePlan(int Pictures, int InputRows, int InputColumns, int Channels, (int Index, float Weight)[][] Down, (int Index, float Weight)[][] Across);

/// <summary>Binds resizing of floats, of bytes, and of quantized numbers.</summary>
internal static class ResizeMaker
{
    /// <summary>The kernel for a step; null when more than two axes change, or by what is not known ahead.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (Resize)binding.Operator;
        TensorView[] inputs = binding.Inputs;
        for (int i = 1; i < inputs.Length; i++)
            if (!inputs[i].IsMissing && !binding.IsConstant(i)) return null;
        Shape from = inputs[0].Shape, to = binding.Output(0).Shape;
        bool bytes = inputs[0].DataType is DataType.U8 or DataType.I8 && (!op.Result.IsNone || op.Interpolation == Interpolation.Nearest);
        if ((!bytes && !CpuBinding.Are(DataType.F32, inputs[0], binding.Output(0))) || to.Count == 0 || to.Rank == 0) return null;
        if (op.Coordinates == ResizeCoordinates.CropAndResize) return null;

        ResizeTaps[] taps = op.Taps(Operand.Known(inputs), to);
        int last = to.Rank - 1;
        while (last > 0 && IsIdentity(taps[last], from[last], to[last])) last--;
        int first = Math.Max(0, last - 1);
        for (int i = 0; i < first; i++)
            if (!IsIdentity(taps[i], from[i], to[i])) return null;
        bool hasRows = first < last;
        if (bytes)
        {
            QuantizedTaps? quantized = op.Result.IsNone ? null : new QuantizedTaps(taps, inputs[0].Type, op.Result);
            return new ByteResizeKernel(binding, quantized, (int)to.Product(0, first), hasRows ? from[first] : 1, from[last], (int)to.Product(last + 1, to.Rank),
                hasRows ? Whole(taps, quantized, first, to[first]) : [[(0, 1)]], Whole(taps, quantized, last, to[last]));
        }
        var plan = new ResizePlan((int)to.Product(0, first), hasRows ? from[first] : 1, from[last], (int)to.Product(last + 1, to.Rank),
            hasRows ? Narrow(taps[first], to[first]) : [[(0, 1)]], Narrow(taps[last], to[last]));
        return LanesChoice.Widest(new Maker(binding, plan), plan.Channels);
    }

    private static bool IsIdentity(ResizeTaps taps, int size, int resized)
    {
        if (size != resized) return false;
        for (int i = 0; i < size; i++)
            if (taps.Of(i) is not [(int index, _)] || index != i) return false;
        return true;
    }

    private static (int, float)[][] Narrow(ResizeTaps taps, int size)
    {
        var narrow = new (int, float)[size][];
        for (int i = 0; i < size; i++) narrow[i] = Array.ConvertAll(taps.Of(i), t => (t.Index, (float)t.Weight));
        return narrow;
    }

    private static (int, int)[][] Whole(ResizeTaps[] taps, QuantizedTaps? quantized, int axis, int size) =>
        quantized?.Axes[axis] ?? [.. Enumerable.Range(0, size).Select(i => new[] { (taps[axis].Of(i)[0].Index, 1) })];

    private sealed record Maker(CpuBinding Binding, ResizePlan Plan) : ILanesMaker
    {
        public CpuKernel Make<L, V>() where L : struct, ILanes<V> where V : unmanaged => ResizeKernel<L, V>.Bind(Binding, Plan);
    }
}
