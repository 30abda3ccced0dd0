using System.Text.Json;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.TensorFlow;

/// <summary>
/// TensorFlow's element types and shapes as ours. TensorFlow.js computes with three types, and so does what is imported: every integer is
/// an I32, every real number an F32.
/// </summary>
internal static class TensorFlowTypes
{
    /// <summary>Our type for the name or number of one of TensorFlow's; <see cref="DataType.None"/> when there is none.</summary>
    public static DataType DataTypeOf(JsonElement? type) => type.Text() switch
    {
        "DT_FLOAT" or "DT_HALF" or "DT_DOUBLE" or "DT_BFLOAT16" => DataType.F32,
        "DT_INT32" or "DT_INT64" or "DT_INT16" or "DT_INT8" or "DT_UINT8" or "DT_UINT16" or "DT_UINT32" or "DT_UINT64" => DataType.I32,
        "DT_BOOL" => DataType.Bool,
        null => type.Integer() switch
        {
            1 or 2 or 14 or 19 => DataType.F32,
            3 or 4 or 5 or 6 or 9 or 17 or 22 or 23 => DataType.I32,
            10 => DataType.Bool,
            _ => DataType.None,
        },
        _ => DataType.None,
    };

    /// <summary>A shape as graphs and signatures write it, -1 and missing sizes as unknown; unranked when it is not given.</summary>
    /// <exception cref="EdgeException">It has too many dimensions, or impossible ones.</exception>
    public static Shape ShapeOf(JsonElement? shape)
    {
        if (shape is null || shape.Member("unknownRank") is { ValueKind: JsonValueKind.True }) return Shape.Unranked;
        return ShapeOf(shape.Member("dim").Items().Select(dim => ((JsonElement?)dim).Member("size")), unknown: true);
    }

    /// <summary>A shape from sizes.</summary>
    /// <param name="sizes">The sizes; a missing one is 0 in protobuf's JSON when known, unknown in signatures.</param>
    /// <param name="unknown">True when -1 stands for an unknown size.</param>
    /// <exception cref="EdgeException">It has too many dimensions, or impossible ones.</exception>
    public static Shape ShapeOf(IEnumerable<JsonElement?> sizes, bool unknown)
    {
        var dims = new List<int>();
        foreach (JsonElement? element in sizes)
        {
            long size = element is null && unknown ? 0 : element.Integer() ?? throw Malformed("a dimension is no number");
            if (size is < -1 or > int.MaxValue || (size < 0 && !unknown)) throw Malformed($"dimension {dims.Count} is {size}");
            if (dims.Count == Shape.MaxRank) throw Malformed($"it has more than {Shape.MaxRank} dimensions, which is not supported");
            dims.Add(size < 0 ? Shape.Unknown : (int)size);
        }
        return new Shape([.. dims]);
    }

    internal static EdgeException Malformed(string problem) => new(ErrorCode.MalformedTensorFlow, problem);
}
