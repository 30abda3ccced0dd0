using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Choices and loops: operators with bodies, or their nodes in place where it is known what they do.</summary>
internal static class ControlFlow
{
    /// <summary>
    /// A loop of few runs over few nodes becomes its nodes, that many times: shapes that change from run to run are known then, and what depends on the number of the run
    /// is folded. Beyond these limits the copies cost more than they save.
    /// </summary>
    private const int MostUnrolledRuns = 8, MostUnrolledNodes = 256;

    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("If", If),
        ("Loop", Loop),
        ("Scan", Scan),
    ];

    private static Value[] If(OnnxNode node)
    {
        Value condition = node.Input(0);
        if (condition.Constant is not null) return node.Inline(node.Number(condition, 0) != 0 ? "then_branch" : "else_branch");
        OnnxBody then = node.Branch("then_branch"), otherwise = node.Branch("else_branch");
        Value[] captures = OnnxBody.AllCaptures(then, otherwise);
        return node.Add(new If(then.Finish(captures), otherwise.Finish(captures)), [condition, .. captures]);
    }

    private static Value[] Loop(OnnxNode node)
    {
        Value? limit = node.Optional(0);
        Value condition = node.Optional(1) ?? node.Constant(Tensor.Scalar(true));
        Value[] carried = [.. Enumerable.Range(EdgeRuntime.Operators.Loop.FirstCarried, node.Inputs.Count - EdgeRuntime.Operators.Loop.FirstCarried).Select(node.Input)];
        OnnxBody body = Settle(node, carried, 1, types => [new TensorType(DataType.I64), new TensorType(DataType.Bool), .. types]);
        GraphBody finished = body.Finish(body.Captures);
        var loop = new Loop(finished, carried.Length);
        Value?[] operands = [limit, condition, .. carried, .. body.Captures];
        int runs = EdgeRuntime.Operators.Loop.KnownRuns(Node.Operands(operands), finished.Infer(loop.BodyInputs(0, Node.Operands(operands)))[0]);
        return runs is >= 1 and <= MostUnrolledRuns && runs * finished.Graph.Nodes.Count <= MostUnrolledNodes
            ? Unroll(node, finished, carried, body.Captures, runs) : node.Add(loop, operands);
    }

    private static Value[] Unroll(OnnxNode node, GraphBody body, Value[] carried, IReadOnlyList<Value> captures, int runs)
    {
        var slices = new Value[body.Graph.Outputs.Count - 1 - carried.Length][];
        for (int i = 0; i < slices.Length; i++) slices[i] = new Value[runs];
        Value always = node.Constant(Tensor.Scalar(true));
        for (int run = 0; run < runs; run++)
        {
            Value[] results = node.Inline(body, [node.Constant(Tensor.Scalar((long)run)), always, .. carried, .. captures]);
            carried = results[1..(1 + carried.Length)];
            for (int i = 0; i < slices.Length; i++) slices[i][run] = node.Prepare(new Unsqueeze { Axes = [0] }, results[1 + carried.Length + i]);
        }
        return [.. carried, .. slices.Select(s => node.Add1(new Concat { Axis = 0 }, s))];
    }

    private static Value[] Scan(OnnxNode node)
    {
        // The first version has a batch axis everywhere, and lengths before the other inputs.
        bool batched = node.Version < 9;
        int cut = node.Attributes.Int32("num_scan_inputs", 0);
        Value[] inputs = [.. Enumerable.Range(batched ? 1 : 0, node.Inputs.Count - (batched ? 1 : 0)).Select(node.Input)];
        int states = inputs.Length - cut;
        if (cut < 1 || states < 0) throw node.Problem($"it cuts {cut} of {inputs.Length} inputs");
        int[] axes = batched ? new int[cut] : node.Attributes.Int32s("scan_input_axes", new int[cut]);
        int[] directions = node.Attributes.Int32s(batched ? "directions" : "scan_input_directions", new int[cut]);
        if (axes.Length != cut || directions.Length != cut) throw node.Problem($"it cuts {cut} inputs along {axes.Length} axes in {directions.Length} directions");
        if (!batched) return Scan(node, inputs, states, axes, directions);

        if (node.Optional(0) is not null) throw node.Problem("lengths of sequences in a batch are not supported");
        int batch = inputs[0].Type.Shape.IsUnranked ? Shape.Unknown : inputs[0].Type.Shape[0];
        if (batch is < 1 or > MostUnrolledRuns) throw node.Problem($"the size of its batch, {inputs[0].Type.Shape}, must be known and at most {MostUnrolledRuns}");
        Value[][] results = [.. Enumerable.Range(0, batch).Select(b => Scan(node, [.. inputs.Select(x => Of(x, b))], states, axes, directions))];
        return [.. Enumerable.Range(0, results[0].Length).Select(i => node.Prepare(new Concat { Axis = 0 }, [.. results.Select(r => node.Prepare(new Unsqueeze { Axes = [0] }, r[i]))]))];

        Value Of(Value x, int index) => node.Prepare(new Gather { Axis = 0 }, x, node.Constant(Tensor.Scalar((long)index)));
    }

    private static Value[] Scan(OnnxNode node, Value[] inputs, int states, int[] axes, int[] directions)
    {
        TensorType[] slices = [.. axes.Select((axis, i) => Slice(node, inputs[states + i].Type, axis))];
        OnnxBody body = Settle(node, inputs[..states], 0, types => [.. types, .. slices]);
        GraphBody finished = body.Finish(body.Captures);
        int joined = finished.Graph.Outputs.Count - states;
        var scan = new Scan(finished, states)
        {
            InputAxes = axes, InputDirections = directions,
            OutputAxes = node.Attributes.Int32s("scan_output_axes", new int[joined]), OutputDirections = node.Attributes.Int32s("scan_output_directions", new int[joined]),
        };
        return node.Add(scan, [.. inputs, .. body.Captures]);
    }

    private static TensorType Slice(OnnxNode node, TensorType whole, int axis)
    {
        if (whole.Shape.IsUnranked) return new TensorType(whole.DataType, whole.Shape);
        if (axis < -whole.Shape.Rank || axis >= whole.Shape.Rank) throw node.Problem($"{whole} has no axis {axis} to be cut along");
        return new TensorType(whole.DataType, BodyResults.Without(whole.Shape, axis < 0 ? axis + whole.Shape.Rank : axis));
    }

    /// <summary>Imports the body for types of what is carried that it keeps: what it changes about them must not be known inside.</summary>
    private static OnnxBody Settle(OnnxNode node, Value[] carried, int firstOutput, Func<TensorType[], TensorType[]> inputs)
    {
        const int Rounds = 3;
        TensorType[] types = Array.ConvertAll(carried, c => new TensorType(c.Type.DataType, c.Type.Shape));
        for (int round = 1; ; round++)
        {
            OnnxBody body = node.Body("body", inputs(types));
            TensorType[] results = body.OutputTypes;
            if (results.Length < firstOutput + types.Length) throw node.Problem($"its body has {results.Length} outputs, {firstOutput + types.Length} are carried");
            Shape[] common = [.. types.Select((t, i) => Shape.Common(t.Shape, results[firstOutput + i].Shape))];
            if (types.Select(t => t.Shape).SequenceEqual(common)) return body;
            for (int i = 0; i < types.Length; i++) types[i] = types[i] with { Shape = round == Rounds - 1 ? Shape.Unranked : common[i] };
        }
    }
}
