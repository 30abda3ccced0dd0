using System.Numerics;
using System.Runtime.InteropServices;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>Something to do for a number type that is known only at run time.</summary>
internal interface INumberAction
{
    void Invoke<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T>;
}

/// <summary>Something to do for a floating-point type that is known only at run time.</summary>
internal interface IFloatAction
{
    void Invoke<T>() where T : unmanaged, IFloatingPointIeee754<T>, IMinMaxValue<T>;
}

/// <summary>Something to do for elements of a size that is known only at run time, whatever they mean.</summary>
internal interface IBitsAction
{
    void Invoke<T>() where T : unmanaged, IEquatable<T>;
}

/// <summary>
/// Calls a generic method for the C# type of a <see cref="DataType"/>; the only such switch. Actions are ref structs with the
/// operands as fields, so that nothing is boxed.
/// </summary>
internal static class TypeDispatch
{
    /// <summary>All integers and floats; not Bool, not BF16.</summary>
    public static void Number<TAction>(DataType type, ref TAction action) where TAction : struct, INumberAction, allows ref struct
    {
        switch (type)
        {
            case DataType.F32: action.Invoke<float>(); break;
            case DataType.F64: action.Invoke<double>(); break;
            case DataType.F16: action.Invoke<Half>(); break;
            case DataType.I8: action.Invoke<sbyte>(); break;
            case DataType.U8: action.Invoke<byte>(); break;
            case DataType.I16: action.Invoke<short>(); break;
            case DataType.U16: action.Invoke<ushort>(); break;
            case DataType.I32: action.Invoke<int>(); break;
            case DataType.U32: action.Invoke<uint>(); break;
            case DataType.I64: action.Invoke<long>(); break;
            case DataType.U64: action.Invoke<ulong>(); break;
            default: throw Unsupported(type, "a number");
        }
    }

    /// <summary>F16, F32 and F64.</summary>
    public static void Float<TAction>(DataType type, ref TAction action) where TAction : struct, IFloatAction, allows ref struct
    {
        switch (type)
        {
            case DataType.F32: action.Invoke<float>(); break;
            case DataType.F64: action.Invoke<double>(); break;
            case DataType.F16: action.Invoke<Half>(); break;
            default: throw Unsupported(type, "a float");
        }
    }

    /// <summary>Any type, as bits: for operators that only move elements. Use with <see cref="View{T}"/>.</summary>
    public static void Bits<TAction>(DataType type, ref TAction action) where TAction : struct, IBitsAction, allows ref struct
    {
        switch (type.Size())
        {
            case 1: action.Invoke<byte>(); break;
            case 2: action.Invoke<ushort>(); break;
            case 4: action.Invoke<uint>(); break;
            case 8: action.Invoke<ulong>(); break;
            case TextElement.Size: action.Invoke<TextElement>(); break;
            default: throw Unsupported(type, "a tensor");
        }
    }

    /// <summary>The elements as <typeparamref name="T"/> of the same size, whatever they mean.</summary>
    public static Span<T> View<T>(in TensorView view) where T : unmanaged => MemoryMarshal.Cast<byte, T>(view.Bytes);

    private static EdgeException Unsupported(DataType type, string expected) =>
        new(ErrorCode.InvalidOperands, $"The element type {type} is not {expected}.");
}
