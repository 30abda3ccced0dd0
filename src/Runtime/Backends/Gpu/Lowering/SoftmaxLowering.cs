using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Softmax and its logarithm along any axis.</summary>
internal static class SoftmaxLowering
{
    public static GpuLowering Lower(GpuStep step)
    {
        var softmax = (Softmax)step.Operator;
        TensorType x = step.InputType(0);
        if (x.DataType != DataType.F32) return GpuLowering.Reject($"{x.DataType} has no softmax shader");
        if (x.Shape.Count == 0) return GpuLowering.Reject("there are no elements");
        var rows = RowLayout.Along(x.Shape, softmax.Axis);
        return rows.Lower("softmax", [step.Input(0), step.Input(0), step.Output(), step.Output()], step.Traits, ("LOGARITHM", softmax.Logarithm ? 1 : 0));
    }
}
