using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>
/// How kernels read and write numbers of 8 bits: signed ones with the highest bit turned over, which makes them unsigned ones that are larger by 128; see include/bytes.inc.
/// </summary>
internal static class QuantizedNumbers
{
    /// <summary>Invocations in a workgroup.</summary>
    public const int GroupSize = 64;

    /// <summary>Whether a type has 8 bits and is a number.</summary>
    public static bool Are(DataType type) => type is DataType.U8 or DataType.I8;

    /// <summary>The bits to turn over in a word of four.</summary>
    public static int Flip(DataType type) => type == DataType.I8 ? unchecked((int)0x80808080) : 0;

    /// <summary>What turning over adds to each.</summary>
    public static int Added(DataType type) => type == DataType.I8 ? 128 : 0;

    /// <summary>Zero point of a tensor of one scale, as it is after turning over.</summary>
    public static int Zero(in TensorType type) => type.Quantization!.ZeroPoints[0] + Added(type.DataType);

    /// <summary>Bytes as words, the last filled up.</summary>
    public static int[] Words(ReadOnlySpan<byte> bytes)
    {
        int[] words = new int[(bytes.Length + 3) / 4];
        for (int i = 0; i < bytes.Length; i++) words[i / 4] |= bytes[i] << (8 * (i % 4));
        return words;
    }
}
