using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Elements that change their type, and the functions of one element whose results are no floats.</summary>
internal static class ConvertLowering
{
    private const int GroupSize = 64;

    public static GpuLowering Lower(GpuStep step) => Apply(step, new Activation(UnaryFunction.Identity));

    /// <summary>A conversion, or IsNaN, IsInf, Not or BitwiseNot.</summary>
    public static GpuLowering Apply(GpuStep step, Activation function)
    {
        DataType from = step.InputType(0).DataType, to = step.OutputType().DataType;
        WordKind? read = QuantizedNumbers.Are(from) ? WordKind.Bytes : WordKinds.Of(from);
        if (read is null || WordKinds.Of(to) is not { } written) return GpuLowering.Reject($"{step.Operator.Name} from {from} to {to} has no shader");
        long vectors = (step.InputType(0).Shape.Count + 3) / 4;
        if (vectors is 0 or > int.MaxValue / 4) return GpuLowering.Reject($"{vectors * 4:N0} elements are none or too many for a dispatch");
        BufferRef x = step.Input(0), y = step.Output();
        return GpuLowering.To(new GpuCandidate("convert", new Dispatch("convert", [x, x, x, y, y, y], Grid.Linear(vectors, GroupSize, step.Traits.MaxGroups), new Grid(GroupSize),
            [("FROM", (int)read), ("TO", (int)written), ("FUNCTION", (int)function.Function), ("SIGNED", from == DataType.I8 ? 1 : 0), ("NEGATIVE", (int)function.Alpha), ("POSITIVE", (int)function.Beta)], [(int)vectors])));
    }
}
