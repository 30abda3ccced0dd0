using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Functions of one element: unary.kernel has them all.</summary>
internal static class UnaryLowering
{
    private const int GroupSize = 64;

    /// <summary>Vectors of four computed by an invocation: many where invocations are dear, one where they run side by side.</summary>
    private static readonly int[] Vectors = [4, 1, 16];

    public static GpuLowering Lower(GpuStep step)
    {
        var unary = (Unary)step.Operator;
        TensorType x = step.InputType(0);
        if (x.DataType != DataType.F32 || step.OutputType().DataType != DataType.F32) return GpuLowering.Reject($"{unary.Function} of {x.DataType} has no shader");
        long vectors = (x.Shape.Count + 3) / 4;
        if (vectors is 0 or > int.MaxValue / 4) return GpuLowering.Reject($"{x.Shape.Count:N0} elements are none or too many for a dispatch");
        KernelConstant[] function = FusedActivation.Constants(new Activation(unary.Function, unary.Alpha, unary.Beta));
        return GpuLowering.To([.. Vectors.Select(many => new GpuCandidate($"unary_{many}", new Dispatch("unary", [step.Input(0), step.Output()],
            Grid.Linear((vectors + many - 1) / many, GroupSize, step.Traits.MaxGroups), new Grid(GroupSize), [("VECTORS", many), .. function], [(int)vectors])))]);
    }
}
