using EdgeRuntime.Tensors;

namespace EdgeRuntime.Inference;

/// <summary>The sizes of a tensor, the outermost first.</summary>
public readonly struct TensorShape : IEquatable<TensorShape>
{
    private readonly Shape shape;

    /// <summary>A shape of the given sizes; of none for a single element.</summary>
    public TensorShape(params ReadOnlySpan<int> sizes)
    {
        foreach (int size in sizes) ArgumentOutOfRangeException.ThrowIfNegative(size);
        shape = new Shape(sizes);
    }

    /// <summary>How many sizes there are.</summary>
    public int Rank => shape.Rank;

    /// <summary>How many elements there are.</summary>
    public int Length => checked((int)shape.Count);

    /// <summary>A size; from the end where the axis is negative.</summary>
    public int this[int axis] => shape[axis < 0 ? axis + Rank : axis];

    /// <summary>The shape as the rest of the runtime has it.</summary>
    public static implicit operator Shape(TensorShape of) => of.shape;

    /// <inheritdoc/>
    public bool Equals(TensorShape other) => shape == other.shape;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TensorShape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => shape.GetHashCode();

    /// <summary>True where all sizes are the same.</summary>
    public static bool operator ==(TensorShape left, TensorShape right) => left.Equals(right);

    /// <summary>True where they differ.</summary>
    public static bool operator !=(TensorShape left, TensorShape right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => shape.ToString();
}
