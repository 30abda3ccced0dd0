using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Functions of two elements: by vectors where one operand is whole and the other repeats simply, else by strides.</summary>
internal static class BinaryLowering
{
    private const int GroupSize = 64;

    /// <summary>Vectors of four computed by an invocation: many where invocations are dear, one where they run side by side.</summary>
    private static readonly int[] Vectors = [4, 1, 16];

    public static GpuLowering Lower(GpuStep step)
    {
        var binary = (Binary)step.Operator;
        TensorType a = step.InputType(0), b = step.InputType(1), y = step.OutputType();
        if (binary.Function == BinaryFunction.Pow && b.DataType != DataType.F32 && step.Constant(1) is null) return GpuLowering.Reject($"Pow with exponents that are computed as {b.DataType} has no shader");
        if (binary.Function != BinaryFunction.Pow && a.DataType != b.DataType) return GpuLowering.Reject($"{binary.Function} of {a.DataType} and {b.DataType} has no shader");
        var axes = new BroadcastAxes(y.Shape, a.Shape, b.Shape);
        if (y.DataType == DataType.Bool) return Compare(step, binary.Function, axes);
        return a.DataType switch
        {
            DataType.F32 => Floats(step, binary, axes),
            DataType.I32 => Integers(step, binary, axes),
            _ => GpuLowering.Reject($"{binary.Function} of {a.DataType} has no shader"),
        };
    }

    private static GpuLowering Floats(GpuStep step, Binary binary, BroadcastAxes axes)
    {
        if (binary.Function > BinaryFunction.PRelu) return GpuLowering.Reject($"{binary.Function} of F32 has no shader");
        if (FusedActivation.Rejection(binary.Activation) is { } reason) return GpuLowering.Reject(reason);
        BufferRef a = step.Input(0), b = step.Input(1);
        if (binary.Function == BinaryFunction.Pow && step.Constant(1) is { } exponent)
        {
            double[] exponents = Elements.Read(exponent);
            // What normalisations are made of.
            if (binary.Activation.IsNone && exponents.Length == 1 && exponents[0] == 2 && axes.IsWhole(0)) return UnaryLowering.Apply(step, new Activation(UnaryFunction.Square));
            if (exponent.DataType != DataType.F32) b = step.Pack(exponents.Length, elements => Array.ConvertAll(exponents, e => (float)e).CopyTo(elements));
        }
        KernelConstant[] function = [("FUNCTION", (int)binary.Function), .. FusedActivation.Constants(binary.Activation)];
        long vectors = (step.OutputType().Shape.Count + 3) / 4;
        if (vectors is 0 or > int.MaxValue / 4 || Layouts(axes) is not { } layout) return axes.Lower(step, "binary_strided", [a, b, step.Output()], function);
        return GpuLowering.To([.. Vectors.Select(many => new GpuCandidate($"binary_{many}", new Dispatch("binary", [a, b, a, b, step.Output()],
            Grid.Linear((vectors + many - 1) / many, GroupSize, step.Traits.MaxGroups), new Grid(GroupSize),
            [("VECTORS", many), ("LAYOUT_A", (int)layout.A), ("LAYOUT_B", (int)layout.B), .. function], [(int)vectors, layout.Period, layout.Run])))]);
    }

    private static GpuLowering Integers(GpuStep step, Binary binary, BroadcastAxes axes)
    {
        if (binary.Function is BinaryFunction.Pow or BinaryFunction.ShiftLeft or BinaryFunction.ShiftRight || !binary.Activation.IsNone)
            return GpuLowering.Reject($"{binary.Function} of I32 has no shader");
        return axes.Lower(step, "integer_strided", [step.Input(0), step.Input(1), step.Output()], ("FUNCTION", (int)binary.Function));
    }

    private static GpuLowering Compare(GpuStep step, BinaryFunction function, BroadcastAxes axes)
    {
        DataType compared = step.InputType(0).DataType;
        if (WordKinds.Of(compared) is not { } kind) return GpuLowering.Reject($"{function} of {compared} has no shader");
        BufferRef a = step.Input(0), b = step.Input(1);
        return axes.Lower(step, "compare", [a, b, a, b, step.Output()], ("FUNCTION", (int)function), ("TYPE", (int)kind));
    }

    /// <summary>How an operand is read by vectors, numbered as in binary.kernel.</summary>
    private enum Layout
    {
        Whole,
        Number,
        Periods,
        Runs,
    }

    /// <summary>The layouts that binary.kernel needs; null when it cannot.</summary>
    private static (Layout A, Layout B, int Period, int Run)? Layouts(BroadcastAxes axes)
    {
        if (axes.IsWhole(0) && Repeated(axes, 1) is var (b, period, run)) return (Layout.Whole, b, period, run);
        if (axes.IsWhole(1) && Repeated(axes, 0) is var (a, periodA, runA)) return (a, Layout.Whole, periodA, runA);
        return null;
    }

    private static (Layout Layout, int Period, int Run)? Repeated(BroadcastAxes axes, int operand)
    {
        if (axes.IsWhole(operand)) return (Layout.Whole, 1, 1);
        long inner = axes.Stride(0, operand), size = axes.Size(0);
        if (axes.Count == 1) return inner == 0 ? (Layout.Number, 1, 1) : null;
        if (size % 4 != 0) return null;
        if (axes.Count == 2 && inner == 1 && axes.Stride(1, operand) == 0) return (Layout.Periods, (int)(size / 4), 1);
        bool last = axes.Count == 2 || (axes.Count == 3 && axes.Stride(2, operand) == 0);
        return inner == 0 && axes.Stride(1, operand) == 1 && last ? (Layout.Runs, (int)axes.Size(1), (int)(size / 4)) : null;
    }
}
