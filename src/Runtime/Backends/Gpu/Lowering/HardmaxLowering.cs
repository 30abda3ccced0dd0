using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>1 at the largest element along an axis.</summary>
internal static class HardmaxLowering
{
    public static GpuLowering Lower(GpuStep step)
    {
        TensorType x = step.InputType(0);
        if (x.DataType != DataType.F32) return GpuLowering.Reject($"{x.DataType} has no hardmax shader");
        if (x.Shape.Count == 0) return GpuLowering.Reject("there are no elements");
        return RowLayout.Along(x.Shape, ((Hardmax)step.Operator).Axis, ordered: true)
            .Lower("hardmax", [step.Input(0), step.Input(0), step.Output(), step.Output()], step.Traits);
    }
}
