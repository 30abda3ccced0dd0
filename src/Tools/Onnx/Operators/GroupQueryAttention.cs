using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>
/// com.microsoft.GroupQueryAttention: attention of a decoder, with rotation of queries and keys, whose key heads serve several query heads each, and with
/// a past whose memory may be longer than what is in it.
/// </summary>
internal static class GroupQueryAttention
{
    /// <summary>
    /// Inputs: query [batch, length, width], or with key and value side by side; key; value; past key and value [batch, key heads, room, size]; for each
    /// entry the number of keys less one; the largest number of keys; cosines; sines; positions; additions to the scores; a score for each head that nothing
    /// has. Outputs: the mix of values, present key and value.
    /// </summary>
    public static Value[] Import(OnnxNode node)
    {
        OnnxAttributes given = node.Attributes;
        int heads = given.Int32("num_heads", 0), keyHeads = given.Int32("kv_num_heads", 0);
        if (heads < 1 || keyHeads < 1 || heads % keyHeads != 0) throw node.Problem($"{heads} heads of queries cannot share {keyHeads} of keys");
        if (given.String("k_quant_type", "NONE") != "NONE" || given.String("v_quant_type", "NONE") != "NONE") throw node.Problem("quantized keys and values are not supported");
        Value query = node.Input(0);
        Value? key = node.Optional(1), value = node.Optional(2);
        if (key is null || value is null)
        {
            int width = query.Type.Shape[-1], all = heads + 2 * keyHeads;
            if (width < 0 || width % all != 0) throw node.Problem($"its query {query.Type} cannot be split among {all} heads");
            long size = width / all;
            Value[] parts = node.Add(new Split { Axis = 2, Parts = 3, Sizes = [heads * size, keyHeads * size, keyHeads * size] }, query);
            (query, key, value) = (parts[0], parts[1], parts[2]);
        }
        (query, key, value) = (Attentions.Heads(node, query, heads), Attentions.Heads(node, key, keyHeads), Attentions.Heads(node, value, keyHeads));

        // Where each entry's new keys begin; what is padded at the first run begins at 0.
        Value length = Attentions.Length(node, query, 2);
        Value ends = node.Binary(BinaryFunction.Add, node.Reshape(node.Cast(node.Input(5), DataType.I64), -1), node.Scalar(DataType.I64, 1));
        Value starts = node.Binary(BinaryFunction.Max, node.Binary(BinaryFunction.Sub, ends, length), node.Scalar(DataType.I64, 0));
        Value own = node.Binary(BinaryFunction.Add, node.Prepare(new Unsqueeze { Axes = [1] }, starts), Attentions.Positions(node, length));
        if (given.Bool("do_rotary", false))
        {
            Value positions = node.Optional(9) is { } told ? node.Cast(told, DataType.I64) : own;
            bool interleaved = given.Bool("rotary_interleaved", false);
            query = Rotary.Rotate(node, query, node.Input(7), node.Input(8), positions, interleaved, 0);
            key = Rotary.Rotate(node, key, node.Input(7), node.Input(8), positions, interleaved, 0);
        }
        if (node.Optional(3) is { } pastKey)
        {
            Value total = node.Reshape(node.Cast(node.Input(6), DataType.I64), 1);
            (key, value) = (Present(node, pastKey, key, starts, total), Present(node, node.Input(4), value, starts, total));
        }
        (Value presentKey, Value presentValue) = (key, value);
        (key, value) = (Attentions.Repeat(node, key, heads / keyHeads), Attentions.Repeat(node, value, heads / keyHeads));

        Value scores = Attentions.Cap(node, Attentions.Scores(node, query, key, given.Float("scale", 0)), given.Float("softcap", 0));
        if (node.Optional(10) is { } addition) scores = node.Binary(BinaryFunction.Add, scores, node.Cast(addition, scores.Type.DataType));
        Value keys = Attentions.Positions(node, Attentions.Length(node, key, 2)), place = node.Prepare(new Unsqueeze { Axes = [1, 3] }, own);
        Value open = node.Binary(BinaryFunction.LessOrEqual, keys, place);
        int window = given.Int32("local_window_size", -1);
        if (window > 0) open = node.Binary(BinaryFunction.And, open, node.Binary(BinaryFunction.Greater, keys, node.Binary(BinaryFunction.Sub, place, node.Scalar(DataType.I64, window))));
        scores = Attentions.Where(node, open, scores);
        return [Attentions.Flat(node, node.Prepare(new MatMul(), Shares(node, scores, heads), value)), presentKey, presentValue];
    }

    /// <summary>The past, made longer where it has no room, with new keys or values written behind what is in it.</summary>
    private static Value Present(OnnxNode node, Value past, Value now, Value starts, Value total)
    {
        Value missing = node.Binary(BinaryFunction.Max, node.Binary(BinaryFunction.Sub, total, Attentions.Length(node, past, 2)), node.Scalar(DataType.I64, 0));
        Value pads = node.Prepare(new Concat(), node.Integers(0), missing);
        Value room = node.Prepare(new Pad(), past, pads, null, node.Integers(2));
        return node.Prepare(new CacheUpdate { Axis = 2 }, room, now, starts);
    }

    /// <summary>Softmax, perhaps with one score more for each head that takes its share and gives nothing: 0, or an input's.</summary>
    private static Value Shares(OnnxNode node, Value scores, int heads)
    {
        Value? sink = node.Optional(11);
        if (sink is null && !node.Attributes.Bool("smooth_softmax", false)) return node.Prepare(new Softmax(), scores);
        DataType type = scores.Type.DataType;
        Value extra = sink is null ? node.Scalar(type, 0) : node.Reshape(node.Cast(sink, type), 1, heads, 1, 1);
        Value shape = node.Prepare(new Concat(), node.Prepare(new ShapeOf { End = 3 }, scores), node.Integers(1));
        Value all = node.Prepare(new Softmax(), node.Prepare(new Concat { Axis = 3 }, scores, node.Prepare(new Expand(), extra, shape)));
        return node.Prepare(new Slice { Starts = [0], Ends = [-1], Axes = [3] }, all);
    }
}
