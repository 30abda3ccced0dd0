using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Joins tensors of any element type along an axis: each row of the result is a row of each input after the other.</summary>
internal sealed unsafe class ConcatKernel : CpuKernel
{
    private const long TileBytes = 64 * 1024;

    private readonly byte*[] sources;
    private readonly long[] widths;
    private readonly byte* y;
    private readonly long row, rows, rowsPerTile;

    private ConcatKernel(CpuBinding binding, int axis)
    {
        TensorView[] inputs = binding.Inputs;
        Shape shape = binding.Output(0).Shape;
        int size = binding.Output(0).DataType.Size();
        sources = new byte*[inputs.Length];
        widths = new long[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            sources[i] = (byte*)inputs[i].Data;
            widths[i] = inputs[i].Shape.Product(axis, shape.Rank) * size;
        }
        y = (byte*)binding.Output(0).Data;
        row = shape.Product(axis, shape.Rank) * size;
        rows = shape.Product(0, axis);
        rowsPerTile = Math.Clamp(TileBytes / row, 1, rows);
        Tiles = (int)((rows + rowsPerTile - 1) / rowsPerTile);
    }

    public override string Name => "concat";

    public override int Tiles { get; }

    /// <summary>A maker; see <see cref="CpuKernels"/>.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        int axis = ((Concat)binding.Operator).Axis, rank = binding.Output(0).Shape.Rank;
        return binding.Output(0).Shape.Count == 0 ? null : new ConcatKernel(binding, axis < 0 ? axis + rank : axis);
    }

    public override void Run(int first, int last, int worker)
    {
        long end = Math.Min(last * rowsPerTile, rows);
        for (long at = first * rowsPerTile; at < end; at++)
        {
            byte* to = y + at * row;
            for (int i = 0; i < sources.Length; i++)
            {
                Piece.Copy(sources[i] + at * widths[i], to, widths[i]);
                to += widths[i];
            }
        }
    }
}
