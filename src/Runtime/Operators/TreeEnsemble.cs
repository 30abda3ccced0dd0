using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>What a node of a tree does.</summary>
internal enum TreeMode
{
    /// <summary>Ends the way; the others go on at one node where the comparison holds, at another where it does not.</summary>
    Leaf, LessOrEqual, Less, GreaterOrEqual, Greater, Equal, NotEqual,
}

/// <summary>How the trees' answers are put together.</summary>
internal enum TreeAggregate
{
    Sum, Average, Min, Max,
}

/// <summary>
/// Decision trees. Inputs: features [N F]; nodes [M 6] (feature, mode, next if true, next if false, 1 where no number counts as true, 0); thresholds [M]; for
/// each weight the target it counts for [W]; weights [W]; the first node of each tree [T]; and optionally what is added to each target for which some leaf
/// had a weight [targets]. Of a leaf, the two next ones are its first weight and how many
/// it has. The result is [N targets] (F32).
/// </summary>
internal sealed class TreeEnsemble : Operator
{
    /// <summary>Numbers of a node.</summary>
    public const int NodeWidth = 6;

    public int Targets = 1;
    public TreeAggregate Aggregate;

    public override Tolerance Tolerance => Tolerance.Accumulation;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Int("targets", ref Targets);
        codec.Enum("aggregate", ref Aggregate);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 6, 7);
        if (Targets is < 1 or > 1 << 20) throw Invalid($"there are {Targets} targets.");
        if (inputs[1].DataType != DataType.I32 || inputs[3].DataType != DataType.I32 || inputs[5].DataType != DataType.I32)
            throw Invalid($"{inputs[1].Type}, {inputs[3].Type} and {inputs[5].Type} describe no trees.");
        if (inputs.Length > 6 && !inputs[6].IsMissing && inputs[6].Shape.IsStatic && inputs[6].Shape.Count != Targets) throw Invalid($"{inputs[6].Type} does not fit {Targets} targets.");
        if (inputs.ToArray().All(i => i.Shape.IsStatic))
        {
            int nodes = inputs[1].Shape.Rank == 2 ? inputs[1].Shape[0] : -1;
            if (nodes < 1 || inputs[1].Shape[1] != NodeWidth || inputs[2].Shape != new Shape(nodes) || inputs[3].Shape.Rank != 1 || inputs[4].Shape != inputs[3].Shape || inputs[5].Shape.Rank != 1 || inputs[0].Shape.Rank != 2)
                throw Invalid($"{inputs[1].Type}, {inputs[2].Type}, {inputs[3].Type}, {inputs[4].Type} and {inputs[5].Type} are no trees for {inputs[0].Type}.");
        }
        return [new TensorType(DataType.F32, inputs[0].Shape.Rank == 2 ? inputs[0].Shape[0] : Shape.Unknown, Targets)];
    }

    /// <summary>As if each tree were as deep as one that halves its nodes at each step.</summary>
    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(outputs[0].Shape[0] * inputs[5].Shape.Count * 20, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        double[] x = Elements.Read(inputs[0]), thresholds = Elements.Read(inputs[2]), weights = Elements.Read(inputs[4]);
        ReadOnlySpan<int> nodes = inputs[1].Span<int>(), targets = inputs[3].Span<int>(), roots = inputs[5].Span<int>();
        double[] starts = inputs.Length > 6 ? Elements.Read(inputs[6]) : [];
        int features = inputs[0].Shape[1];
        Span<float> y = outputs[0].Span<float>();
        double[] sums = new double[Targets];
        bool[] seen = new bool[Targets];
        for (int row = 0; row < inputs[0].Shape[0]; row++)
        {
            Array.Clear(sums);
            Array.Clear(seen);
            foreach (int root in roots)
            {
                ReadOnlySpan<int> leaf = FindLeaf(x.AsSpan(row * features, features), nodes, thresholds, root);
                for (int i = 0; i < leaf[3]; i++)
                {
                    int at = leaf[2] + i;
                    if ((uint)at >= (uint)weights.Length || (uint)targets[at] >= (uint)Targets) throw Invalid("a leaf has weights that are not there.");
                    Add(ref sums[targets[at]], ref seen[targets[at]], weights[at]);
                }
            }
            for (int t = 0; t < Targets; t++)
            {
                if (Aggregate == TreeAggregate.Average) sums[t] /= Math.Max(1, roots.Length);
                y[row * Targets + t] = (float)(seen[t] && starts.Length > 0 ? sums[t] + starts[t] : sums[t]);
            }
        }
    }

    private void Add(ref double sum, ref bool seen, double weight)
    {
        sum = Aggregate switch
        {
            TreeAggregate.Min => seen ? Math.Min(sum, weight) : weight,
            TreeAggregate.Max => seen ? Math.Max(sum, weight) : weight,
            _ => sum + weight,
        };
        seen = true;
    }

    private ReadOnlySpan<int> FindLeaf(ReadOnlySpan<double> x, ReadOnlySpan<int> nodes, double[] thresholds, int at)
    {
        // A way that is longer than there are nodes goes in circles.
        for (int steps = 0; steps < thresholds.Length; steps++)
        {
            if ((uint)at >= (uint)thresholds.Length) throw Invalid($"there is no node {at}.");
            ReadOnlySpan<int> node = nodes.Slice(at * NodeWidth, NodeWidth);
            var mode = (TreeMode)node[1];
            if (mode == TreeMode.Leaf) return node;
            if ((uint)node[0] >= (uint)x.Length) throw Invalid($"there is no feature {node[0]}.");
            double value = x[node[0]], threshold = thresholds[at];
            bool holds = double.IsNaN(value) && node[4] != 0;
            holds |= mode switch
            {
                TreeMode.LessOrEqual => value <= threshold,
                TreeMode.Less => value < threshold,
                TreeMode.GreaterOrEqual => value >= threshold,
                TreeMode.Greater => value > threshold,
                TreeMode.Equal => value == threshold,
                TreeMode.NotEqual => value != threshold,
                _ => throw Invalid($"a node has the unknown mode {node[1]}."),
            };
            at = holds ? node[2] : node[3];
        }
        throw Invalid("a tree goes in circles.");
    }
}
