using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using Range = EdgeRuntime.Operators.Range;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>
/// Attention in its forms, built of products and softmax. All bring query, key and value to [batch, heads, length, size], and what keeps a query from
/// looking at a key to additions to the scores.
/// </summary>
internal static class Attentions
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("Attention", Standard),
        ("com.microsoft.Attention", Projected),
        ("com.microsoft.MultiHeadAttention", MultiHead),
        ("com.microsoft.GroupQueryAttention", GroupQueryAttention.Import),
    ];

    /// <summary>
    /// Inputs: query, key, value, of rank 3 or 4; mask; past key and value; numbers of keys that count. Outputs: the mix of values, present key and value,
    /// scores. Of each key head, several query heads may make use.
    /// </summary>
    private static Value[] Standard(OnnxNode node)
    {
        OnnxAttributes given = node.Attributes;
        Value query = node.Input(0), key = node.Input(1), value = node.Input(2);
        bool flat = node.Rank(query) == 3;
        int heads = flat ? given.Int32("q_num_heads", 0) : query.Type.Shape[1], keyHeads = flat ? given.Int32("kv_num_heads", 0) : key.Type.Shape[1];
        if (heads < 1 || keyHeads < 1 || heads % keyHeads != 0) throw node.Problem($"{heads} heads of queries cannot share {keyHeads} of keys");
        if (flat) (query, key, value) = (Heads(node, query, heads), Heads(node, key, keyHeads), Heads(node, value, keyHeads));
        Value before = node.Integers(0);
        if (node.Optional(4) is { } past)
        {
            before = Length(node, past, 2);
            key = node.Prepare(new Concat { Axis = 2 }, past, key);
            value = node.Prepare(new Concat { Axis = 2 }, node.Input(5), value);
        }
        (Value presentKey, Value presentValue) = (key, value);
        (key, value) = (Repeat(node, key, heads / keyHeads), Repeat(node, value, heads / keyHeads));

        Value scores = Scores(node, query, key, given.Float("scale", 0)), raw = scores;
        scores = Cap(node, scores, given.Float("softcap", 0));
        Value capped = scores;
        if (given.Bool("is_causal", false)) scores = Where(node, Causal(node, query, key, before), scores);
        if (node.Optional(3) is { } mask)
            scores = mask.Type.DataType == DataType.Bool ? Where(node, mask, scores) : node.Binary(BinaryFunction.Add, scores, node.Cast(mask, scores.Type.DataType));
        if (node.Optional(6) is { } counts) scores = Where(node, Under(node, key, node.Prepare(new Unsqueeze { Axes = [1, 2, 3] }, counts)), scores);
        Value masked = scores, shares = node.Prepare(new Softmax(), scores);
        Value mixed = node.Prepare(new MatMul(), shares, value);
        Value shown = given.Int("qk_matmul_output_mode", 0) switch { 0 => raw, 1 => capped, 2 => masked, _ => shares };
        return [flat ? Flat(node, mixed) : mixed, presentKey, presentValue, shown];
    }

    /// <summary>
    /// com.microsoft.Attention. Inputs: x [batch, length, width], weight and bias of query, key and value side by side, mask, past [2, batch, heads, past
    /// length, size], additions to the scores. Outputs: the mix of values, and past and present together.
    /// </summary>
    private static Value[] Projected(OnnxNode node)
    {
        OnnxAttributes given = node.Attributes;
        int heads = given.Int32("num_heads", 0);
        Shape weight = node.Input(1).Type.Shape;
        long[] widths = given.Ints("qkv_hidden_sizes");
        if (widths.Length == 0 && weight.Rank == 2 && weight[1] >= 0) widths = [weight[1] / 3, weight[1] / 3, weight[1] / 3];
        if (heads < 1 || widths.Length != 3 || widths.Any(w => w < 1 || w % heads != 0) || (weight[1] >= 0 && widths.Sum() != weight[1]))
            throw node.Problem($"its weight {node.Input(1).Type} cannot be split among {heads} heads");
        if (given.Bool("do_rotary", false) || node.Optional(6) is not null) throw node.Problem("rotation, and a past that shares memory with the present, are not supported");
        return Project(node, node.Prepare(new MatMul(), node.Input(0), node.Input(1), node.Optional(2)), heads, widths, node.Optional(3), node.Optional(4), node.Optional(5));
    }

    /// <summary>Attention of queries, keys and values that are side by side.</summary>
    internal static Value[] Project(OnnxNode node, Value all, int heads, long[] widths, Value? mask, Value? past, Value? added)
    {
        Value[] parts = node.Add(new Split { Axis = 2, Parts = 3, Sizes = widths }, all);
        Value query = Heads(node, parts[0], heads), key = Heads(node, parts[1], heads), value = Heads(node, parts[2], heads);
        Value before = node.Integers(0);
        if (past is not null)
        {
            before = Length(node, past, 3);
            key = node.Prepare(new Concat { Axis = 2 }, node.Prepare(new Gather(), past, node.Scalar(DataType.I64, 0)), key);
            value = node.Prepare(new Concat { Axis = 2 }, node.Prepare(new Gather(), past, node.Scalar(DataType.I64, 1)), value);
        }
        Value mixed = Mix(node, query, key, value, before, mask, added, node.Attributes.Float("mask_filter_value", -10000));
        if (!node.Wants(1)) return [Flat(node, mixed)];
        return [Flat(node, mixed), node.Prepare(new Concat(), node.Prepare(new Unsqueeze { Axes = [0] }, key), node.Prepare(new Unsqueeze { Axes = [0] }, value))];
    }

    /// <summary>
    /// com.microsoft.MultiHeadAttention. Inputs: query [batch, length, width], or with key and value [batch, length, heads, 3, size]; key, or with value
    /// [batch, length, heads, 2, size]; value; bias of all three; mask; additions to the scores; past key and value. Key and value may be split into heads.
    /// </summary>
    private static Value[] MultiHead(OnnxNode node)
    {
        OnnxAttributes given = node.Attributes;
        int heads = given.Int32("num_heads", 0);
        if (heads < 1) throw node.Problem($"it has {heads} heads");
        if (node.Optional(8) is not null || node.Optional(9) is not null) throw node.Problem("a past that shares memory with the present is not supported");
        Value query = node.Input(0);
        Value? key = node.Optional(1), value = node.Optional(2);
        if (key is null) (query, key, value) = Unpack(node, query) is [var q, var k, var v] ? (q, k, v) : throw node.Problem($"its query {query.Type} does not hold keys and values");
        else if (value is null) (key, value) = Unpack(node, key) is [var k, var v] ? (k, v) : throw node.Problem($"its key {key.Type} does not hold values");
        if (node.Optional(3) is { } bias)
        {
            int queryWidth = Width(query), valueWidth = Width(value!), all = bias.Type.Shape[0];
            if (queryWidth < 0 && all >= 0) queryWidth = valueWidth < 0 ? all / 3 : (all - valueWidth) / 2;
            if (queryWidth < 0 || all < 2 * queryWidth) throw node.Problem($"its bias {bias.Type} does not fit {query.Type}");
            Value[] biases = node.Add(new Split { Parts = 3, Sizes = [queryWidth, queryWidth, all - 2 * queryWidth] }, bias);
            query = node.Binary(BinaryFunction.Add, query, biases[0]);
            if (node.Rank(key) == 3) key = node.Binary(BinaryFunction.Add, key, biases[1]);
            if (node.Rank(value!) == 3) value = node.Binary(BinaryFunction.Add, value!, biases[2]);
        }
        query = Heads(node, query, heads);
        key = node.Rank(key) == 3 ? Heads(node, key, heads) : key;
        value = node.Rank(value!) == 3 ? Heads(node, value!, heads) : value!;
        Value before = node.Integers(0);
        if (node.Optional(6) is { } past)
        {
            before = Length(node, past, 2);
            key = node.Prepare(new Concat { Axis = 2 }, past, key);
            value = node.Prepare(new Concat { Axis = 2 }, node.Input(7), value);
        }
        Value mixed = Mix(node, query, key, value, before, node.Optional(4), node.Optional(5), given.Float("mask_filter_value", -10000));
        return [Flat(node, mixed), key, value];
    }

    /// <summary>What ONNX Runtime's own operators have in common: masks that add a number to scores, and queries that see nothing behind them.</summary>
    private static Value Mix(OnnxNode node, Value query, Value key, Value value, Value before, Value? mask, Value? addition, float blocked)
    {
        Value scores = Scores(node, query, key, node.Attributes.Float("scale", 0));
        if (addition is not null) scores = node.Binary(BinaryFunction.Add, scores, node.Cast(addition, scores.Type.DataType));
        Value amount = node.Scalar(scores.Type.DataType, blocked);
        if (node.Attributes.Bool("unidirectional", false)) scores = node.Prepare(new Where(), Causal(node, query, key, before), scores, amount);
        if (mask is not null) scores = node.Prepare(new Where(), Open(node, mask, query, key, before), scores, node.Binary(BinaryFunction.Add, scores, amount));
        return node.Prepare(new MatMul(), node.Prepare(new Softmax(), scores), value);
    }

    /// <summary>
    /// True where a mask lets queries look. Masks: for each key, for each query and key, for a square of the largest length; or for each entry of the
    /// batch the number of keys, behind which may stand where each begins.
    /// </summary>
    private static Value Open(OnnxNode node, Value mask, Value query, Value key, Value before)
    {
        Shape shape = mask.Type.Shape;
        switch (shape.Rank)
        {
            case 1:
                int batch = query.Type.Shape[0];
                if (batch >= 0 && shape[0] == 3 * batch + 2) return Under(node, key, node.Prepare(new Unsqueeze { Axes = [1, 2, 3] }, node.Prepare(new Slice { Starts = [0], Ends = [batch], Axes = [0] }, mask)));
                if (batch < 0 || shape[0] != 2 * batch) return Under(node, key, node.Prepare(new Unsqueeze { Axes = [1, 2, 3] }, mask));
                Value[] ends = Array.ConvertAll(node.Add(new Split { Parts = 2 }, mask), m => node.Prepare(new Unsqueeze { Axes = [1, 2, 3] }, m));
                return node.Binary(BinaryFunction.And, Under(node, key, ends[0]), node.Unary(UnaryFunction.Not, Under(node, key, ends[1])));
            case 2: return node.Prepare(new Unsqueeze { Axes = [1, 2] }, node.Cast(mask, DataType.Bool));
            case 3: return node.Prepare(new Unsqueeze { Axes = [1] }, node.Cast(mask, DataType.Bool));
            case 4:
                Value start = node.Reshape(before, 1), end = node.Binary(BinaryFunction.Add, start, Length(node, query, 2));
                Value rows = node.Prepare(new Slice(), node.Cast(mask, DataType.Bool), start, end, node.Integers(2));
                return node.Prepare(new Slice(), rows, node.Integers(0), node.Reshape(Length(node, key, 2), 1), node.Integers(3));
            default: throw node.Problem($"a mask of type {mask.Type} is not supported");
        }
    }

    /// <summary>[batch, length, heads·size] as [batch, heads, length, size].</summary>
    public static Value Heads(OnnxNode node, Value x, int heads)
    {
        int width = x.Type.Shape[-1];
        if (width >= 0 && width % heads != 0) throw node.Problem($"{x.Type} cannot be split among {heads} heads");
        return node.Transpose(node.Reshape(x, 0, 0, heads, width < 0 ? -1 : width / heads), 0, 2, 1, 3);
    }

    /// <summary>[batch, heads, length, size] as [batch, length, heads·size].</summary>
    public static Value Flat(OnnxNode node, Value x)
    {
        Shape shape = x.Type.Shape;
        return node.Reshape(node.Transpose(x, 0, 2, 1, 3), 0, 0, shape[1] < 0 || shape[3] < 0 ? -1 : (long)shape[1] * shape[3]);
    }

    /// <summary>Each head that many times, one after the other.</summary>
    public static Value Repeat(OnnxNode node, Value x, int times)
    {
        if (times == 1) return x;
        Shape shape = x.Type.Shape;
        Value copies = node.Prepare(new Expand { Target = [1, 1, times, 1, 1] }, node.Prepare(new Unsqueeze { Axes = [2] }, x));
        if (shape[1] < 0 || shape[3] < 0) throw node.Problem($"the heads of {x.Type} and their size must be known");
        return node.Reshape(copies, 0, (long)shape[1] * times, -1, shape[3]);
    }

    /// <summary>Products of queries and keys, by default divided by the root of their size.</summary>
    public static Value Scores(OnnxNode node, Value query, Value key, float scale)
    {
        if (scale == 0)
        {
            int size = query.Type.Shape[3] >= 0 ? query.Type.Shape[3] : key.Type.Shape[3];
            if (size < 0) throw node.Problem($"the size of the heads of {query.Type} must be known");
            scale = 1 / MathF.Sqrt(size);
        }
        return node.Prepare(new MatMul { TransposeB = true, Scale = scale }, query, key);
    }

    /// <summary>c·tanh(x / c), which keeps scores between -c and c; 0 does nothing.</summary>
    public static Value Cap(OnnxNode node, Value scores, float cap)
    {
        if (cap == 0) return scores;
        Value limit = node.Scalar(scores.Type.DataType, cap);
        return node.Binary(BinaryFunction.Mul, node.Unary(UnaryFunction.Tanh, node.Binary(BinaryFunction.Div, scores, limit)), limit);
    }

    /// <summary>Scores where that is open, elsewhere the lowest number.</summary>
    public static Value Where(OnnxNode node, Value open, Value scores) =>
        node.Prepare(new Where(), open, scores, node.Scalar(scores.Type.DataType, scores.Type.DataType == DataType.F16 ? (double)Half.MinValue : float.MinValue));

    /// <summary>True where a query may look: at keys up to its own position, which is that many behind its place.</summary>
    private static Value Causal(OnnxNode node, Value query, Value key, Value before)
    {
        Value own = node.Binary(BinaryFunction.Add, Positions(node, Length(node, query, 2)), before);
        return node.Binary(BinaryFunction.LessOrEqual, Positions(node, Length(node, key, 2)), node.Prepare(new Unsqueeze { Axes = [1] }, own));
    }

    /// <summary>True for keys whose position is under a count.</summary>
    private static Value Under(OnnxNode node, Value key, Value count) =>
        node.Binary(BinaryFunction.Less, Positions(node, Length(node, key, 2)), node.Cast(count, DataType.I64));

    /// <summary>0, 1, 2 … as many as that.</summary>
    public static Value Positions(OnnxNode node, Value length) =>
        node.Prepare(new Range(), node.Scalar(DataType.I64, 0), length, node.Scalar(DataType.I64, 1));

    /// <summary>The size of an axis.</summary>
    public static Value Length(OnnxNode node, Value x, int axis) => node.Prepare(new ShapeOf { Start = axis, End = axis + 1, Product = true }, x);

    /// <summary>[batch, length, heads, parts, size] as parts of [batch, length, heads·size].</summary>
    private static Value[] Unpack(OnnxNode node, Value packed)
    {
        Shape shape = packed.Type.Shape;
        if (shape.Rank != 5 || shape[3] is not (2 or 3) || shape[2] < 0 || shape[4] < 0) throw node.Problem($"{packed.Type} does not hold queries, keys and values side by side");
        Value[] parts = node.Add(new Split { Axis = 3, Parts = shape[3] }, packed);
        return Array.ConvertAll(parts, p => node.Reshape(p, 0, 0, (long)shape[2] * shape[4]));
    }

    private static int Width(Value x) => x.Type.Shape.Rank == 3 ? x.Type.Shape[2] : x.Type.Shape[1] < 0 || x.Type.Shape[3] < 0 ? -1 : x.Type.Shape[1] * x.Type.Shape[3];
}
