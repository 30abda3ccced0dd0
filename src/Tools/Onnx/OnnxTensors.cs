using System.Runtime.InteropServices;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Onnx.Proto;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace EdgeRuntime.Tools.Onnx;

/// <summary>ONNX tensors to our own. Nothing in a file is believed: sizes are checked before memory is taken.</summary>
internal static class OnnxTensors
{
    /// <summary>Our type for an ONNX element type, or <see cref="DataType.None"/> when there is none.</summary>
    public static DataType DataTypeOf(int onnxType) => onnxType switch
    {
        1 => DataType.F32,
        2 => DataType.U8,
        3 => DataType.I8,
        4 => DataType.U16,
        5 => DataType.I16,
        6 => DataType.I32,
        7 => DataType.I64,
        8 => DataType.Text,
        9 => DataType.Bool,
        10 => DataType.F16,
        11 => DataType.F64,
        12 => DataType.U32,
        13 => DataType.U64,
        16 => DataType.BF16,
        _ => DataType.None,
    };

    /// <summary>ONNX's number for one of our types.</summary>
    /// <exception cref="EdgeException">It has none.</exception>
    public static int NumberOf(DataType type)
    {
        for (int number = 1; number <= LastType; number++)
            if (DataTypeOf(number) == type) return number;
        throw new EdgeException(ErrorCode.UnsupportedOnnx, $"ONNX has no element type {type}.");
    }

    /// <summary>The last of ONNX's element types that we know.</summary>
    private const int LastType = 32;

    /// <summary>A tensor of numbers as ONNX writes it.</summary>
    public static TensorProto Write(TensorView view, string name)
    {
        var proto = new TensorProto { Name = name, DataType = NumberOf(view.DataType), RawData = ByteString.CopyFrom(view.Bytes) };
        foreach (int size in view.Shape.Span) proto.Dims.Add(size);
        return proto;
    }

    /// <summary>Our type for an ONNX element type.</summary>
    /// <exception cref="EdgeException">There is none; the message says why.</exception>
    public static DataType RequireDataType(int onnxType)
    {
        DataType type = DataTypeOf(onnxType);
        return type != DataType.None ? type : throw new EdgeException(ErrorCode.UnsupportedOnnx, onnxType switch
        {
            0 => "it has no element type",
            14 or 15 => "its elements are complex numbers; they are not supported",
            >= 17 and <= 20 or 24 => "its elements are 8-bit floats; they are not supported",
            21 or 22 => "its elements are 4-bit integers; they are not supported, quantize to 8 bits instead",
            23 => "its elements are 4-bit floats; they are not supported",
            _ => $"its element type {onnxType} is unknown",
        });
    }

    /// <summary>A shape from sizes.</summary>
    /// <exception cref="EdgeException">A size is negative or huge, or there are too many.</exception>
    public static Shape ShapeOf(IReadOnlyList<long> dims)
    {
        if (dims.Count > Shape.MaxRank) throw Malformed($"it has {dims.Count} dimensions; at most {Shape.MaxRank} are supported");
        Span<int> sizes = stackalloc int[dims.Count];
        for (int i = 0; i < sizes.Length; i++)
        {
            if (dims[i] is < 0 or > int.MaxValue) throw Malformed($"dimension {i} is {dims[i]}");
            sizes[i] = (int)dims[i];
        }
        return new Shape(sizes);
    }

    /// <summary>A tensor with memory of its own.</summary>
    /// <param name="proto">The tensor.</param>
    /// <param name="folder">Where its external data lies, or null when it may have none.</param>
    /// <exception cref="EdgeException">It is damaged or of an unsupported type; the message names only what is wrong with it.</exception>
    public static Tensor Read(TensorProto proto, string? folder)
    {
        if (OnnxSmallTypes.Knows(proto.DataType)) return OnnxSmallTypes.Read(proto, folder);
        var type = new TensorType(RequireDataType(proto.DataType), ShapeOf(proto.Dims));
        if (proto.Segment is not null) throw Malformed("it is stored in segments, which ONNX never finished specifying");
        if (type.DataType == DataType.Text && (proto.HasRawData || proto.DataLocation == TensorProto.Types.DataLocation.External))
            throw Malformed("its texts are stored as raw bytes, which the format does not allow");
        if (proto.DataLocation == TensorProto.Types.DataLocation.External) return OnnxExternalData.Read(proto, type, folder);

        long expected = type.ByteCount;
        if (!proto.HasRawData) return FromFields(proto, type);
        if (proto.RawData.Length != expected) throw Malformed($"{type} needs {expected:N0} bytes, the file has {proto.RawData.Length:N0}");
        var tensor = new Tensor(type);
        proto.RawData.Span.CopyTo(tensor.View.Bytes);
        NormalizeBooleans(tensor);
        return tensor;
    }

    /// <summary>A dense tensor from its non-zero values and where they are.</summary>
    /// <exception cref="EdgeException">It is damaged, or larger than 64 MiB.</exception>
    public static Tensor Read(SparseTensorProto proto, string? folder)
    {
        if (proto.Values is null || proto.Indices is null) throw Malformed("the sparse tensor has no values or no indices");
        using Tensor values = Read(proto.Values, folder), indices = Read(proto.Indices, folder);
        var type = new TensorType(values.Type.DataType, ShapeOf(proto.Dims));
        // Few bytes in the file may stand for many here.
        if (type.ByteCount > 64 << 20) throw Malformed($"the sparse tensor {type} would take {type.ByteCount:N0} bytes");
        int rank = type.Shape.Rank, size = type.DataType.Size();
        long count = values.Shape.Count;
        bool linear = indices.Shape.Rank == 1;
        if (indices.Type.DataType != DataType.I64 || indices.Shape.Count != (linear ? count : count * rank))
            throw Malformed($"the sparse tensor's indices {indices.Type} do not fit {count} values of rank {rank}");
        var dense = new Tensor(type);
        Span<long> at = indices.Span<long>();
        for (int i = 0; i < count; i++)
        {
            long position = linear ? at[i] : 0;
            for (int axis = 0; !linear && axis < rank; axis++)
            {
                long index = at[i * rank + axis];
                if (index < 0 || index >= type.Shape[axis]) throw Malformed($"index {index} of the sparse tensor is outside {type.Shape}");
                position = position * type.Shape[axis] + index;
            }
            if (position < 0 || position >= type.Shape.Count) throw Malformed($"index {position} of the sparse tensor is outside {type.Shape}");
            values.View.Bytes.Slice(i * size, size).CopyTo(dense.View.Bytes[(int)(position * size)..]);
        }
        return dense;
    }

    /// <summary>A sequence, of tensors or of others.</summary>
    /// <exception cref="EdgeException">An element is damaged or of an unsupported type.</exception>
    public static Tensor Read(SequenceProto proto, string? folder) => Pack(
    [
        .. proto.TensorValues.Select(t => Read(t, folder)), .. proto.SequenceValues.Select(s => Read(s, folder)), .. proto.OptionalValues.Select(o => Read(o, folder)),
    ]);

    /// <summary>An optional value: a sequence of at most one element.</summary>
    /// <exception cref="EdgeException">The element is damaged or of an unsupported type.</exception>
    public static Tensor Read(OptionalProto proto, string? folder) => Pack(
        proto.TensorValue is { } tensor ? [Read(tensor, folder)] : proto.SequenceValue is { } sequence ? [Read(sequence, folder)]
        : proto.OptionalValue is { } inner ? [Read(inner, folder)] : []);

    private static Tensor Pack(Tensor[] elements) => TensorSequence.Create(Array.ConvertAll(elements, e => e.View));

    /// <summary>Bool bytes are 0 or 1 here, any byte in a file.</summary>
    internal static void NormalizeBooleans(Tensor tensor)
    {
        if (tensor.Type.DataType != DataType.Bool) return;
        foreach (ref byte value in tensor.View.Bytes) value = value == 0 ? (byte)0 : (byte)1;
    }

    internal static EdgeException Malformed(string problem) => new(ErrorCode.MalformedOnnx, problem);

    private static Tensor FromFields(TensorProto proto, in TensorType type) => type.DataType switch
    {
        DataType.F32 => Copy(proto.FloatData, type, v => v),
        DataType.F64 => Copy(proto.DoubleData, type, v => v),
        DataType.I64 => Copy(proto.Int64Data, type, v => v),
        DataType.U64 => Copy(proto.Uint64Data, type, v => v),
        DataType.U32 => Copy(proto.Uint64Data, type, v => (uint)v),
        DataType.I32 => Copy(proto.Int32Data, type, v => v),
        DataType.I16 => Copy(proto.Int32Data, type, v => (short)v),
        DataType.U16 or DataType.F16 or DataType.BF16 => Copy(proto.Int32Data, type, v => (ushort)v),
        DataType.Text => Copy(proto.StringData, type, v => TextElement.From(v.Span)),
        DataType.I8 => Copy(proto.Int32Data, type, v => (sbyte)v),
        DataType.U8 => Copy(proto.Int32Data, type, v => (byte)v),
        _ => Copy(proto.Int32Data, type, v => v == 0 ? (byte)0 : (byte)1),
    };

    private static Tensor Copy<TFrom, T>(RepeatedField<TFrom> field, in TensorType type, Func<TFrom, T> convert) where T : unmanaged
    {
        if (field.Count != type.Shape.Count) throw Malformed($"{type} needs {type.Shape.Count:N0} elements, the file has {field.Count:N0}");
        var tensor = new Tensor(type);
        Span<T> elements = MemoryMarshal.Cast<byte, T>(tensor.View.Bytes);
        for (int i = 0; i < elements.Length; i++) elements[i] = convert(field[i]);
        return tensor;
    }
}
