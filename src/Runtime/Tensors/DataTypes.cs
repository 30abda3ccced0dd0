namespace EdgeRuntime.Tensors;

/// <summary>Facts about <see cref="DataType"/>.</summary>
public static class DataTypes
{
    /// <summary>Size of one element in bytes; 0 for <see cref="DataType.None"/>.</summary>
    public static int Size(this DataType type) => type switch
    {
        DataType.I8 or DataType.U8 or DataType.Bool or DataType.Sequence => 1,
        DataType.F16 or DataType.BF16 or DataType.I16 or DataType.U16 => 2,
        DataType.F32 or DataType.I32 or DataType.U32 => 4,
        DataType.F64 or DataType.I64 or DataType.U64 => 8,
        DataType.Text => TextElement.Size,
        _ => 0,
    };

    /// <summary>True for texts and sequences, with which nothing can be computed.</summary>
    public static bool IsNoNumber(this DataType type) => type is DataType.Text or DataType.Sequence;

    /// <summary>True for F16, BF16, F32 and F64.</summary>
    public static bool IsFloat(this DataType type) => type is DataType.F32 or DataType.F16 or DataType.BF16 or DataType.F64;

    /// <summary>The data type that a C# type stands for. BF16 has no C# type and travels as its bits.</summary>
    /// <exception cref="NotSupportedException">No data type stands for <typeparamref name="T"/>.</exception>
    public static DataType Of<T>() where T : unmanaged
    {
        if (typeof(T) == typeof(float)) return DataType.F32;
        if (typeof(T) == typeof(Half)) return DataType.F16;
        if (typeof(T) == typeof(double)) return DataType.F64;
        if (typeof(T) == typeof(sbyte)) return DataType.I8;
        if (typeof(T) == typeof(byte)) return DataType.U8;
        if (typeof(T) == typeof(short)) return DataType.I16;
        if (typeof(T) == typeof(ushort)) return DataType.U16;
        if (typeof(T) == typeof(int)) return DataType.I32;
        if (typeof(T) == typeof(uint)) return DataType.U32;
        if (typeof(T) == typeof(long)) return DataType.I64;
        if (typeof(T) == typeof(ulong)) return DataType.U64;
        if (typeof(T) == typeof(bool)) return DataType.Bool;
        if (typeof(T) == typeof(TextElement)) return DataType.Text;
        throw new NotSupportedException($"No tensor element type stands for {typeof(T)}.");
    }
}
