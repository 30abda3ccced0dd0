using EdgeRuntime.Operators;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>A function of a quantized tensor: a table of 256 numbers.</summary>
internal sealed unsafe class ByteTableKernel : CpuKernel
{
    private const int TileElements = 16 * 1024;

    private readonly byte* x, y, table;
    private readonly long count;

    private ByteTableKernel(CpuBinding binding, Unary op)
    {
        x = (byte*)binding.Input(0).Data;
        y = (byte*)binding.Output(0).Data;
        count = binding.Output(0).Shape.Count;
        table = (byte*)binding.Allocate(ByteTable.Bytes);
        ByteTable.Write(op.Table(binding.Input(0).Type), table);
        Tiles = (int)Math.Max(1, (count + TileElements - 1) / TileElements);
        Name = $"{op.Function.ToString().ToLowerInvariant()}_table";
    }

    public override string Name { get; }

    public override int Tiles { get; }

    /// <summary>A maker; see <see cref="CpuKernels"/>.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (Unary)binding.Operator;
        return op.Result.IsNone ? null : new ByteTableKernel(binding, op);
    }

    public override void Run(int first, int last, int worker)
    {
        long from = (long)first * TileElements, end = Math.Min((long)last * TileElements, count);
        ByteTable.Apply(table, x + from, y + from, (nint)(end - from));
    }
}
