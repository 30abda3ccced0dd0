using System.Diagnostics;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tensors;

/// <summary>
/// A typed window on memory; row-major, without gaps. It keeps its owner alive, and spans of an <see cref="AlignedBuffer"/> keep that
/// alive by themselves. The default value is a missing operand.
/// </summary>
public readonly unsafe struct TensorView
{
    private readonly void* data;
    private readonly object? owner;
    private readonly TensorType type;

    /// <summary>Creates a window on memory that <paramref name="owner"/> keeps alive; it must hold as many bytes as the type says.</summary>
    public TensorView(void* data, in TensorType type, object? owner)
    {
        Debug.Assert(data != null || type.IsMissing || type.ByteCount == 0, "A view needs memory.");
        this.data = data;
        this.owner = owner;
        this.type = type;
    }

    /// <summary>A view that has a type and no memory, for operators that read nothing but shapes.</summary>
    internal static TensorView WithoutElements(in TensorType type) => new((void*)AlignedBuffer.Alignment, type, null);

    /// <summary>Element type, shape and quantization.</summary>
    public TensorType Type => type;

    /// <summary>Dimensions, outermost first.</summary>
    public Shape Shape => type.Shape;

    /// <summary>Type of each element.</summary>
    public DataType DataType => type.DataType;

    /// <summary>The first element.</summary>
    public void* Data => data;

    /// <summary>True for an optional operand that is left out.</summary>
    public bool IsMissing => type.IsMissing;

    /// <summary>The raw bytes.</summary>
    public Span<byte> Bytes => AlignedBuffer.Span<byte>(owner, data, Length(type.ByteCount));

    /// <summary>The elements.</summary>
    /// <typeparam name="T">Must be the C# type of <see cref="DataType"/>; byte and sbyte serve Bool, byte serves Sequence and ushort serves BF16 and F16 too.</typeparam>
    /// <exception cref="EdgeException">The element type is another.</exception>
    public Span<T> Span<T>() where T : unmanaged
    {
        if (sizeof(T) != type.DataType.Size() || !Matches<T>())
            throw new EdgeException(ErrorCode.InputMismatch, $"The tensor {type} was read as {typeof(T).Name}.");
        return AlignedBuffer.Span<T>(owner, data, Length(type.Shape.Count));
    }

    /// <summary>What keeps the memory alive.</summary>
    internal object? Owner => owner;

    /// <summary>True when both begin at the same byte of the same memory.</summary>
    internal bool IsSameMemory(in TensorView other) => data == other.data && ReferenceEquals(owner, other.owner);

    /// <summary>A tensor that lies where the view does, and keeps that memory alive.</summary>
    internal Tensor ToTensor() => new(type, data, owner ?? throw new InvalidOperationException("A view without owner cannot be kept."));

    /// <summary>The same memory under another type of no more bytes.</summary>
    public TensorView As(in TensorType other)
    {
        if (other.ByteCount > type.ByteCount)
            throw new EdgeException(ErrorCode.InvalidShape, $"A tensor {type} cannot be seen as the larger {other}.");
        return new(data, other, owner);
    }

    /// <summary>A part of the memory under a type of its own.</summary>
    internal TensorView Part(int offset, in TensorType other)
    {
        if (offset < 0 || other.ByteCount > type.ByteCount - offset)
            throw new EdgeException(ErrorCode.InvalidShape, $"{other} from byte {offset} on is not inside of {type}.");
        return new((byte*)data + offset, other, owner);
    }

    private int Length(long count) => count <= int.MaxValue ? (int)count
        : throw new EdgeException(ErrorCode.InvalidShape, $"The tensor {type} has more than 2^31 bytes, which is not supported.");

    private bool Matches<T>() where T : unmanaged =>
        DataTypes.Of<T>() == type.DataType
        || (sizeof(T) == 1 && type.DataType is DataType.Bool or DataType.Sequence)
        || (typeof(T) == typeof(ushort) && type.DataType is DataType.BF16 or DataType.F16);
}
