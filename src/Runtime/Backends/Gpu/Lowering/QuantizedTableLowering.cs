using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Functions of one quantized number, changes of scale among them: a table of 256 bytes.</summary>
internal static class QuantizedTableLowering
{
    public static GpuLowering Lower(GpuStep step)
    {
        TensorType x = step.InputType(0);
        if (x.Shape.Count is 0 or > int.MaxValue - 16) return GpuLowering.Reject("there are no elements, or too many for a dispatch");
        int vectors = (int)((x.Shape.Count + 15) / 16);
        BufferRef table = step.PackIntegers(QuantizedNumbers.Words(((Unary)step.Operator).Table(x)));
        return GpuLowering.To(new GpuCandidate("table_i8", new Dispatch("table_i8", [step.Input(0), table, step.Output()],
            Grid.Linear(vectors, QuantizedNumbers.GroupSize, step.Traits.MaxGroups), new Grid(QuantizedNumbers.GroupSize), [], [vectors])));
    }
}
