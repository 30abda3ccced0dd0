using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// One of two computations: the first where input 0 (Bool, one element) is true, else the second. Only that one is run. Both are given the inputs after the first.
/// </summary>
internal sealed class If : Operator
{
    private Body? then, otherwise;

    public If() { }

    public If(Body then, Body otherwise) => (this.then, this.otherwise) = (then, otherwise);

    public override Tolerance Tolerance => Tolerance.Accumulation;

    public Body Then => then ?? throw Invalid("it has no branch for true.");

    public Body Else => otherwise ?? throw Invalid("it has no branch for false.");

    public override IReadOnlyList<Body> Bodies => then is null || otherwise is null ? [] : [then, otherwise];

    public override void Attributes(AttributeCodec codec)
    {
        codec.Body("then", ref then);
        codec.Body("else", ref otherwise);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, int.MaxValue);
        if (inputs[0].DataType != DataType.Bool || (inputs[0].Shape.IsStatic && inputs[0].Shape.Count != 1)) throw Invalid($"{inputs[0].Type} is no condition.");
        if (inputs[0].Value is { } condition) return Array.ConvertAll(Taken(condition).Infer(inputs[1..]), o => o.Type);
        TensorType[]? a = Try(Then, inputs[1..], out EdgeException? refusal), b = Try(Else, inputs[1..], out _);
        // Shapes for which one branch was not made: it will not be taken, or says so when it is.
        if (a is null || b is null) return a ?? b ?? throw refusal!;
        if (a.Length != b.Length) throw Invalid($"its branches have {a.Length} and {b.Length} outputs.");
        var types = new TensorType[a.Length];
        for (int i = 0; i < types.Length; i++)
        {
            if (a[i].DataType != b[i].DataType) throw Invalid($"output {i} is {a[i]} of one branch and {b[i]} of the other.");
            types[i] = new TensorType(a[i].DataType, Shape.Common(a[i].Shape, b[i].Shape), Equals(a[i].Quantization, b[i].Quantization) ? a[i].Quantization : null);
        }
        return types;
    }

    /// <summary>The dearer branch.</summary>
    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs)
    {
        Cost most = default;
        Operand[] operands = BodyResults.Operands(inputs[1..]);
        foreach (Body body in Bodies)
        {
            // One that is not made for these shapes is not what is run.
            if (Try(body, operands, out _) is null) continue;
            Cost cost = body.Cost(inputs[1..]);
            if (cost.Operations + cost.Bytes > most.Operations + most.Bytes) most = cost;
        }
        return most;
    }

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) => BodyResults.Copy(Taken(inputs[0]).Run(inputs[1..]), outputs, this);

    public override Tensor[] Execute(ReadOnlySpan<TensorView> inputs, BodyRunner run) => run(Taken(inputs[0]), inputs[1..]);

    internal override Operand[] BodyInputs(int body, ReadOnlySpan<Operand> inputs) => inputs[1..].ToArray();

    internal override int Captures(int inputs) => inputs - 1;

    /// <summary>The branch for a condition.</summary>
    internal Body Taken(in TensorView condition) => condition.Bytes[0] != 0 ? Then : Else;

    private static TensorType[]? Try(Body body, ReadOnlySpan<Operand> inputs, out EdgeException? refusal)
    {
        refusal = null;
        try
        {
            return Array.ConvertAll(body.Infer(inputs), o => o.Type);
        }
        catch (EdgeException e)
        {
            refusal = e;
            return null;
        }
    }
}
