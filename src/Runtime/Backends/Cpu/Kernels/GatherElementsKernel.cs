using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Elements of any type from the places that a tensor of indices names.</summary>
internal sealed unsafe class GatherElementsKernel<T> : CpuKernel where T : unmanaged
{
    private const int TileElements = 8 * 1024;

    private readonly T* x, y;
    private readonly ElementPlaces places;

    public GatherElementsKernel(CpuBinding binding, ElementPlaces places)
    {
        x = (T*)binding.Input(0).Data;
        y = (T*)binding.Output(0).Data;
        this.places = places;
        Tiles = (int)((places.Count + TileElements - 1) / TileElements);
    }

    public override string Name => $"gatherelements_{8 * sizeof(T)}";

    public override int Tiles { get; }

    public override void Run(int first, int last, int worker)
    {
        long end = Math.Min((long)last * TileElements, places.Count), step = places.ColumnStep;
        for (long at = (long)first * TileElements; at < end;)
        {
            (long row, long column) = Math.DivRem(at, places.Columns);
            T* from = x + places.Row(row) + column * step;
            for (long until = Math.Min(end, at + places.Columns - column); at < until; at++, from += step) y[at] = from[places.Index(at)];
        }
    }
}

/// <summary>Binds gathering of single elements.</summary>
internal static class GatherElementsMaker
{
    /// <summary>The kernel for a step; null for texts, and when there is nothing to gather.</summary>
    public static CpuKernel? Make(CpuBinding binding) => ElementPlaces.Of(binding, ((GatherElements)binding.Operator).Axis) is not { } places ? null
        : binding.Input(0).DataType.Size() switch
        {
            1 => new GatherElementsKernel<byte>(binding, places),
            2 => new GatherElementsKernel<ushort>(binding, places),
            4 => new GatherElementsKernel<uint>(binding, places),
            8 => new GatherElementsKernel<ulong>(binding, places),
            _ => null,
        };
}
