using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>The kinds of recurrent cell.</summary>
internal enum RecurrentCell
{
    /// <summary>One gate: h = f(x·W + h·R + b).</summary>
    Simple,

    /// <summary>Gates update, reset, hidden.</summary>
    Gru,

    /// <summary>Gates input, output, forget, cell.</summary>
    Lstm,
}

/// <summary>Which way a recurrent layer reads its sequence.</summary>
internal enum RecurrentDirection
{
    Forward,
    Reverse,

    /// <summary>Both ways, each with its own weights.</summary>
    Both,
}

/// <summary>
/// A recurrent layer over a sequence [time, batch, input], after ONNX RNN, GRU and LSTM (opset 14, layout 0). Inputs: x, W [directions,
/// gates·hidden, input], R [directions, gates·hidden, hidden], bias [directions, 2·gates·hidden], lengths [batch], initial h and c
/// [directions, batch, hidden], peepholes [directions, 3·hidden]. Outputs: all h [time, directions, batch, hidden], last h, last c.
/// </summary>
internal sealed class RecurrentLayer : Operator
{
    public RecurrentCell Cell;
    public RecurrentDirection Direction;
    public int Hidden = 1;

    /// <summary>The activations f, g and h of each direction; empty for the usual ones.</summary>
    public Activation[] Activations = [];

    /// <summary>Limits the arguments of activations to this distance from zero; 0 for no limit.</summary>
    public float Clip;

    /// <summary>GRU: multiplies by the reset gate after the recurrent product instead of before.</summary>
    public bool LinearBeforeReset;

    /// <summary>LSTM: the forget gate is one minus the input gate.</summary>
    public bool CoupledForget;

    /// <summary>Positions of the optional inputs.</summary>
    public const int Bias = 3, Lengths = 4, InitialH = 5, InitialC = 6, Peepholes = 7;

    /// <summary>Gates of the cell, as blocks of rows in the weights.</summary>
    public int Gates => Cell switch { RecurrentCell.Simple => 1, RecurrentCell.Gru => 3, _ => 4 };

    /// <summary>1, or 2 for both ways.</summary>
    public int Directions => Direction == RecurrentDirection.Both ? 2 : 1;

    public override Tolerance Tolerance => Tolerance.Accumulation;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Enum("cell", ref Cell);
        codec.Enum("direction", ref Direction);
        codec.Int("hidden", ref Hidden);
        string names = string.Join(' ', Activations.Select(a => a.Function));
        float[] alphas = [.. Activations.Select(a => a.Alpha)], betas = [.. Activations.Select(a => a.Beta)];
        codec.String("activations", ref names);
        codec.Floats("activation_alphas", ref alphas);
        codec.Floats("activation_betas", ref betas);
        string[] parts = names.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (alphas.Length != parts.Length || betas.Length != parts.Length) throw new FormatException("The activations and their parameters differ in number.");
        Activations = [.. parts.Select((name, i) => new Activation(
            Enum.TryParse(name, out UnaryFunction function) ? function : throw new FormatException($"'{name}' is no activation."), alphas[i], betas[i]))];
        codec.Float("clip", ref Clip);
        codec.Bool("linear_before_reset", ref LinearBeforeReset);
        codec.Bool("coupled_forget", ref CoupledForget);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 3, 8);
        if (Hidden is < 1 or > 1 << 20) throw Invalid($"a hidden size of {Hidden} is not possible.");
        if (Activations.Length != 0 && Activations.Length != Directions * UsualActivations.Length)
            throw Invalid($"{Activations.Length} activations were given, {Directions * UsualActivations.Length} are needed.");
        Shape x = inputs[0].Shape.IsUnranked ? Shape.OfRank(3) : inputs[0].Shape;
        int width = x.Rank == 3 ? x[2] : throw Invalid($"{inputs[0].Type} is no sequence [time, batch, input].");
        Require(inputs, 1, new Shape(Directions, Gates * Hidden, width));
        Require(inputs, 2, new Shape(Directions, Gates * Hidden, Hidden));
        Require(inputs, Bias, new Shape(Directions, 2 * Gates * Hidden));
        Require(inputs, Lengths, new Shape(x[1]));
        var state = new Shape(Directions, x[1], Hidden);
        Require(inputs, InitialH, state);
        Require(inputs, InitialC, state);
        Require(inputs, Peepholes, new Shape(Directions, 3 * Hidden));
        DataType type = inputs[0].DataType;
        var all = new TensorType(type, x[0], Directions, x[1], Hidden);
        return Cell == RecurrentCell.Lstm ? [all, new TensorType(type, state), new TensorType(type, state)] : [all, new TensorType(type, state)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(2 * outputs[0].Shape.Count * Gates * (inputs[0].Shape[2] + (long)Hidden), Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        int steps = inputs[0].Shape[0], batch = inputs[0].Shape[1], width = inputs[0].Shape[2];
        double[][] given = new double[8][];
        for (int i = 0; i < given.Length; i++) given[i] = i < inputs.Length ? Elements.Read(inputs[i]) : [];
        double[] all = new double[outputs[0].Shape.Count], lastH = new double[outputs[1].Shape.Count], lastC = new double[lastH.Length];

        for (int d = 0; d < Directions; d++)
        {
            bool backwards = Direction == RecurrentDirection.Reverse || d == 1;
            var step = new RecurrentStep(this, d, width, given);
            for (int b = 0; b < batch; b++)
            {
                int state = (d * batch + b) * Hidden;
                double[] h = new double[Hidden], c = new double[Hidden];
                if (given[InitialH].Length > 0) given[InitialH].AsSpan(state, Hidden).CopyTo(h);
                if (given[InitialC].Length > 0) given[InitialC].AsSpan(state, Hidden).CopyTo(c);
                // What lies beyond a sequence's length stays zero.
                int length = given[Lengths].Length > 0 ? (int)Math.Clamp(given[Lengths][b], 0, steps) : steps;
                for (int i = 0; i < length; i++)
                {
                    int t = backwards ? length - 1 - i : i;
                    step.Run(given[0].AsSpan((t * batch + b) * width, width), h, c);
                    h.CopyTo(all, ((t * Directions + d) * batch + b) * Hidden);
                }
                h.CopyTo(lastH, state);
                c.CopyTo(lastC, state);
            }
        }
        Elements.Write(outputs[0], all);
        Elements.Write(outputs[1], lastH);
        if (Cell == RecurrentCell.Lstm) Elements.Write(outputs[2], lastC);
    }

    /// <summary>The activation number <paramref name="index"/> of a direction.</summary>
    public Activation ActivationOf(int direction, int index) =>
        Activations.Length == 0 ? new Activation(UsualActivations[index]) : Activations[direction * UsualActivations.Length + index];

    private UnaryFunction[] UsualActivations => Cell switch
    {
        RecurrentCell.Simple => [UnaryFunction.Tanh],
        RecurrentCell.Gru => [UnaryFunction.Sigmoid, UnaryFunction.Tanh],
        _ => [UnaryFunction.Sigmoid, UnaryFunction.Tanh, UnaryFunction.Tanh],
    };

    private void Require(ReadOnlySpan<Operand> inputs, int index, in Shape shape)
    {
        if (index < inputs.Length && !inputs[index].IsMissing && !shape.Accepts(inputs[index].Shape))
            throw Invalid($"input {index} is {inputs[index].Type}, expected {shape}.");
    }
}
