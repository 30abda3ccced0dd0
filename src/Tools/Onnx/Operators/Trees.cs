using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Forests of decision trees, which the model lists node by node.</summary>
internal static class Trees
{
    public static Value[] Regressor(OnnxNode node)
    {
        int targets = node.Attributes.Int32("n_targets", 1);
        float[] starts = node.Attributes.Floats("base_values");
        Value y = Forest(node, "target", targets, starts.Length == 0 ? null : node.Constant(Tensor.Vector<float>(starts)));
        return [ClassicalLearning.Transform(node, y)];
    }

    /// <summary>Where all weights are for the first of two classes, they are one score for the second, and the first one's follows from it.</summary>
    public static Value[] Classifier(OnnxNode node)
    {
        OnnxAttributes given = node.Attributes;
        Value labels = ClassicalLearning.Labels(node);
        int classes = labels.Type.Shape[0];
        long[] voted = given.Ints("class_ids");
        float[] start = given.Floats("base_values"), weights = given.Floats("class_weights");
        Value scores = Forest(node, "class", Math.Max(classes, 1), null);
        if (classes != 2 || voted.Any(v => v != 0))
        {
            if (start.Length > 0) scores = node.Binary(BinaryFunction.Add, scores, node.Constant(Tensor.Vector<float>(start)));
            Value best = node.Prepare(new ArgMax { Axis = 1, KeepDims = false }, scores);
            return [node.Add1(new Gather(), labels, best), ClassicalLearning.Transform(node, scores)];
        }
        Value one = node.Prepare(new Slice { Starts = [0], Ends = [1], Axes = [1] }, scores);
        if (start.Length > 0) one = node.Binary(BinaryFunction.Add, one, node.Scalar(DataType.F32, start[^1]));
        bool shares = Array.TrueForAll(weights, w => w >= 0);
        Value chosen = node.Cast(node.Binary(BinaryFunction.Greater, node.Reshape(one, -1), node.Scalar(DataType.F32, shares ? 0.5 : 0)), DataType.I64);
        Value rest = shares ? node.Binary(BinaryFunction.Sub, node.Scalar(DataType.F32, 1), one) : node.Unary(UnaryFunction.Neg, one);
        Value both = node.Prepare(new Concat { Axis = 1 }, rest, one);
        return [node.Add1(new Gather(), labels, chosen), !shares && given.String("post_transform", "NONE") == "LOGISTIC" ? node.Unary(UnaryFunction.Sigmoid, both) : both];
    }

    private static Value Forest(OnnxNode node, string kind, int targets, Value? starts)
    {
        OnnxAttributes given = node.Attributes;
        long[] trees = given.Ints("nodes_treeids"), ids = given.Ints("nodes_nodeids"), features = given.Ints("nodes_featureids"), yes = given.Ints("nodes_truenodeids"), no = given.Ints("nodes_falsenodeids");
        long[] missing = given.Ints("nodes_missing_value_tracks_true");
        string[] modes = given.Strings("nodes_modes");
        Tensor? values = given.Has("nodes_values_as_tensor") ? given.Tensor("nodes_values_as_tensor") : Tensor.Vector<float>(given.Floats("nodes_values"));
        int count = ids.Length;
        if (values is null || count < 1 || new[] { trees.Length, features.Length, yes.Length, no.Length, modes.Length, (int)values.Shape.Count }.Any(l => l != count) || (missing.Length > 0 && missing.Length != count))
            throw node.Problem("its lists of nodes differ in length");
        var places = new Dictionary<(long, long), int>();
        for (int i = 0; i < count; i++)
            if (!places.TryAdd((trees[i], ids[i]), i)) throw node.Problem($"tree {trees[i]} has two nodes {ids[i]}");
        int Place(long tree, long id) => places.TryGetValue((tree, id), out int place) ? place : throw node.Problem($"tree {tree} has no node {id}");

        (int[] weightTargets, Value weights, int[] first, int[] many) = Leaves(node, kind, targets, count, Place);
        int[] nodes = new int[count * TreeEnsemble.NodeWidth];
        for (int i = 0; i < count; i++)
        {
            Span<int> to = nodes.AsSpan(i * TreeEnsemble.NodeWidth, TreeEnsemble.NodeWidth);
            TreeMode mode = Mode(node, modes[i]);
            bool leaf = mode == TreeMode.Leaf;
            to[0] = checked((int)features[i]);
            to[1] = (int)mode;
            to[2] = leaf ? first[i] : Place(trees[i], yes[i]);
            to[3] = leaf ? many[i] : Place(trees[i], no[i]);
            to[4] = missing.Length > 0 && missing[i] != 0 ? 1 : 0;
        }
        // The first node listed of a tree is its root.
        int[] roots = [.. Enumerable.Range(0, count).GroupBy(i => trees[i]).Select(tree => tree.First())];
        var forest = new TreeEnsemble
        {
            Targets = targets,
            Aggregate = given.OneOf("aggregate_function", "SUM", "AVERAGE", "MIN", "MAX") switch
            {
                "SUM" => TreeAggregate.Sum,
                "AVERAGE" => TreeAggregate.Average,
                "MIN" => TreeAggregate.Min,
                _ => TreeAggregate.Max,
            },
        };
        return node.Add1(forest, node.Input(0), node.Constant(Tensor.From<int>(new Shape(count, TreeEnsemble.NodeWidth), nodes)), node.Constant(values),
            node.Constant(Tensor.Vector<int>(weightTargets)), weights, node.Constant(Tensor.Vector<int>(roots)), starts);
    }

    /// <summary>The weights, those of a leaf side by side, and for each node where they begin and how many there are.</summary>
    private static (int[] Targets, Value Weights, int[] First, int[] Many) Leaves(OnnxNode node, string kind, int targets, int count, Func<long, long, int> place)
    {
        OnnxAttributes given = node.Attributes;
        long[] trees = given.Ints($"{kind}_treeids"), ids = given.Ints($"{kind}_nodeids"), of = given.Ints($"{kind}_ids");
        Tensor? weights = given.Has($"{kind}_weights_as_tensor") ? given.Tensor($"{kind}_weights_as_tensor") : Tensor.Vector<float>(given.Floats($"{kind}_weights"));
        if (weights is null || trees.Length != ids.Length || of.Length != ids.Length || weights.Shape.Count != ids.Length) throw node.Problem("its lists of weights differ in length");
        if (of.Any(t => t < 0 || t >= targets)) throw node.Problem($"a weight is for none of {targets} targets");
        int[] leaves = [.. Enumerable.Range(0, ids.Length).Select(i => place(trees[i], ids[i]))];
        int[] order = [.. Enumerable.Range(0, ids.Length).OrderBy(i => leaves[i])];
        int[] first = new int[count], many = new int[count];
        for (int i = 0; i < order.Length; i++)
            if (many[leaves[order[i]]]++ == 0) first[leaves[order[i]]] = i;
        Value sorted = node.Prepare(new Gather(), node.Constant(weights), node.Integers([.. order.Select(i => (long)i)]));
        return ([.. order.Select(i => (int)of[i])], sorted, first, many);
    }

    private static TreeMode Mode(OnnxNode node, string mode) => mode switch
    {
        "LEAF" => TreeMode.Leaf,
        "BRANCH_LEQ" => TreeMode.LessOrEqual,
        "BRANCH_LT" => TreeMode.Less,
        "BRANCH_GTE" => TreeMode.GreaterOrEqual,
        "BRANCH_GT" => TreeMode.Greater,
        "BRANCH_EQ" => TreeMode.Equal,
        "BRANCH_NEQ" => TreeMode.NotEqual,
        _ => throw node.Problem($"the comparison '{mode}' is not supported"),
    };
}
