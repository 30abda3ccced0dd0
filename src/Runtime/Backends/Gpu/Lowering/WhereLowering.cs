using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>The choice between two tensors, element by element.</summary>
internal static class WhereLowering
{
    public static GpuLowering Lower(GpuStep step)
    {
        TensorType condition = step.InputType(0), a = step.InputType(1), b = step.InputType(2);
        if (a.DataType is not (DataType.F32 or DataType.I32)) return GpuLowering.Reject($"a choice between {a.DataType} has no shader");
        var axes = new BroadcastAxes(step.OutputType().Shape, a.Shape, b.Shape, condition.Shape);
        BufferRef first = step.Input(1), second = step.Input(2), y = step.Output();
        return axes.Lower(step, "where", [step.Input(0), first, second, first, second, y, y], ("TYPE", (int)WordKinds.Of(a.DataType)!.Value));
    }
}
