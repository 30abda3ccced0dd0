using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// A tensor cut along an axis into a sequence: into parts of the sizes that input 1 lists, of the one size that it is (the last part may be smaller),
/// or of size 1 where it is left out.
/// </summary>
internal sealed class SequenceSplit : Operator
{
    public int Axis;

    /// <summary>Where parts are of size 1, they keep the axis.</summary>
    public bool KeepDims = true;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Int("axis", ref Axis);
        codec.Bool("keep_dims", ref KeepDims);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 2);
        Shape x = inputs[0].Shape;
        bool ones = inputs.Length < 2 || inputs[1].IsMissing;
        if (!x.IsUnranked) NormalizeAxis(Axis, x.Rank);
        if (!x.IsStatic || (!ones && inputs[1].Value is null)) return [new TensorType(DataType.Sequence, Shape.Unknown)];
        long bytes = TensorSequence.EmptySize;
        foreach (TensorType part in Parts(inputs[0].Type, ones ? default : inputs[1].Value!.Value)) bytes += TensorSequence.ElementSize(part);
        return bytes <= int.MaxValue ? [new TensorType(DataType.Sequence, (int)bytes)] : throw Invalid($"a sequence of {bytes:N0} bytes is too large.");
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => new(0, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        TensorType[] types = Parts(inputs[0].Type, inputs.Length > 1 ? inputs[1] : default);
        Shape x = inputs[0].Shape;
        int axis = NormalizeAxis(Axis, x.Rank);
        Tensor[] parts = Array.ConvertAll(types, type => new Tensor(type));
        // A part that lost its axis has the same bytes as one that kept it.
        TensorView[] views = Array.ConvertAll(parts, p => p.Shape.Rank == x.Rank ? p.View : p.View.As(p.Type with { Shape = x.With(axis, 1) }));
        if (views.Length > 0) new Split { Axis = axis, Parts = views.Length }.Evaluate(inputs[..1], views);
        TensorSequence.Write(Array.ConvertAll(parts, p => p.View), outputs[0]);
        foreach (Tensor part in parts) part.Dispose();
    }

    /// <summary>The types of the parts.</summary>
    private TensorType[] Parts(in TensorType x, in TensorView split)
    {
        Shape shape = x.Shape;
        DataType type = x.DataType;
        int axis = NormalizeAxis(Axis, shape.Rank), length = shape[axis];
        if (length > 1 << 20) throw Invalid($"{length:N0} parts are too many.");
        long[] sizes;
        if (split.IsMissing)
        {
            Shape one = KeepDims ? shape.With(axis, 1) : new Shape([.. shape.Span[..axis], .. shape.Span[(axis + 1)..]]);
            return [.. Enumerable.Repeat(new TensorType(type, one), length)];
        }
        long[] given = Integers(split);
        if (split.Shape.Rank == 0)
        {
            if (given[0] < 1) throw Invalid($"parts cannot be of size {given[0]}.");
            sizes = [.. Enumerable.Range(0, length == 0 ? 0 : (int)((length - 1) / given[0] + 1)).Select(i => Math.Min(given[0], length - i * given[0]))];
        }
        else sizes = given;
        if (sizes.Any(s => s < 0 || s > length) || sizes.Sum() != length) throw Invalid($"{x} cannot be cut into parts of [{string.Join(' ', sizes.Take(20))}] along axis {axis}.");
        return Array.ConvertAll(sizes, size => new TensorType(type, shape.With(axis, (int)size)));
    }
}
