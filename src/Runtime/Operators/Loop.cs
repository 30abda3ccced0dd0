using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Runs a body again and again (ONNX Loop): at most as often as input 0 says (I64; without limit when it is left out), and while input 1 and then the body's
/// first output are true. Inputs after these two are carried from run to run, the others are the same for each.
/// </summary>
/// <remarks>
/// The body is given the number of the run (I64), true, what is carried, and the rest; it gives whether to go on, what is carried, and slices. The operator gives what is
/// carried in the end, and the slices of all runs along a new first axis.
/// </remarks>
internal sealed class Loop : Operator
{
    /// <summary>The inputs before those that are carried.</summary>
    public const int FirstCarried = 2;

    /// <summary>Limits above this are none: exporters write the largest number where there is only a condition.</summary>
    private const long MostRuns = 1L << 24;

    /// <summary>Runs before a loop without limit counts as one that never ends. A minute of sound, sample by sample, stays below.</summary>
    private const long MostUnlimitedRuns = 1L << 20;

    private static readonly Tensor True = Tensor.Scalar(true);

    private Body? body;

    /// <summary>How many inputs are carried.</summary>
    public int Carried;

    public Loop() { }

    public Loop(Body body, int carried) => (this.body, Carried) = (body, carried);

    public override Tolerance Tolerance => Tolerance.Accumulation;

    public Body Body => body ?? throw Invalid("it has no body.");

    public override IReadOnlyList<Body> Bodies => body is null ? [] : [body];

    public override void Attributes(AttributeCodec codec)
    {
        codec.Body("body", ref body);
        codec.Int("carried", ref Carried);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        Operand[] given = First(inputs);
        TensorType[] initial = [.. Enumerable.Range(FirstCarried, Carried).Select(i => given[i].Type)];
        Operand[] results = CarriedTypes.Settle(Body, given, FirstCarried, 1, Carried);
        if (results[0].DataType != DataType.Bool) throw Invalid($"its body's condition is {results[0].Type}.");
        var outputs = new TensorType[results.Length - 1];
        int runs = KnownRuns(inputs, results[0]);
        for (int i = 0; i < outputs.Length; i++)
        {
            TensorType result = results[i + 1].Type;
            // Without a single run what is carried stays as it was.
            Shape shape = i >= Carried ? BodyResults.With(result.Shape, 0, runs) : runs > 0 ? result.Shape : Shape.Common(initial[i].Shape, result.Shape);
            outputs[i] = new TensorType(result.DataType, shape);
        }
        return outputs;
    }

    /// <summary>Of as many runs as there are slices; of one where nothing tells.</summary>
    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs)
    {
        Cost once = Body.Cost(Array.ConvertAll(BodyInputs(0, BodyResults.Operands(inputs)), o => o.Type));
        long runs = outputs.Length > Carried ? outputs[Carried].Shape[0] : 1;
        return new Cost(once.Operations * runs, once.Bytes * runs);
    }

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        BodyResults.Copy(Execute(inputs, (b, i) => b.Run(i)), outputs, this);

    public override Tensor[] Execute(ReadOnlySpan<TensorView> inputs, BodyRunner run)
    {
        CheckCount(inputs.Length);
        long most = MostOf(inputs);
        using Tensor number = Tensor.Scalar(0L);
        TensorView[] given = [number.View, True.View, .. inputs[FirstCarried..]];
        Tensor[] carried = [];
        List<Tensor>[] slices = [];
        bool goesOn = inputs[1].IsMissing || inputs[1].Bytes[0] != 0;
        long bytes = 0;
        for (long i = 0; goesOn && i < most; i++)
        {
            CheckRuns(i, most);
            number.Span<long>()[0] = i;
            Tensor[] results = run(Body, given);
            if (i == 0) slices = [.. Enumerable.Range(0, Math.Max(0, results.Length - 1 - Carried)).Select(_ => new List<Tensor>())];
            goesOn = results[0].View.Bytes[0] != 0;
            carried = results[1..(1 + Carried)];
            for (int c = 0; c < Carried; c++) given[FirstCarried + c] = carried[c].View;
            for (int s = 0; s < slices.Length; s++)
            {
                bytes += results[1 + Carried + s].Type.ByteCount;
                if (bytes > int.MaxValue) throw Invalid($"its slices take more than 2^31 bytes after {i + 1} runs.");
                slices[s].Add(results[1 + Carried + s]);
            }
        }
        if (carried.Length == 0 && slices.Length == 0) return WithoutRuns(inputs);
        return [.. carried, .. slices.Select(s => Stack([.. s]))];
    }

    internal override Operand[] BodyInputs(int index, ReadOnlySpan<Operand> inputs)
    {
        Operand[] given = First(inputs);
        CarriedTypes.Settle(Body, given, FirstCarried, 1, Carried);
        return given;
    }

    internal override int Captures(int inputs) => inputs - FirstCarried - Carried;

    /// <summary>What the body is given the first time.</summary>
    private Operand[] First(ReadOnlySpan<Operand> inputs)
    {
        CheckCount(inputs.Length);
        if (!inputs[0].IsMissing && (inputs[0].DataType != DataType.I64 || (inputs[0].Shape.IsStatic && inputs[0].Shape.Count != 1))) throw Invalid($"{inputs[0].Type} is no number of runs.");
        if (!inputs[1].IsMissing && (inputs[1].DataType != DataType.Bool || (inputs[1].Shape.IsStatic && inputs[1].Shape.Count != 1))) throw Invalid($"{inputs[1].Type} is no condition.");
        // The body runs only while the condition is true.
        Operand[] given = [new Operand(new TensorType(DataType.I64)), new Operand(True.Type, True.View), .. inputs[FirstCarried..]];
        for (int i = FirstCarried; i < FirstCarried + Carried; i++) given[i] = new Operand(given[i].Type);
        return given;
    }

    /// <summary>The most runs that an input allows.</summary>
    internal static long MostOf(ReadOnlySpan<TensorView> inputs) => inputs[0].IsMissing ? long.MaxValue : inputs[0].Span<long>()[0];

    /// <summary>Refuses to go on for ever.</summary>
    /// <exception cref="EdgeException">There were too many runs.</exception>
    /// <param name="done">Runs so far.</param>
    /// <param name="most">The limit that the model gives.</param>
    internal void CheckRuns(long done, long most)
    {
        if (done >= MostUnlimitedRuns && most > MostRuns) throw Invalid($"its condition is still true after {done:N0} runs.");
    }

    /// <summary>The number of runs where it is known: a constant limit, and a condition that is never false.</summary>
    internal static int KnownRuns(ReadOnlySpan<Operand> inputs, in Operand condition)
    {
        if (inputs[1].Value is { } begins && begins.Bytes[0] == 0) return 0;
        if (inputs[0].Value is not { } limit) return Shape.Unknown;
        long runs = Math.Max(0, limit.Span<long>()[0]);
        bool always = (inputs[1].IsMissing || inputs[1].Value is not null) && condition.Value is { } goesOn && goesOn.Bytes[0] != 0;
        return runs == 0 ? 0 : always && runs <= MostRuns ? (int)runs : Shape.Unknown;
    }

    /// <summary>What a loop gives that never ran: what it was given, and no slices.</summary>
    private Tensor[] WithoutRuns(ReadOnlySpan<TensorView> inputs)
    {
        Operand[] results = CarriedTypes.Settle(Body, First(Operand.Known(inputs)), FirstCarried, 1, Carried);
        var outputs = new Tensor[results.Length - 1];
        for (int i = 0; i < Carried; i++)
        {
            outputs[i] = new Tensor(inputs[FirstCarried + i].Type);
            inputs[FirstCarried + i].Bytes.CopyTo(outputs[i].View.Bytes);
        }
        for (int i = Carried; i < outputs.Length; i++)
        {
            // What is not known of a slice that nobody made is nothing.
            Shape slice = results[i + 1].Shape;
            for (int axis = 0; axis < slice.Rank; axis++)
                if (slice[axis] < 0) slice = slice.With(axis, 0);
            outputs[i] = new Tensor(new TensorType(results[i + 1].DataType, slice.IsUnranked ? new Shape(0) : BodyResults.With(slice, 0, 0)));
        }
        return outputs;
    }

    private Tensor Stack(Tensor[] slices)
    {
        TensorType type = slices[0].Type;
        var whole = new Tensor(new TensorType(type.DataType, BodyResults.With(type.Shape, 0, slices.Length)));
        for (int i = 0; i < slices.Length; i++)
        {
            if (slices[i].Shape != type.Shape) throw Invalid($"a slice of run {i} is {slices[i].Type}, others are {type}.");
            BodyResults.Put(slices[i].View, whole.View, 0, i);
        }
        return whole;
    }

    private void CheckCount(int inputs)
    {
        if (Carried < 0 || inputs < FirstCarried || inputs - FirstCarried < Carried) throw Invalid($"it has {inputs} inputs, at least {FirstCarried} and {Carried} are needed.");
    }
}
