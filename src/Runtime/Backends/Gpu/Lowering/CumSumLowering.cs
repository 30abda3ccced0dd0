using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Running sums, each row by one invocation.</summary>
internal static class CumSumLowering
{
    public static GpuLowering Lower(GpuStep step)
    {
        var op = (CumSum)step.Operator;
        TensorType x = step.InputType(0);
        if (x.DataType != DataType.F32) return GpuLowering.Reject($"{x.DataType} has no shader for running sums");
        if (x.Shape.Count == 0) return GpuLowering.Reject("there are no elements");
        if (step.Constant(1) is not { } axis || new Operand(axis.Type, axis).Integers() is not [var along]) return GpuLowering.Reject("the axis is computed");
        return RowLayout.Along(x.Shape, (int)along, ordered: true).Lower("cumsum", [step.Input(0), step.Input(0), step.Output(), step.Output()], step.Traits,
            ("BACKWARD", op.Reverse ? 1 : 0), ("EXCLUSIVE", op.Exclusive ? 1 : 0));
    }
}
