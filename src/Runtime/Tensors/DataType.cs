namespace EdgeRuntime.Tensors;

/// <summary>The type of a tensor's elements. The numbers are written into .edge files and never change.</summary>
public enum DataType : byte
{
    /// <summary>No tensor: an optional operand that is left out.</summary>
    None = 0,

    /// <summary>IEEE 754 binary32.</summary>
    F32 = 1,

    /// <summary>IEEE 754 binary16.</summary>
    F16 = 2,

    /// <summary>bfloat16: the upper half of a binary32.</summary>
    BF16 = 3,

    /// <summary>IEEE 754 binary64.</summary>
    F64 = 4,

    /// <summary>Signed 8-bit integer.</summary>
    I8 = 5,

    /// <summary>Unsigned 8-bit integer.</summary>
    U8 = 6,

    /// <summary>Signed 16-bit integer.</summary>
    I16 = 7,

    /// <summary>Unsigned 16-bit integer.</summary>
    U16 = 8,

    /// <summary>Signed 32-bit integer.</summary>
    I32 = 9,

    /// <summary>Unsigned 32-bit integer.</summary>
    U32 = 10,

    /// <summary>Signed 64-bit integer.</summary>
    I64 = 11,

    /// <summary>Unsigned 64-bit integer.</summary>
    U64 = 12,

    /// <summary>One byte, 0 or 1.</summary>
    Bool = 13,

    /// <summary>A text of at most 127 bytes of UTF-8 in 128, filled up with zeros: see <see cref="TextElement"/>.</summary>
    Text = 14,

    /// <summary>One byte of a sequence of tensors, which is a rank-1 tensor that holds them all: see <see cref="TensorSequence"/>.</summary>
    Sequence = 15,
}
