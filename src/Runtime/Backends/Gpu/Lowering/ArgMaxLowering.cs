using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Places of largest and smallest elements; they are 64-bit integers, written as two words.</summary>
internal static class ArgMaxLowering
{
    public static GpuLowering Lower(GpuStep step)
    {
        var op = (ArgMax)step.Operator;
        TensorType x = step.InputType(0);
        if (x.DataType != DataType.F32) return GpuLowering.Reject($"{x.DataType} has no shader for the largest element's place");
        if (x.Shape.Count == 0) return GpuLowering.Reject("there are no elements");
        return RowLayout.Along(x.Shape, op.Axis, ordered: true).Lower("argmax", [step.Input(0), step.Input(0), step.Output()], step.Traits,
            ("SMALLEST", op.Smallest ? 1 : 0), ("LAST", op.SelectLast ? 1 : 0));
    }
}
