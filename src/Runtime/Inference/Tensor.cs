using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;
using Memory = EdgeRuntime.Tensors.Tensor;

namespace EdgeRuntime.Inference;

/// <summary>A tensor that is handed to a <see cref="Worker"/>, or that one shows. Whoever made it disposes it; what a worker shows is the worker's.</summary>
public abstract class Tensor : IDisposable
{
    private readonly Memory? memory;
    private readonly Worker? worker;
    private readonly TensorView view;

    private protected Tensor(Memory memory) => (this.memory, view) = (memory, memory.View);

    private protected Tensor(TensorView view, Worker worker) => (this.view, this.worker) = (view, worker);

    /// <summary>The sizes.</summary>
    public TensorShape Shape => new(view.Shape.Span);

    /// <summary>How many elements there are.</summary>
    public int Count => checked((int)view.Shape.Count);

    /// <summary>The type of the elements.</summary>
    public DataType DataType => view.DataType;

    /// <summary>The elements, once they are there: of a worker's tensor, when the run that computes them has ended.</summary>
    internal TensorView View
    {
        get
        {
            worker?.Complete();
            return view;
        }
    }

    /// <summary>Whether elements can be read without waiting.</summary>
    public bool IsReadbackRequestDone() => worker?.IsDone ?? true;

    /// <summary>Waits until the elements are there.</summary>
    public void CompleteAllPendingOperations() => worker?.Complete();

    /// <inheritdoc/>
    public void Dispose() => memory?.Dispose();

    /// <summary>A task that ends when the elements are there, without a thread that waits for it.</summary>
    private protected Task Ready => worker?.Pending ?? Task.CompletedTask;

    /// <summary>The memory of a worker's output as a tensor of its element type.</summary>
    internal static Tensor Of(TensorView view, Worker worker) => view.DataType switch
    {
        DataType.F32 => new Tensor<float>(view, worker),
        DataType.I32 => new Tensor<int>(view, worker),
        DataType.I64 => new Tensor<long>(view, worker),
        DataType.I8 => new Tensor<sbyte>(view, worker),
        DataType.U8 => new Tensor<byte>(view, worker),
        DataType.I16 => new Tensor<short>(view, worker),
        DataType.F16 => new Tensor<Half>(view, worker),
        DataType.F64 => new Tensor<double>(view, worker),
        DataType.Bool => new Tensor<bool>(view, worker),
        _ => throw new EdgeException(ErrorCode.InputMismatch, $"An output has elements of the type {view.DataType}, which this tensor cannot show.", "Use an InferenceSession for this model."),
    };
}

/// <summary>A tensor of elements of one type.</summary>
/// <typeparam name="T">The elements: float, int, long, sbyte, byte, short, Half, double or bool.</typeparam>
public sealed class Tensor<T> : Tensor where T : unmanaged
{
    /// <summary>A tensor of zeros.</summary>
    public Tensor(TensorShape shape) : base(new Memory(new TensorType(DataTypes.Of<T>(), shape)))
    {
    }

    /// <summary>A tensor of the given elements, which are copied.</summary>
    public Tensor(TensorShape shape, ReadOnlySpan<T> elements) : base(Memory.From(shape, elements))
    {
    }

    internal Tensor(TensorView view, Worker worker) : base(view, worker)
    {
    }

    /// <summary>An element by its number, counted row by row.</summary>
    public T this[int index]
    {
        get => View.Span<T>()[index];
        set => View.Span<T>()[index] = value;
    }

    /// <summary>All elements, row by row, to read or to write.</summary>
    public Span<T> AsSpan() => View.Span<T>();

    /// <summary>Copies elements in.</summary>
    public void Upload(ReadOnlySpan<T> elements) => elements.CopyTo(View.Span<T>());

    /// <summary>Copies the elements out.</summary>
    public T[] DownloadToArray() => View.Span<T>().ToArray();

    /// <summary>A copy with memory of its own, when the elements are there; the caller disposes it.</summary>
    public Tensor<T> ReadbackAndClone() => new(Shape, View.Span<T>());

    /// <summary>The same without waiting here.</summary>
    public async Task<Tensor<T>> ReadbackAndCloneAsync()
    {
        await Ready.ConfigureAwait(false);
        return ReadbackAndClone();
    }
}
