namespace EdgeRuntime.Tensors;

/// <summary>What an edge of the graph carries: element type, shape, and how integers stand for reals.</summary>
/// <param name="DataType">Type of each element.</param>
/// <param name="Shape">Dimensions, outermost first.</param>
/// <param name="Quantization">Scale and zero point of integer tensors, or null.</param>
public readonly record struct TensorType(DataType DataType, Shape Shape, Quantization? Quantization = null)
{
    /// <summary>Creates an unquantized type.</summary>
    public TensorType(DataType dataType, params ReadOnlySpan<int> dimensions) : this(dataType, new Shape(dimensions)) { }

    /// <summary>True for an optional operand that is left out.</summary>
    public bool IsMissing => DataType == DataType.None;

    /// <summary>Size in bytes of a tensor of this type, its elements packed without gaps.</summary>
    public long ByteCount => Shape.Count * DataType.Size();

    /// <summary>Such as f32[1x128x128x3].</summary>
    public override string ToString() => Format([]);

    /// <summary>As <see cref="ToString()"/>, with symbolic dimensions by their names.</summary>
    public string Format(IReadOnlyList<string> symbols) =>
        IsMissing ? "none" : $"{DataType.ToString().ToLowerInvariant()}[{Shape.Format(symbols)}]{(Quantization is null ? "" : $" ({Quantization})")}";
}
