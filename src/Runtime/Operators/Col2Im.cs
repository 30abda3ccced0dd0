using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Adds up blocks where they came from (ONNX Col2Im), channels first: [N, C·block, blocks], the picture's size and the block's give [N C picture…].
/// </summary>
internal sealed class Col2Im : Operator
{
    public long[] Dilations = [];

    /// <summary>Before each axis, then behind each; none for zeros.</summary>
    public long[] Pads = [];
    public long[] Strides = [];

    public override Tolerance Tolerance => Tolerance.Accumulation;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Longs("dilations", ref Dilations);
        codec.Longs("pads", ref Pads);
        codec.Longs("strides", ref Strides);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 3, 3);
        Shape x = inputs[0].Shape;
        if (!x.IsUnranked && x.Rank != 3) throw Invalid($"{inputs[0].Type} holds no blocks.");
        if (x.IsUnranked) x = Shape.OfRank(3);
        if (inputs[1].Integers() is not { } image)
            return [new TensorType(inputs[0].DataType, inputs[1].Shape.Rank == 1 && inputs[1].Shape[0] is >= 0 and <= Shape.MaxRank - 2 ? Shape.OfRank(inputs[1].Shape[0] + 2).With(0, x[0]) : Shape.Unranked)];
        if (image.Length is < 1 or > Shape.MaxRank - 2 || image.Any(s => s is < 1 or > int.MaxValue)) throw Invalid($"there is no picture of [{string.Join(' ', image.Take(9))}].");
        int channels = Shape.Unknown;
        if (inputs[2].Integers() is { } block)
        {
            if (block.Length != image.Length || block.Any(s => s is < 1 or > 1 << 16)) throw Invalid($"blocks of [{string.Join(' ', block.Take(9))}] do not fit a picture of [{string.Join(' ', image)}].");
            long count = Blocks(image, block, out _), elements = 1;
            foreach (long size in block) elements = Math.Min(elements * size, int.MaxValue);
            if ((x[2] >= 0 && x[2] != count) || (x[1] >= 0 && x[1] % elements != 0))
                throw Invalid($"{inputs[0].Type} does not hold {count} blocks of {elements} elements.");
            if (x[1] >= 0) channels = (int)(x[1] / elements);
        }
        return [new TensorType(inputs[0].DataType, [x[0], channels, .. image.Select(s => (int)s)])];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => new(inputs[0].Shape.Count, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        long[] image = Integers(inputs[1]), block = Integers(inputs[2]);
        Blocks(image, block, out int[] across);
        double[] x = Elements.Read(inputs[0]), y = new double[outputs[0].Shape.Count];
        int axes = image.Length, planes = outputs[0].Shape[0] * outputs[0].Shape[1], size = (int)outputs[0].Shape.Product(2, axes + 2);
        // Counts through blocks' elements, then blocks.
        var walk = new IndexWalk(new Shape([planes, .. block.Select(b => (int)b), .. across]), []);
        for (int from = 0; walk.Next(); from++)
        {
            long to = 0;
            bool inside = true;
            for (int axis = 0; axis < axes; axis++)
            {
                long at = walk[1 + axes + axis] * Of(Strides, axis, 1) + walk[1 + axis] * Of(Dilations, axis, 1) - Of(Pads, axis, 0);
                inside &= at >= 0 && at < image[axis];
                to = to * image[axis] + at;
            }
            if (inside) y[walk[0] * size + to] += x[from];
        }
        Elements.Write(outputs[0], y);
    }

    private long Blocks(long[] image, long[] block, out int[] across)
    {
        int axes = image.Length;
        across = new int[axes];
        if (1 + 2 * axes > Shape.MaxRank) throw Invalid($"{axes} axes are not supported.");
        if ((Strides.Length != 0 && Strides.Length != axes) || (Dilations.Length != 0 && Dilations.Length != axes) || (Pads.Length != 0 && Pads.Length != 2 * axes)
            || Strides.Any(s => s is < 1 or > int.MaxValue) || Dilations.Any(d => d is < 1 or > 1 << 16) || Pads.Any(p => p is < 0 or > 1 << 24))
            throw Invalid($"strides, dilations or pads do not fit {axes} axes.");
        long count = 1;
        for (int axis = 0; axis < axes; axis++)
        {
            long room = image[axis] + Of(Pads, axis, 0) + Of(Pads, axes + axis, 0) - Of(Dilations, axis, 1) * (block[axis] - 1) - 1;
            across[axis] = room < 0 ? 0 : checked((int)(room / Of(Strides, axis, 1) + 1));
            count = checked(count * across[axis]);
        }
        return count;
    }

    private static long Of(long[] list, int index, long otherwise) => list.Length == 0 ? otherwise : list[index];
}
