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
        var function = new Activation(unary.Function, unary.Alpha, unary.Beta);
        DataType type = step.InputType(0).DataType;
        if (type == DataType.F32 && step.OutputType().DataType == DataType.F32) return Apply(step, function);
        bool served = unary.Function switch
        {
            UnaryFunction.IsNaN or UnaryFunction.IsInf => type == DataType.F32,
            UnaryFunction.Not => type == DataType.Bool,
            UnaryFunction.BitwiseNot or UnaryFunction.Identity => type == DataType.I32,
            _ => false,
        };
        return served ? ConvertLowering.Apply(step, function) : GpuLowering.Reject($"{unary.Function} of {type} has no shader");
    }

    /// <summary>A function of floats.</summary>
    public static GpuLowering Apply(GpuStep step, Activation function)
    {
        long vectors = (step.InputType(0).Shape.Count + 3) / 4;
        if (vectors is 0 or > int.MaxValue / 4) return GpuLowering.Reject($"{vectors * 4:N0} elements are none or too many for a dispatch");
        return GpuLowering.To([.. Vectors.Select(many => new GpuCandidate($"unary_{many}", new Dispatch("unary", [step.Input(0), step.Output()],
            Grid.Linear((vectors + many - 1) / many, GroupSize, step.Traits.MaxGroups), new Grid(GroupSize), [("VECTORS", many), .. FusedActivation.Constants(function)], [(int)vectors])))]);
    }
}
