using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// A function of two float tensors with broadcasting. Axes that step alike in both are joined, so that what is left is a number of runs,
/// each of two rows, or of a row and a number.
/// </summary>
internal sealed unsafe class BinaryKernel : CpuKernel
{
    private const int TileElements = 8 * 1024;

    private readonly BinaryPass pass;
    private readonly UnaryPass? activation;
    private readonly float* a, b, y;
    private readonly JoinedAxes axes;
    private readonly long run;
    private readonly nint stepA, stepB;
    private readonly (long Size, nint StrideA, nint StrideB)? rows;
    private readonly long runs;
    private readonly int runsPerTile;

    private BinaryKernel(CpuBinding binding, Binary op, BinaryPass pass)
    {
        this.pass = pass;
        if (!op.Activation.IsNone) activation = UnaryPass.For(op.Activation.Function, op.Activation.Alpha, op.Activation.Beta);
        a = (float*)binding.Input(0).Data;
        b = (float*)binding.Input(1).Data;
        y = (float*)binding.Output(0).Data;
        Shape shape = binding.Output(0).Shape;
        Span<long> stridesA = stackalloc long[Shape.MaxRank], stridesB = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(binding.Input(0).Shape, shape, stridesA);
        Broadcast.Strides(binding.Input(1).Shape, shape, stridesB);
        axes = new JoinedAxes(shape, stridesA, stridesB);
        (run, stepA, stepB) = axes.TakeLast();
        runs = axes.Count;
        // Where runs are the rows of one axis, such as the pixels of a picture, nobody needs to look for where they begin.
        if (axes.Rank == 1) rows = axes.TakeLast();
        if (runs == 1)
        {
            // One long run: its pieces are the tiles.
            Tiles = (int)Math.Max(1, (run + TileElements - 1) / TileElements);
        }
        else
        {
            runsPerTile = (int)Math.Clamp(TileElements / run, 1, runs);
            Tiles = (int)((runs + runsPerTile - 1) / runsPerTile);
        }
        Name = $"{op.Function.ToString().ToLowerInvariant()}_f32";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>A maker; see <see cref="CpuKernels"/>.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (Binary)binding.Operator;
        if (!CpuBinding.Are(DataType.F32, binding.Input(0), binding.Input(1), binding.Output(0)) || binding.Output(0).Shape.Count == 0) return null;
        return BinaryPass.For(op.Function) is { } pass ? new BinaryKernel(binding, op, pass) : null;
    }

    public override void Run(int first, int last, int worker)
    {
        if (runs == 1)
        {
            long from = (long)first * TileElements, to = Math.Min((long)last * TileElements, run);
            pass.Apply(a + from * stepA, stepA, b + from * stepB, stepB, y + from, to - from);
            activation?.Apply(y + from, y + from, to - from);
            return;
        }
        long end = Math.Min((long)last * runsPerTile, runs);
        long begin = (long)first * runsPerTile;
        if (rows is { } axis)
        {
            pass.Rows(a + begin * axis.StrideA, axis.StrideA, stepA, b + begin * axis.StrideB, axis.StrideB, stepB, y + begin * run, end - begin, run);
            activation?.Apply(y + begin * run, y + begin * run, (end - begin) * run);
            return;
        }
        for (long at = begin; at < end; at++)
        {
            axes.Offsets(at, out long offsetA, out long offsetB);
            pass.Apply(a + offsetA, stepA, b + offsetB, stepB, y + at * run, run);
        }
        activation?.Apply(y + begin * run, y + begin * run, (end - begin) * run);
    }
}
