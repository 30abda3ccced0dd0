using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// The few best of many floats along the last axis: each element is compared with the worst of those kept so far, and nearly all end there. Floats are
/// compared as integers that sort as the definition does: NaN below all, both zeros alike.
/// </summary>
internal sealed unsafe class TopKKernel : CpuKernel
{
    /// <summary>More are sorted whole, by the definition: inserting would take longer.</summary>
    private const int MostKept = 256;

    private readonly float* x, values;
    private readonly long* indices;
    private readonly int* keys;
    private readonly int length, k, reversed;

    private TopKKernel(CpuBinding binding, bool largest)
    {
        Shape shape = binding.Input(0).Shape, kept = binding.Output(0).Shape;
        x = (float*)binding.Input(0).Data;
        values = (float*)binding.Output(0).Data;
        indices = (long*)binding.Output(1).Data;
        length = shape[-1];
        k = kept[-1];
        reversed = largest ? 0 : -1;
        Tiles = (int)(kept.Count / k);
        keys = (int*)binding.Allocate(kept.Count * sizeof(int));
    }

    public override string Name => "topk_f32";

    public override int Tiles { get; }

    /// <summary>A maker; see <see cref="CpuKernels"/>.</summary>
    public static CpuKernel? Make(CpuBinding binding)
    {
        var op = (TopK)binding.Operator;
        Shape shape = binding.Input(0).Shape;
        if (!CpuBinding.Are(DataType.F32, binding.Input(0)) || (op.Axis != -1 && op.Axis != shape.Rank - 1) || binding.Output(0).Shape.Count == 0) return null;
        return binding.Output(0).Shape[-1] <= MostKept ? new TopKKernel(binding, op.Largest) : null;
    }

    public override void Run(int first, int last, int worker)
    {
        for (int row = first; row < last; row++) Row(x + (long)row * length, keys + (long)row * k, values + (long)row * k, indices + (long)row * k);
    }

    private void Row(float* from, int* bestKeys, float* bestValues, long* bestIndices)
    {
        int count = 0, worst = int.MinValue;
        for (int i = 0; i < length; i++)
        {
            int key = Key(from[i]) ^ reversed;
            // Of equal ones the earlier stays.
            if (count == k && key <= worst) continue;
            int at = count < k ? count++ : k - 1;
            for (; at > 0 && bestKeys[at - 1] < key; at--) (bestKeys[at], bestValues[at], bestIndices[at]) = (bestKeys[at - 1], bestValues[at - 1], bestIndices[at - 1]);
            (bestKeys[at], bestValues[at], bestIndices[at]) = (key, from[i], i);
            worst = bestKeys[count - 1];
        }
    }

    private static int Key(float value)
    {
        int bits = BitConverter.SingleToInt32Bits(value + 0f);
        if (float.IsNaN(value)) return int.MinValue;
        return bits ^ ((bits >> 31) & int.MaxValue);
    }
}
