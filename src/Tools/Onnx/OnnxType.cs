using EdgeRuntime.Diagnostics;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Onnx.Proto;

namespace EdgeRuntime.Tools.Onnx;

/// <summary>The type of a value in the model: a tensor, or what holds other values, which our graphs keep in one tensor each.</summary>
/// <param name="Tensor">The type of a tensor; of a sequence or an optional value, that of the tensor that holds it.</param>
/// <param name="Element">The type of the elements of a sequence or an optional value; null for tensors.</param>
internal sealed record OnnxType(TensorType Tensor, OnnxType? Element = null)
{
    private const int DeepestNesting = 8;

    /// <summary>How many sequences and optional values are inside of each other; 0 for tensors.</summary>
    public int Depth => Element is null ? 0 : Element.Depth + 1;

    /// <summary>The operator that takes an element of this type out of what holds it.</summary>
    public SequenceAt Taken => new()
    {
        To = Tensor.DataType, Ranked = !Tensor.Shape.IsUnranked, Dimensions = [.. Tensor.Shape.Span.ToArray().Select(d => (long)Math.Max(d, Shape.Unknown))],
    };

    /// <summary>A sequence or optional value of something.</summary>
    public static OnnxType Of(OnnxType element) => new(new TensorType(DataType.Sequence, Shape.Unknown), element);

    /// <summary>The type that a model declares; dimensions that are not plain numbers are unknown.</summary>
    /// <exception cref="EdgeException">It is not supported.</exception>
    public static OnnxType From(TypeProto? proto, int depth = 0)
    {
        if (depth > DeepestNesting) throw new EdgeException(ErrorCode.UnsupportedOnnx, $"its type nests more than {DeepestNesting} deep");
        if (proto?.SequenceType is { } sequence) return Of(From(sequence.ElemType, depth + 1));
        if (proto?.OptionalType is { } optional) return Of(From(optional.ElemType, depth + 1));
        if (proto?.TensorType is not { } tensor) throw new EdgeException(ErrorCode.UnsupportedOnnx, "it is no tensor, sequence or optional value; others, such as maps, are not supported");
        Shape shape = Shape.Unranked;
        if (tensor.Shape is { } declared)
        {
            if (declared.Dim.Count > Shape.MaxRank) throw new EdgeException(ErrorCode.UnsupportedOnnx, $"it has {declared.Dim.Count} dimensions; at most {Shape.MaxRank} are supported");
            shape = new Shape([.. declared.Dim.Select(d => d.HasDimValue && d.DimValue is >= 0 and <= int.MaxValue ? (int)d.DimValue : Shape.Unknown)]);
        }
        return new OnnxType(new TensorType(OnnxHalves.Widen(OnnxTensors.RequireDataType(tensor.ElemType)), shape));
    }

    /// <summary>True for a type that is kept in a tensor of ours.</summary>
    public static bool IsKept(TypeProto? proto) => proto?.SequenceType is not null || proto?.OptionalType is not null;
}
