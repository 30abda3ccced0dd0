using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Runs a body for each slice of some inputs (ONNX Scan-9). Inputs are states, which are carried from run to run, then what is cut into slices, then what is the same for
/// each run. The body is given the states, one slice of each, and the rest; it gives the states and slices, which the operator joins.
/// </summary>
internal sealed class Scan : Operator
{
    private Body? body;

    /// <summary>How many inputs are states.</summary>
    public int States;

    /// <summary>For each input that is cut the axis; counted from the end where it is negative.</summary>
    public int[] InputAxes = [];

    /// <summary>For each input that is cut 1 where the last slice comes first, else 0; empty for 0.</summary>
    public int[] InputDirections = [];

    /// <summary>For each joined output the axis; empty for 0.</summary>
    public int[] OutputAxes = [];

    /// <summary>For each joined output 1 where the first slice is put last, else 0; empty for 0.</summary>
    public int[] OutputDirections = [];

    public Scan() { }

    public Scan(Body body, int states) => (this.body, States) = (body, states);

    public override Tolerance Tolerance => Tolerance.Accumulation;

    public Body Body => body ?? throw Invalid("it has no body.");

    public override IReadOnlyList<Body> Bodies => body is null ? [] : [body];

    public override void Attributes(AttributeCodec codec)
    {
        codec.Body("body", ref body);
        codec.Int("states", ref States);
        codec.Ints("input_axes", ref InputAxes);
        codec.Ints("input_directions", ref InputDirections);
        codec.Ints("output_axes", ref OutputAxes);
        codec.Ints("output_directions", ref OutputDirections);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        Operand[] given = First(inputs);
        TensorType[] initial = [.. given.Take(States).Select(o => o.Type)];
        Operand[] results = CarriedTypes.Settle(Body, given, 0, 0, States);
        int runs = Shape.Unknown;
        for (int i = 0; i < InputAxes.Length; i++) runs = Agree(runs, Runs(inputs[States + i].Shape, i));
        var outputs = new TensorType[results.Length];
        for (int i = 0; i < outputs.Length; i++)
        {
            Shape result = results[i].Shape;
            Shape shape = i < States ? (runs > 0 ? result : Shape.Common(initial[i].Shape, result)) : result.IsUnranked ? result : BodyResults.With(result, OutputAxis(i - States, result.Rank), runs);
            outputs[i] = new TensorType(results[i].DataType, shape);
        }
        return outputs;
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs)
    {
        Cost once = Body.Cost(Array.ConvertAll(BodyInputs(0, BodyResults.Operands(inputs)), o => o.Type));
        long runs = InputAxes.Length == 0 ? 1 : Math.Max(0, Runs(inputs[States].Shape, 0));
        return new Cost(once.Operations * runs, once.Bytes * runs);
    }

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        BodyResults.Copy(Execute(inputs, (b, i) => b.Run(i)), outputs, this);

    public override Tensor[] Execute(ReadOnlySpan<TensorView> inputs, BodyRunner run)
    {
        Operand[] operands = Operand.Known(inputs);
        Operand[] first = First(operands);
        int runs = Shape.Unknown;
        for (int i = 0; i < InputAxes.Length; i++) runs = Agree(runs, Runs(inputs[States + i].Shape, i));
        Tensor[] pieces = [.. Enumerable.Range(States, InputAxes.Length).Select(i => new Tensor(first[i].Type))];
        TensorView[] given = [.. inputs[..States], .. pieces.Select(s => s.View), .. inputs[(States + InputAxes.Length)..]];
        Tensor[] states = [], joined = [];
        for (int at = 0; at < runs; at++)
        {
            for (int i = 0; i < pieces.Length; i++)
                BodyResults.Take(inputs[States + i], InputAxis(i, inputs[States + i].Shape.Rank), Is(InputDirections, i) ? runs - 1 - at : at, pieces[i].View);
            Tensor[] results = run(Body, given);
            states = results[..States];
            for (int i = 0; i < States; i++) given[i] = states[i].View;
            Tensor[] slices = results[States..];
            if (at == 0) joined = Array.ConvertAll([.. Enumerable.Range(0, slices.Length)], i => new Tensor(Joined(slices[i].Type, i, runs)));
            for (int i = 0; i < slices.Length; i++)
            {
                if (Joined(slices[i].Type, i, runs) != joined[i].Type) throw Invalid($"slice {i} of run {at} is {slices[i].Type}, others are part of {joined[i].Type}.");
                BodyResults.Put(slices[i].View, joined[i].View, OutputAxis(i, slices[i].Shape.Rank), Is(OutputDirections, i) ? runs - 1 - at : at);
            }
        }
        return runs > 0 ? [.. states, .. joined] : WithoutRuns(inputs, operands);
    }

    internal override Operand[] BodyInputs(int index, ReadOnlySpan<Operand> inputs)
    {
        Operand[] given = First(inputs);
        CarriedTypes.Settle(Body, given, 0, 0, States);
        return given;
    }

    internal override int Captures(int inputs) => inputs - States - InputAxes.Length;

    /// <summary>What the body is given the first time.</summary>
    private Operand[] First(ReadOnlySpan<Operand> inputs)
    {
        if (States < 0 || InputAxes.Length == 0 || inputs.Length < States || inputs.Length - States < InputAxes.Length) throw Invalid($"it has {inputs.Length} inputs, expected {States} states and at least one that is cut.");
        Operand[] given = inputs.ToArray();
        for (int i = 0; i < States; i++) given[i] = new Operand(given[i].Type);
        for (int i = 0; i < InputAxes.Length; i++)
        {
            TensorType whole = inputs[States + i].Type;
            if (whole.Shape.Rank == 0) throw Invalid($"{whole} cannot be cut.");
            Shape slice = whole.Shape.IsUnranked ? whole.Shape : BodyResults.Without(whole.Shape, InputAxis(i, whole.Shape.Rank));
            given[States + i] = new Operand(new TensorType(whole.DataType, slice));
        }
        return given;
    }

    /// <summary>The axis along which an input is cut.</summary>
    internal int InputAxis(int index, int rank) => NormalizeAxis(InputAxes[index], rank);

    /// <summary>The axis along which slices of a rank are joined.</summary>
    internal int OutputAxis(int index, int rank) => NormalizeAxis(index < OutputAxes.Length ? OutputAxes[index] : 0, rank + 1);

    /// <summary>True for a direction that goes backwards.</summary>
    internal static bool Is(int[] directions, int index) => index < directions.Length && directions[index] != 0;

    private int Runs(in Shape shape, int index) => shape.IsUnranked ? Shape.Unknown : shape[InputAxis(index, shape.Rank)];

    private int Agree(int a, int b)
    {
        if (a >= 0 && b >= 0 && a != b) throw Invalid($"its inputs have {a} and {b} slices.");
        return a >= 0 ? a : b;
    }

    private TensorType Joined(in TensorType slice, int index, int runs) =>
        new(slice.DataType, BodyResults.With(slice.Shape, OutputAxis(index, slice.Shape.Rank), runs));

    private Tensor[] WithoutRuns(ReadOnlySpan<TensorView> inputs, Operand[] operands)
    {
        TensorType[] types = Infer(operands);
        var outputs = new Tensor[types.Length];
        for (int i = 0; i < outputs.Length; i++)
        {
            Shape shape = types[i].Shape.IsUnranked ? new Shape(0) : types[i].Shape;
            for (int axis = 0; axis < shape.Rank; axis++)
                if (shape[axis] < 0) shape = shape.With(axis, 0);
            outputs[i] = new Tensor(i < States ? inputs[i].Type : types[i] with { Shape = shape });
            if (i < States) inputs[i].Bytes.CopyTo(outputs[i].View.Bytes);
        }
        return outputs;
    }
}
