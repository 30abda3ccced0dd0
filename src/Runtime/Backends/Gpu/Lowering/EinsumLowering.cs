using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Einstein sums of two operands that are products of matrices: one index is summed over, and each operand walks its axes in its own strides.</summary>
internal static class EinsumLowering
{
    public static GpuLowering Lower(GpuStep step)
    {
        var einsum = (Einsum)step.Operator;
        if (step.InputType(0).DataType is not DataType.F32 and var type) return GpuLowering.Reject($"{type} has no shader for Einstein sums");
        string equation = einsum.Equation.Replace(" ", "", StringComparison.Ordinal);
        if (step.Inputs != 2 || equation.Split("->") is not [var left, var y] || left.Split(',') is not [var a, var b] || equation.Contains('.', StringComparison.Ordinal))
            return GpuLowering.Reject($"'{einsum.Equation}' is no product of two matrices");
        if (step.InputType(0).Shape.Count == 0 || step.InputType(1).Shape.Count == 0) return GpuLowering.Reject("there are no elements");
        string summed = string.Concat(a.Concat(b).Distinct().Where(letter => !y.Contains(letter, StringComparison.Ordinal)));
        if (y.Length == 0 || a.Distinct().Count() != a.Length || b.Distinct().Count() != b.Length || summed.Length > 1)
            return GpuLowering.Reject($"'{einsum.Equation}' has a diagonal or sums over several indices");
        // The last index of the result is the columns', so it may be in one operand only: that is the right one.
        Shape shapeA = step.InputType(0).Shape, shapeB = step.InputType(1).Shape;
        bool swap = a.Contains(y[^1], StringComparison.Ordinal);
        if (swap && b.Contains(y[^1], StringComparison.Ordinal)) return GpuLowering.Reject($"the last index of '{einsum.Equation}' is in both operands");
        if (swap) (a, b, shapeA, shapeB) = (b, a, shapeB, shapeA);
        Shape result = step.OutputType().Shape;
        int inner = summed.Length == 0 ? 1 : Math.Max(Size(a, shapeA, summed[0]), Size(b, shapeB, summed[0]));
        return new Product(step, result.Span[..^1].ToArray(), result[-1], inner)
        {
            A = Operand(swap ? 1 : 0, a, shapeA),
            B = Operand(swap ? 0 : 1, b, shapeB),
        }.Lower();

        ProductOperand Operand(int input, string term, Shape shape) => new(step.Input(input), [.. y[..^1].Select(letter => Stride(term, shape, letter))],
            Stride(term, shape, y[^1]), summed.Length == 0 ? 0 : Stride(term, shape, summed[0]));
    }

    private static int Size(string term, Shape shape, char letter) => term.IndexOf(letter) is >= 0 and var axis ? shape[axis] : 1;

    /// <summary>How far a step of an index goes; 0 where it is missing or repeats.</summary>
    private static long Stride(string term, Shape shape, char letter)
    {
        int axis = term.IndexOf(letter);
        return axis < 0 || shape[axis] == 1 ? 0 : shape.Product(axis + 1, shape.Rank);
    }
}
