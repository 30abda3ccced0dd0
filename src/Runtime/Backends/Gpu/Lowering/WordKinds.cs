using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Elements as kernels number them that serve more than one type.</summary>
internal enum WordKind
{
    /// <summary>Floats in the precision of the device's memory.</summary>
    Floats,

    /// <summary>Integers of 32 bits.</summary>
    Words,

    /// <summary>Four to a word.</summary>
    Bytes,
}

/// <summary>Which types kernels have for elements.</summary>
internal static class WordKinds
{
    /// <summary>How elements of a type are read and written; null for those that have no shader.</summary>
    public static WordKind? Of(DataType type) => type switch
    {
        DataType.F32 => WordKind.Floats,
        DataType.I32 => WordKind.Words,
        DataType.Bool => WordKind.Bytes,
        _ => null,
    };
}
