using System.Runtime.CompilerServices;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Resizes pictures of floats, channels last: a result is a weighted sum of neighbours whose places and weights are known ahead. A tile is a row of results.
/// </summary>
internal sealed unsafe class ResizeKernel<L, V> : CpuKernel where L : struct, ILanes<V> where V : unmanaged
{
    private readonly float* x, y;
    private readonly int inputRows, inputColumns, rows, columns, channels;
    private readonly (int Index, float Weight)[][] down, across;

    private ResizeKernel(CpuBinding binding, (int, float)[][] down, (int, float)[][] across)
    {
        x = (float*)binding.Input(0).Data;
        y = (float*)binding.Output(0).Data;
        Shape from = binding.Input(0).Shape, to = binding.Output(0).Shape;
        (inputRows, inputColumns, rows, columns, channels) = (from[1], from[2], to[1], to[2], to[3]);
        this.down = down;
        this.across = across;
        Tiles = to[0] * rows;
        bool copies = Array.TrueForAll(down, t => t.Length == 1) && Array.TrueForAll(across, t => t.Length == 1);
        Name = copies ? "resize_f32_nearest" : "resize_f32";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>The kernel for a step.</summary>
    public static CpuKernel Bind(CpuBinding binding, (int, float)[][] down, (int, float)[][] across) => new ResizeKernel<L, V>(binding, down, across);

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

/// <summary>Binds resizing of pictures of floats.</summary>
internal static class ResizeMaker
{
    /// <summary>The kernel for a step; null when it is not [N H W C] floats, resized along H and W by what is known ahead.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (Resize)binding.Operator;
        TensorView[] inputs = binding.Inputs;
        for (int i = 1; i < inputs.Length; i++)
            if (!inputs[i].IsMissing && !binding.IsConstant(i)) return null;
        Shape from = inputs[0].Shape, to = binding.Output(0).Shape;
        if (!CpuBinding.Are(DataType.F32, inputs[0], binding.Output(0)) || from.Rank != 4 || from[0] != to[0] || from[3] != to[3] || to.Count == 0) return null;
        if (op.Coordinates == ResizeCoordinates.CropAndResize) return null;
        ResizeTaps[] taps = op.Taps(Operand.Known(inputs), to);
        if (!IsIdentity(taps[0], to[0]) || !IsIdentity(taps[3], to[3])) return null;
        return LanesChoice.Widest(new Maker(binding, Narrow(taps[1], to[1]), Narrow(taps[2], to[2])), to[3]);
    }

    private static bool IsIdentity(ResizeTaps taps, int size)
    {
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

    private sealed record Maker(CpuBinding Binding, (int, float)[][] Down, (int, float)[][] Across) : ILanesMaker
    {
        public CpuKernel Make<L, V>() where L : struct, ILanes<V> where V : unmanaged => ResizeKernel<L, V>.Bind(Binding, Down, Across);
    }
}
