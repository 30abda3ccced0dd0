using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// softmax(scale · Q·Kᵀ + mask)·V for each head: Q [batch, heads, length, size], K [batch, key heads, keys, size], V [batch, key heads, keys, value size], where
/// neighbouring heads share a key head when there are fewer of these. A Bool mask puts <see cref="Fill"/> in place of scores where it is false; then a float
/// mask is added; both broadcast to [batch, heads, length, keys]. Each operand may have length and heads the other way round, as a split of heads leaves them.
/// </summary>
internal sealed class Attention : Operator
{
    public float Scale = 1;

    /// <summary>The score of what the Bool mask hides.</summary>
    public float Fill = float.NegativeInfinity;

    /// <summary>Hides keys after a query's own place, which counts from the end of the keys.</summary>
    public bool Causal;

    /// <summary>Axes are [batch, length, heads, size].</summary>
    public bool QueryByLength, KeyByLength, ValueByLength, ResultByLength;

    /// <summary>Positions of the optional inputs.</summary>
    public const int Added = 3, Open = 4;

    public override Tolerance Tolerance => Tolerance.Accumulation;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Float("scale", ref Scale);
        codec.Float("fill", ref Fill);
        codec.Bool("causal", ref Causal);
        codec.Bool("query_by_length", ref QueryByLength);
        codec.Bool("key_by_length", ref KeyByLength);
        codec.Bool("value_by_length", ref ValueByLength);
        codec.Bool("result_by_length", ref ResultByLength);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 3, 5);
        Span<Shape> shapes = [default, default, default];
        for (int i = 0; i < 3; i++)
        {
            shapes[i] = inputs[i].Shape.IsUnranked ? Shape.OfRank(4) : ByHead(inputs[i].Shape, i switch { 0 => QueryByLength, 1 => KeyByLength, _ => ValueByLength });
            if (inputs[i].DataType != inputs[0].DataType) throw Invalid($"{inputs[0].Type} and {inputs[i].Type} differ in type.");
        }
        (Shape q, Shape k, Shape v) = (shapes[0], shapes[1], shapes[2]);
        if (Differ(q[0], k[0]) || Differ(q[0], v[0]) || Differ(k[1], v[1]) || Differ(k[2], v[2]) || Differ(q[3], k[3]) || (q[1] > 0 && k[1] > 0 && q[1] % k[1] != 0) || (k[1] == 0 && q[1] > 0))
            throw Invalid($"{inputs[0].Type}, {inputs[1].Type} and {inputs[2].Type} do not fit each other.");
        var result = new Shape(q[0], q[1], q[2], v[3]);
        Check(inputs, Added, inputs[0].DataType, q, k);
        Check(inputs, Open, DataType.Bool, q, k);
        return [new TensorType(inputs[0].DataType, ByHead(result, ResultByLength))];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs)
    {
        Shape q = ByHead(inputs[0].Shape, QueryByLength), v = ByHead(inputs[2].Shape, ValueByLength);
        long scores = q.Product(0, 3) * v[2];
        return new Cost(scores * (2L * q[3] + 2L * v[3] + 5), Operators.Cost.Traffic(inputs, outputs));
    }

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        double[] q = Elements.Read(inputs[0]), k = Elements.Read(inputs[1]), v = Elements.Read(inputs[2]), y = new double[outputs[0].Shape.Count];
        double[] added = inputs.Length > Added ? Elements.Read(inputs[Added]) : [], open = inputs.Length > Open ? Elements.Read(inputs[Open]) : [];
        Span<long> qs = stackalloc long[4], ks = stackalloc long[4], vs = stackalloc long[4], ys = stackalloc long[4], addedStrides = stackalloc long[4], openStrides = stackalloc long[4];
        Shape shape = Strides(inputs[0].Shape, QueryByLength, qs), keys = Strides(inputs[1].Shape, KeyByLength, ks), values = Strides(inputs[2].Shape, ValueByLength, vs);
        Strides(outputs[0].Shape, ResultByLength, ys);
        var scoresShape = new Shape(shape[0], shape[1], shape[2], keys[2]);
        if (added.Length > 0) Broadcast.Strides(inputs[Added].Shape, scoresShape, addedStrides);
        if (open.Length > 0) Broadcast.Strides(inputs[Open].Shape, scoresShape, openStrides);
        var scores = new double[keys[2]];
        for (int b = 0; b < shape[0]; b++)
            for (int h = 0; h < shape[1]; h++)
            {
                int keyHead = h / (shape[1] / keys[1]);
                for (int i = 0; i < shape[2]; i++)
                {
                    double most = double.NegativeInfinity, total = 0;
                    for (int j = 0; j < scores.Length; j++)
                    {
                        double sum = 0;
                        for (int d = 0; d < shape[3]; d++) sum += q[b * qs[0] + h * qs[1] + i * qs[2] + d] * k[b * ks[0] + keyHead * ks[1] + j * ks[2] + d];
                        sum *= Scale;
                        if (open.Length > 0 && open[b * openStrides[0] + h * openStrides[1] + i * openStrides[2] + j * openStrides[3]] == 0) sum = Fill;
                        if (added.Length > 0) sum += added[b * addedStrides[0] + h * addedStrides[1] + i * addedStrides[2] + j * addedStrides[3]];
                        if (Causal && j > i + scores.Length - shape[2]) sum = double.NegativeInfinity;
                        scores[j] = sum;
                        most = Math.Max(most, sum);
                    }
                    for (int j = 0; j < scores.Length; j++) total += scores[j] = Math.Exp(scores[j] - most);
                    for (int d = 0; d < values[3]; d++)
                    {
                        double sum = 0;
                        for (int j = 0; j < scores.Length; j++) sum += scores[j] / total * v[b * vs[0] + keyHead * vs[1] + j * vs[2] + d];
                        y[b * ys[0] + h * ys[1] + i * ys[2] + d] = sum;
                    }
                }
            }
        Elements.Write(outputs[0], y);
    }

    /// <summary>The shape as [batch, heads, length, size].</summary>
    public Shape ByHead(in Shape shape, bool byLength) => shape.Rank != 4 ? throw Invalid($"{shape} is not [batch, heads, length, size].")
        : byLength ? new Shape(shape[0], shape[2], shape[1], shape[3]) : shape;

    /// <summary>The shape as [batch, heads, length, size], and how far apart in memory neighbours along these axes are.</summary>
    public Shape Strides(in Shape shape, bool byLength, Span<long> strides)
    {
        Broadcast.Strides(shape, strides);
        if (byLength) (strides[1], strides[2]) = (strides[2], strides[1]);
        return ByHead(shape, byLength);
    }

    private void Check(ReadOnlySpan<Operand> inputs, int index, DataType type, in Shape q, in Shape k)
    {
        if (inputs.Length <= index || inputs[index].IsMissing) return;
        Shape mask = inputs[index].Shape;
        if (inputs[index].DataType != type) throw Invalid($"the mask {inputs[index].Type} is not of type {type}.");
        if (mask.IsUnranked) return;
        if (mask.Rank > 4) throw Invalid($"the mask {inputs[index].Type} has more axes than scores.");
        ReadOnlySpan<int> scores = [q[0], q[1], q[2], k[2]];
        for (int i = 1; i <= mask.Rank; i++)
            if (mask[-i] != 1 && Differ(mask[-i], scores[^i])) throw Invalid($"the mask {inputs[index].Type} does not broadcast to the scores {new Shape(scores)}.");
    }

    private static bool Differ(int a, int b) => a >= 0 && b >= 0 && a != b;
}
