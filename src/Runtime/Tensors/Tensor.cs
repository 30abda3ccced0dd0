using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tensors;

/// <summary>A tensor with memory of its own, or a part of memory that <see cref="Owner"/> keeps alive (a mapped file).</summary>
public sealed unsafe class Tensor : IDisposable
{
    private readonly TensorView view;
    private readonly AlignedBuffer? ownBuffer;

    /// <summary>Allocates a zeroed tensor.</summary>
    /// <exception cref="EdgeException">It would have more than 2^31 - 1 bytes, or the memory is not to be had.</exception>
    public Tensor(in TensorType type)
    {
        if (type.ByteCount > int.MaxValue) throw new EdgeException(ErrorCode.InvalidShape, $"The tensor {type} has more than 2^31 bytes, which is not supported.");
        ownBuffer = new AlignedBuffer(type.ByteCount);
        Owner = ownBuffer.Owner;
        view = new TensorView(ownBuffer.Data, type, Owner);
    }

    /// <summary>Wraps memory that <paramref name="owner"/> keeps alive; disposing the tensor leaves the owner alone.</summary>
    public Tensor(in TensorType type, void* data, object owner)
    {
        Owner = owner;
        view = new TensorView(data, type, owner);
    }

    /// <summary>Element type, shape and quantization.</summary>
    public TensorType Type => view.Type;

    /// <summary>Dimensions, outermost first.</summary>
    public Shape Shape => view.Shape;

    /// <summary>A window on the memory, which it keeps alive.</summary>
    public TensorView View => view;

    /// <summary>What keeps the memory alive.</summary>
    public object Owner { get; }

    /// <summary>A new tensor with the given elements.</summary>
    public static Tensor From<T>(Shape shape, params ReadOnlySpan<T> elements) where T : unmanaged
    {
        var tensor = new Tensor(new TensorType(DataTypes.Of<T>(), shape));
        if (tensor.Shape.Count != elements.Length)
            throw new ArgumentException($"{elements.Length} elements were given for the shape {shape}.", nameof(elements));
        elements.CopyTo(tensor.Span<T>());
        return tensor;
    }

    /// <summary>A new rank-0 tensor.</summary>
    public static Tensor Scalar<T>(T value) where T : unmanaged => From(new Shape(), value);

    /// <summary>A new rank-1 tensor.</summary>
    public static Tensor Vector<T>(params ReadOnlySpan<T> elements) where T : unmanaged => From(new Shape(elements.Length), elements);

    /// <summary>The elements; see <see cref="TensorView.Span{T}"/>.</summary>
    public Span<T> Span<T>() where T : unmanaged => view.Span<T>();

    /// <summary>A copy with memory of its own.</summary>
    public Tensor Clone()
    {
        var copy = new Tensor(Type);
        view.Bytes.CopyTo(copy.view.Bytes);
        return copy;
    }

    /// <summary>The same elements, which stand for reals as <paramref name="quantization"/> says; they share memory.</summary>
    internal Tensor WithQuantization(Quantization? quantization) => new(Type with { Quantization = quantization }, view.Data, Owner);

    /// <inheritdoc/>
    public void Dispose() => ownBuffer?.Dispose();
}
