using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Passes;

/// <summary>Questions that passes ask about values.</summary>
internal static class GraphReading
{
    /// <summary>True when one node alone reads the value, once, and the graph does not return it: it may vanish into that node.</summary>
    public static bool HasOneReader(this Graph graph, Value value) => value.Consumers.Count == 1 && !graph.IsOutput(value);

    /// <summary>The operator that computes the value, if it is a <typeparamref name="T"/>.</summary>
    public static T? Made<T>(this Value? value) where T : Operator => value?.Producer?.Operator as T;

    /// <summary>The one element of a float constant, or null.</summary>
    public static float? Scalar(this Value? value) =>
        value?.Constant is { } c && c.Type.DataType == DataType.F32 && c.Shape.Count == 1 ? c.Span<float>()[0] : null;

    /// <summary>True when all elements of a constant are zero.</summary>
    public static bool IsZero(this Value? value)
    {
        if (value?.Constant is not { } c || !(c.Type.DataType.IsFloat() || c.Type.Quantization is null)) return false;
        return c.Type.DataType == DataType.F32 ? c.Span<float>().IndexOfAnyExcept(0f) < 0 : c.View.Bytes.IndexOfAnyExcept((byte)0) < 0;
    }

    /// <summary>
    /// The elements of a float constant that differ along the last axis only, one for each of <paramref name="channels"/>, or null.
    /// Its rank must not exceed <paramref name="rank"/>, else it would broadcast the other operand.
    /// </summary>
    public static float[]? PerChannel(this Value? value, int channels, int rank)
    {
        if (value?.Constant is not { } c || c.Type.DataType != DataType.F32 || c.Shape.Rank > rank || channels < 1) return null;
        if (c.Shape.Count == 1)
        {
            float[] all = new float[channels];
            Array.Fill(all, c.Span<float>()[0]);
            return all;
        }
        return c.Shape.Rank > 0 && c.Shape[-1] == channels && c.Shape.Count == channels ? c.Span<float>().ToArray() : null;
    }

    /// <summary>True when both shapes are surely the same: equal, and nothing in them unknown (symbols are known to be equal).</summary>
    public static bool SurelyEqual(in Shape a, in Shape b) => !a.IsUnranked && a == b && a.Span.IndexOf(Shape.Unknown) < 0;

    /// <summary>A copy of an operator, so that a pass may change its attributes.</summary>
    public static T Copy<T>(this T op) where T : Operator
    {
        Operator copy = OperatorCatalog.Create(op.Name)!;
        var reader = new AttributeCopy(op);
        copy.Attributes(reader);
        return (T)copy;
    }

    /// <summary>Adds a node of one output that takes another value's name: users find the value they know.</summary>
    public static Value AddNamed(this GraphPatch patch, Node like, string valueName, Operator op, params ReadOnlySpan<Value?> inputs)
    {
        Value value = patch.Add1(like.Name, op, inputs);
        value.Name = valueName;
        return value;
    }
}
