using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Elements of one tensor or another, as a third says; of any type.</summary>
internal sealed unsafe class WhereKernel<T> : RowsKernel where T : unmanaged
{
    private readonly byte* condition;
    private readonly T* yes, no, result;

    private WhereKernel(CpuBinding binding) : base($"where_{8 * sizeof(T)}", binding.Output(0).Shape, binding.Input(0).Shape, binding.Input(1).Shape, binding.Input(2).Shape)
    {
        condition = (byte*)binding.Input(0).Data;
        yes = (T*)binding.Input(1).Data;
        no = (T*)binding.Input(2).Data;
        result = (T*)binding.Output(0).Data;
    }

    /// <summary>The kernel for a step.</summary>
    public static CpuKernel Bind(CpuBinding binding) => new WhereKernel<T>(binding);

    protected override void Compute(long a, long stepA, long b, long stepB, long c, long stepC, long y, long count)
    {
        byte* from = condition + a;
        T* left = yes + b, right = no + c, to = result + y;
        if (stepA == 0)
        {
            bool open = *from != 0;
            Copy(open ? left : right, open ? stepB : stepC, to, count);
            return;
        }
        for (long i = 0; i < count; i++) to[i] = from[i * stepA] != 0 ? left[i * stepB] : right[i * stepC];
    }

    private static void Copy(T* from, long step, T* to, long count)
    {
        for (long i = 0; i < count; i++) to[i] = from[i * step];
    }
}

/// <summary>Binds choices.</summary>
internal static class WhereMaker
{
    /// <summary>The kernel for a step; null when there is nothing to choose.</summary>
    public static CpuKernel? Make(CpuBinding binding) => binding.Output(0).Shape.Count == 0 ? null : binding.Output(0).DataType.Size() switch
    {
        1 => WhereKernel<byte>.Bind(binding),
        2 => WhereKernel<ushort>.Bind(binding),
        4 => WhereKernel<uint>.Bind(binding),
        8 => WhereKernel<ulong>.Bind(binding),
        _ => null,
    };
}
