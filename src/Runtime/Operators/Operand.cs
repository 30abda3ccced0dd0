using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>An input as a shape rule sees it: its type, and its values where they are known before running.</summary>
/// <param name="type">Type of the input; <see cref="DataType.None"/> when an optional input is left out.</param>
/// <param name="value">The elements when the input is constant, else null.</param>
public readonly struct Operand(TensorType type, TensorView? value = null)
{
    /// <summary>Type of the input.</summary>
    public TensorType Type => type;

    /// <summary>Dimensions of the input.</summary>
    public Shape Shape => type.Shape;

    /// <summary>Element type of the input.</summary>
    public DataType DataType => type.DataType;

    /// <summary>The elements when they are known, else null.</summary>
    public TensorView? Value => value;

    /// <summary>What is known of integer elements when <see cref="Value"/> is not; see <see cref="ShapeElements"/>.</summary>
    internal long[]? Elements { get; init; }

    /// <summary>True for an optional input that is left out.</summary>
    public bool IsMissing => type.IsMissing;

    /// <summary>True for the same type and either no known elements or those in the same memory.</summary>
    internal bool IsSame(in Operand other) =>
        type == other.Type && (value is { } own ? other.Value is { } its && own.IsSameMemory(its) : other.Value is null);

    /// <summary>The values of a constant integer tensor (shapes, axes, pads), or null when they are not known.</summary>
    public long[]? Integers()
    {
        if (value is not { } view) return null;
        return view.DataType switch
        {
            DataType.I64 => view.Span<long>().ToArray(),
            DataType.I32 => Array.ConvertAll(view.Span<int>().ToArray(), v => (long)v),
            _ => null,
        };
    }

    /// <summary>An operand for each view, values known.</summary>
    public static Operand[] Known(ReadOnlySpan<TensorView> views)
    {
        var operands = new Operand[views.Length];
        for (int i = 0; i < views.Length; i++)
            operands[i] = views[i].IsMissing ? default : new Operand(views[i].Type, views[i]);
        return operands;
    }
}
