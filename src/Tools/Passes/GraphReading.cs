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

    /// <summary>True when all elements are known to be zero.</summary>
    public static bool IsZero(this Value? value)
    {
        if (value.Made<Expand>() is not null) return value!.Producer!.Inputs[0].IsZero();
        if (value?.Constant is not { } c || c.Type.Quantization is not null) return false;
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

    /// <summary>A copy of an operator that applies the activation last, or null if it cannot or applies another already.</summary>
    public static Operator? WithActivation(this Operator op, Activation activation)
    {
        if (op is Conv { Result.IsNone: false } or MatMul { Result.IsNone: false } or Operators.Binary { Result.IsNone: false } && !Requantize.IsClamp(activation)) return null;
        switch (op)
        {
            case Conv { Activation.IsNone: true } conv:
                Conv newConv = conv.Copy();
                newConv.Activation = activation;
                return newConv;
            case ConvTranspose { Activation.IsNone: true } deconvolution:
                ConvTranspose newDeconvolution = deconvolution.Copy();
                newDeconvolution.Activation = activation;
                return newDeconvolution;
            case MatMul { Activation.IsNone: true } product:
                MatMul newProduct = product.Copy();
                newProduct.Activation = activation;
                return newProduct;
            case Binary { Activation.IsNone: true } binary:
                Binary newBinary = binary.Copy();
                newBinary.Activation = activation;
                return newBinary;
            default:
                return null;
        }
    }

    /// <summary>Adds a node of one output that takes another value's name: users find the value they know.</summary>
    public static Value AddNamed(this GraphPatch patch, Node like, string valueName, Operator op, params ReadOnlySpan<Value?> inputs)
    {
        Value value = patch.Add1(like.Name, op, inputs);
        value.Name = valueName;
        return value;
    }
}
