using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>How the losses of single samples become one.</summary>
internal enum LossReduction
{
    None, Sum,

    /// <summary>The sum divided by the sum of weights.</summary>
    Mean,
}

/// <summary>
/// The negated, weighted log-probability of the class that each sample has (ONNX NegativeLogLikelihoodLoss-13). Inputs: log-probabilities
/// [N, classes, …], classes [N, …], and optionally a weight for each class.
/// </summary>
internal sealed class NegativeLogLikelihood : Operator
{
    public LossReduction Reduction = LossReduction.Mean;

    /// <summary>Samples of this class count nothing.</summary>
    public long Ignored = long.MinValue;

    public override Tolerance Tolerance => Tolerance.Accumulation;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Enum("reduction", ref Reduction);
        codec.Long("ignored", ref Ignored);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 3);
        Shape x = inputs[0].Shape, target = inputs[1].Shape;
        if (!x.IsUnranked && (x.Rank < 2 || !new Shape([x[0], .. x.Span[2..]]).Accepts(target)))
            throw Invalid($"{inputs[1].Type} does not give classes for {inputs[0].Type}.");
        if (inputs.Length > 2 && !inputs[2].IsMissing && !new Shape(x.IsUnranked ? Shape.Unknown : x[1]).Accepts(inputs[2].Shape))
            throw Invalid($"the weights {inputs[2].Type} do not fit the classes of {inputs[0].Type}.");
        return [new TensorType(inputs[0].DataType, Reduction == LossReduction.None ? target : new Shape())];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(2 * inputs[1].Shape.Count, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Shape shape = inputs[0].Shape;
        int classes = shape[1], inner = (int)shape.Product(2, shape.Rank);
        double[] x = Elements.Read(inputs[0]), weights = inputs.Length > 2 ? Elements.Read(inputs[2]) : [];
        long[] target = Integers(inputs[1]);
        var losses = new double[target.Length];
        double sum = 0, total = 0;
        for (int i = 0; i < target.Length; i++)
        {
            if (target[i] == Ignored) continue;
            int label = NormalizeIndex(target[i], classes);
            double weight = weights.Length > 0 ? weights[label] : 1;
            losses[i] = -weight * x[(i / inner * classes + label) * inner + i % inner];
            sum += losses[i];
            total += weight;
        }
        Elements.Write(outputs[0], Reduction switch
        {
            LossReduction.None => losses,
            LossReduction.Sum => [sum],
            _ => [sum / total],
        });
    }
}
