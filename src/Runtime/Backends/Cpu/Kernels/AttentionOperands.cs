using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>Where attention finds the rows of its operands, whichever of heads and length comes first.</summary>
internal sealed unsafe class AttentionOperands
{
    public readonly int Batch, Heads, Length, Keys, Size, ValueSize;

    /// <summary>Floats from one row of a head to the next.</summary>
    public readonly nint QueryStep, KeyStep, ValueStep;

    private readonly int sharing;
    private readonly float* q, k, v, y;
    private readonly long[] qs = new long[4], ks = new long[4], vs = new long[4], ys = new long[4];

    public AttentionOperands(CpuBinding binding, Attention op)
    {
        q = (float*)binding.Input(0).Data;
        k = (float*)binding.Input(1).Data;
        v = (float*)binding.Input(2).Data;
        y = (float*)binding.Output(0).Data;
        Shape query = op.Strides(binding.Input(0).Shape, op.QueryByLength, qs), key = op.Strides(binding.Input(1).Shape, op.KeyByLength, ks);
        Shape value = op.Strides(binding.Input(2).Shape, op.ValueByLength, vs);
        op.Strides(binding.Output(0).Shape, op.ResultByLength, ys);
        (Batch, Heads, Length, Size) = (query[0], query[1], query[2], query[3]);
        (Keys, ValueSize) = (key[2], value[3]);
        sharing = Heads / key[1];
        (QueryStep, KeyStep, ValueStep) = ((nint)qs[2], (nint)ks[2], (nint)vs[2]);
    }

    /// <summary>A query.</summary>
    public float* Query(int batch, int head, int row) => q + batch * qs[0] + head * qs[1] + row * qs[2];

    /// <summary>The first key of a head.</summary>
    public float* Key(int batch, int head) => k + batch * ks[0] + head / sharing * ks[1];

    /// <summary>The first value of a head.</summary>
    public float* Value(int batch, int head) => v + batch * vs[0] + head / sharing * vs[1];

    /// <summary>Where the result of a query goes.</summary>
    public float* Result(int batch, int head, int row) => y + batch * ys[0] + head * ys[1] + row * ys[2];
}
