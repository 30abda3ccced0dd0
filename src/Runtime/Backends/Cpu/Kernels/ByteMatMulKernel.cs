namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>A matrix product of integers.</summary>
internal sealed unsafe class ByteMatMulKernel<L, V>(CpuBinding binding, BytePanels<L, V> panels, SumsEpilogue epilogue, MatMulShapes shapes, int? zeroX)
    : ByteProductKernel<L, V>(binding, [panels], epilogue, shapes.K, shapes.M, zeroX, zeroX is null ? binding.Input(2) : default) where L : struct, IShortLanes<V> where V : unmanaged
{
    private readonly byte* x = (byte*)binding.Input(0).Data;

    public override string Name => $"matmul_i8_{Tile}";

    protected override void Gather(long row, int count, int group, short zeroX, short* target, int step)
    {
        if (step == shapes.K)
        {
            ByteRows.Centre(x + row * step, (nint)count * step, IsSigned, zeroX, target);
            return;
        }
        for (int i = 0; i < count; i++)
        {
            ByteRows.Centre(x + (row + i) * shapes.K, shapes.K, IsSigned, zeroX, target + (long)i * step);
            target[(long)i * step + shapes.K] = 0;
        }
    }
}

