using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Cuts a tensor of any element type along an axis: the rows of the input go to the outputs in turn.</summary>
internal sealed unsafe class SplitKernel : CpuKernel
{
    private const long TileBytes = 64 * 1024;

    private readonly byte* x;
    private readonly byte*[] targets;
    private readonly long[] widths;
    private readonly long row, rows, rowsPerTile;

    private SplitKernel(CpuBinding binding, int axis)
    {
        TensorView[] outputs = binding.Outputs;
        Shape shape = binding.Input(0).Shape;
        int size = binding.Input(0).DataType.Size();
        x = (byte*)binding.Input(0).Data;
        targets = new byte*[outputs.Length];
        widths = new long[outputs.Length];
        for (int i = 0; i < outputs.Length; i++)
        {
            targets[i] = (byte*)outputs[i].Data;
            widths[i] = outputs[i].Shape.Product(axis, shape.Rank) * size;
        }
        row = shape.Product(axis, shape.Rank) * size;
        rows = shape.Product(0, axis);
        rowsPerTile = Math.Clamp(TileBytes / row, 1, rows);
        Tiles = (int)((rows + rowsPerTile - 1) / rowsPerTile);
    }

    public override string Name => "split";

    public override int Tiles { get; }

    /// <summary>A maker; see <see cref="CpuKernels"/>.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        int axis = ((Split)binding.Operator).Axis;
        Shape shape = binding.Input(0).Shape;
        return shape.Count == 0 ? null : new SplitKernel(binding, axis < 0 ? axis + shape.Rank : axis);
    }

    public override void Run(int first, int last, int worker)
    {
        long end = Math.Min(last * rowsPerTile, rows);
        for (long at = first * rowsPerTile; at < end; at++)
        {
            byte* from = x + at * row;
            for (int i = 0; i < targets.Length; i++)
            {
                Piece.Copy(from, targets[i] + at * widths[i], widths[i]);
                from += widths[i];
            }
        }
    }
}
