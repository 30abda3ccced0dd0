using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Onnx.Proto;

namespace EdgeRuntime.Tools.Onnx;

/// <summary>
/// Constants of element types that only weights have: 4-bit integers become 8-bit ones, 8-bit floats become F32 (a table of 256 numbers). The model's inputs and results cannot have them.
/// </summary>
internal static class OnnxSmallTypes
{
    private const int E4M3 = 17, E4M3Uz = 18, E5M2 = 19, E5M2Uz = 20, Uint4 = 21, Int4 = 22;

    /// <summary>True for the types that are widened here.</summary>
    public static bool Knows(int onnxType) => onnxType is >= E4M3 and <= Int4;

    /// <summary>The constant, widened.</summary>
    /// <exception cref="EdgeException">It is damaged.</exception>
    public static Tensor Read(TensorProto proto, string? folder)
    {
        if (proto.Segment is not null) throw OnnxTensors.Malformed("it is stored in segments, which ONNX never finished specifying");
        Shape shape = OnnxTensors.ShapeOf(proto.Dims);
        bool isHalf = proto.DataType is Uint4 or Int4;
        long bytes = isHalf ? (shape.Count + 1) / 2 : shape.Count;
        byte[] packed = Bytes(proto, folder, bytes);
        var tensor = new Tensor(new TensorType(proto.DataType switch { Uint4 => DataType.U8, Int4 => DataType.I8, _ => DataType.F32 }, shape));
        if (!isHalf)
        {
            float[] table = [.. Enumerable.Range(0, 256).Select(bits => Float(proto.DataType, bits))];
            Span<float> reals = tensor.Span<float>();
            for (int i = 0; i < reals.Length; i++) reals[i] = table[packed[i]];
            return tensor;
        }
        Span<byte> numbers = tensor.View.Bytes;
        for (int i = 0; i < numbers.Length; i++)
        {
            int number = (packed[i / 2] >> (i % 2 * 4)) & 15;
            numbers[i] = (byte)(proto.DataType == Int4 && number > 7 ? number - 16 : number);
        }
        return tensor;
    }

    /// <summary>The bytes as they are stored: raw, outside, or one in each element of a list.</summary>
    private static byte[] Bytes(TensorProto proto, string? folder, long count)
    {
        if (count > int.MaxValue) throw OnnxTensors.Malformed("it has more than 2^31 elements");
        if (proto.DataLocation == TensorProto.Types.DataLocation.External)
        {
            using Tensor outside = OnnxExternalData.Read(proto, new TensorType(DataType.U8, (int)count), folder);
            return outside.View.Bytes.ToArray();
        }
        long given = proto.HasRawData ? proto.RawData.Length : proto.Int32Data.Count;
        if (given != count) throw OnnxTensors.Malformed($"it needs {count:N0} bytes, the file has {given:N0}");
        return proto.HasRawData ? proto.RawData.ToByteArray() : [.. proto.Int32Data.Select(v => unchecked((byte)v))];
    }

    /// <summary>The value of an 8-bit float: sign, exponent and mantissa; the types with UZ have one NaN, no infinity and no negative zero.</summary>
    private static float Float(int type, int bits)
    {
        bool wide = type is E5M2 or E5M2Uz, single = type is E4M3Uz or E5M2Uz;
        int mantissaBits = wide ? 2 : 3, bias = (wide ? 15 : 7) + (single ? 1 : 0);
        int exponent = (bits & 127) >> mantissaBits, mantissa = bits & ((1 << mantissaBits) - 1);
        if (single && bits == 128) return float.NaN;
        if (type == E4M3 && (bits & 127) == 127) return float.NaN;
        if (type == E5M2 && exponent == 31) return mantissa != 0 ? float.NaN : bits >= 128 ? float.NegativeInfinity : float.PositiveInfinity;
        float magnitude = exponent == 0 ? MathF.ScaleB(mantissa, 1 - bias - mantissaBits) : MathF.ScaleB((1 << mantissaBits) + mantissa, exponent - bias - mantissaBits);
        return bits >= 128 ? -magnitude : magnitude;
    }
}
