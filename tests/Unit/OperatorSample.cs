using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Unit;

/// <summary>An operator with inputs that it accepts.</summary>
internal sealed record OperatorSample(Operator Operator, params Tensor?[] Inputs)
{
    public override string ToString() => $"{Operator} of {string.Join(", ", Inputs.Select(i => i?.Type.ToString() ?? "none"))}";

    /// <summary>The types of the results, all values being known.</summary>
    public TensorType[] Infer() => Operator.Infer(Operand.Known(Views));

    /// <summary>The results.</summary>
    public Tensor[] Evaluate()
    {
        Tensor[] results = Array.ConvertAll(Infer(), type => new Tensor(type));
        Operator.Evaluate(Views, Array.ConvertAll(results, r => r.View));
        return results;
    }

    private TensorView[] Views => Array.ConvertAll(Inputs, i => i?.View ?? default);
}
