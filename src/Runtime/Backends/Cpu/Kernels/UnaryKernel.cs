using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>A unary function of floats.</summary>
internal sealed unsafe class UnaryKernel : CpuKernel
{
    private const int TileElements = 16 * 1024;

    private readonly UnaryPass pass;
    private readonly float* x, y;
    private readonly long count;

    private UnaryKernel(CpuBinding binding, Unary op)
    {
        pass = UnaryPass.For(op.Function, op.Alpha, op.Beta);
        x = (float*)binding.Input(0).Data;
        y = (float*)binding.Output(0).Data;
        count = binding.Output(0).Shape.Count;
        Tiles = (int)Math.Max(1, (count + TileElements - 1) / TileElements);
        Name = $"{op.Function.ToString().ToLowerInvariant()}_f32";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>A maker; see <see cref="CpuKernels"/>.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (Unary)binding.Operator;
        return CpuBinding.Are(DataType.F32, binding.Input(0), binding.Output(0)) && UnaryPass.Serves(op.Function) ? new UnaryKernel(binding, op) : null;
    }

    public override void Run(int first, int last, int worker)
    {
        long from = (long)first * TileElements, to = Math.Min((long)last * TileElements, count);
        pass.Apply(x + from, y + from, to - from);
    }
}
