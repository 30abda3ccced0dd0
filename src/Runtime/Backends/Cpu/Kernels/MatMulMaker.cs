using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Binds matrix products of floats.</summary>
internal static unsafe class MatMulMaker
{
    /// <summary>The kernel for a step; null when it is not one of floats, or its bias broadcasts in a way that tiles cannot add.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (MatMul)binding.Operator;
        TensorView bias = binding.Input(MatMul.Bias);
        long count = binding.Output(0).Shape.Count;
        if (!CpuBinding.Are(DataType.F32, binding.Input(0), binding.Input(1), binding.Output(0)) || count == 0) return null;
        var shapes = new MatMulShapes(op, binding.Input(0).Shape, binding.Input(1).Shape);
        if (shapes.K == 0) return null;
        float* start = null, residual = null;
        if (!bias.IsMissing)
        {
            if (bias.DataType != DataType.F32) return null;
            bool hasColumns = binding.Input(1).Shape.Rank > 1;
            if (hasColumns && bias.Shape.Count == shapes.N && (shapes.N == 1 || bias.Shape[-1] == shapes.N)) start = (float*)bias.Data;
            else if (bias.Shape.Count == count) residual = (float*)bias.Data;
            else if (bias.Shape.Count == 1 && binding.IsConstant(MatMul.Bias)) start = Repeat(binding, *(float*)bias.Data, shapes.N);
            else return null;
        }
        return LanesChoice.Padded(new Maker(binding, op, shapes, (nint)start, (nint)residual), shapes.N);
    }

    private static float* Repeat(CpuBinding binding, float value, int count)
    {
        float* repeated = (float*)binding.Allocate((long)count * sizeof(float));
        new Span<float>(repeated, count).Fill(value);
        return repeated;
    }

    private sealed record Maker(CpuBinding Binding, MatMul Op, MatMulShapes Shapes, nint Bias, nint Residual) : ILanesMaker
    {
        public CpuKernel Make<L, V>() where L : struct, ILanes<V> where V : unmanaged =>
            MatMulKernel<L, V>.Bind(Binding, Op, Shapes, (float*)Bias, (float*)Residual);
    }
}
