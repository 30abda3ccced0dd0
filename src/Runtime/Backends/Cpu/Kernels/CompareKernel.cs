using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Comparisons of two float tensors of one shape, or of one with a number; the answers are bytes.</summary>
internal sealed unsafe class CompareKernel : CpuKernel
{
    private const int TileElements = 16 * 1024;

    private readonly BinaryFunction function;
    private readonly float* a, b;
    private readonly bool* y;
    private readonly long count;
    private readonly int stepA, stepB;

    private CompareKernel(CpuBinding binding, BinaryFunction function)
    {
        this.function = function;
        a = (float*)binding.Input(0).Data;
        b = (float*)binding.Input(1).Data;
        y = (bool*)binding.Output(0).Data;
        count = binding.Output(0).Shape.Count;
        stepA = binding.Input(0).Shape.Count == count ? 1 : 0;
        stepB = binding.Input(1).Shape.Count == count ? 1 : 0;
        Tiles = (int)((count + TileElements - 1) / TileElements);
        Name = $"{function.ToString().ToLowerInvariant()}_f32";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>A maker; see <see cref="CpuKernels"/>.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (Binary)binding.Operator;
        if (op.Function is < BinaryFunction.Equal or > BinaryFunction.LessOrEqual || !CpuBinding.Are(DataType.F32, binding.Input(0), binding.Input(1))) return null;
        long count = binding.Output(0).Shape.Count, a = binding.Input(0).Shape.Count, b = binding.Input(1).Shape.Count;
        return count > 0 && (a == count || a == 1) && (b == count || b == 1) ? new CompareKernel(binding, op.Function) : null;
    }

    public override void Run(int first, int last, int worker)
    {
        long from = (long)first * TileElements, to = Math.Min((long)last * TileElements, count);
        float* p = a + from * stepA, q = b + from * stepB;
        bool* r = y + from;
        int m = stepA, n = stepB;
        long length = to - from;
        switch (function)
        {
            case BinaryFunction.Equal:
                for (long i = 0; i < length; i++) r[i] = p[i * m] == q[i * n];
                break;
            case BinaryFunction.Greater:
                for (long i = 0; i < length; i++) r[i] = p[i * m] > q[i * n];
                break;
            case BinaryFunction.GreaterOrEqual:
                for (long i = 0; i < length; i++) r[i] = p[i * m] >= q[i * n];
                break;
            case BinaryFunction.Less:
                for (long i = 0; i < length; i++) r[i] = p[i * m] < q[i * n];
                break;
            default:
                for (long i = 0; i < length; i++) r[i] = p[i * m] <= q[i * n];
                break;
        }
    }
}
