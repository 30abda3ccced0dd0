using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.RandomGraphs;

/// <summary>A small graph of quantized operators, the same for the same seed: odd shapes, extreme scales and zero points, branches that join again. Only operators whose bytes docs/numerics.md fixes are in it.</summary>
internal sealed class RandomGraph
{
    /// <summary>The definitions, which everything is compared with, take a second for some millions of products.</summary>
    private const long MostElements = 6000, MostProducts = 400_000;

    private const int MostLayers = 9, MostTries = 12;

    private readonly Random random;
    private readonly GraphBuilder builder;
    private readonly List<Value> open = [];
    private readonly Dictionary<Value, Tensor> elements = [];
    private readonly List<Tensor> feed = [];
    private int nodes;

    /// <summary>Makes the graph of a seed.</summary>
    public RandomGraph(int seed)
    {
        random = new Random(seed);
        builder = new GraphBuilder($"random {seed}");
        var draw = new OperandDraw(random);
        var layers = new LayerDraw(random, draw, this);
        for (int i = random.Next(1, 3); i > 0; i--) AddInput(draw);
        int wanted = random.Next(1, MostLayers + 1);
        for (int tries = 0; nodes < wanted && tries < wanted * MostTries; tries++)
        {
            // A layer that does not fit what there is is another one the next time.
            try
            {
                layers.Add();
            }
            catch (EdgeException e) when (e.Code is ErrorCode.InvalidOperands or ErrorCode.InvalidShape)
            {
                Refused++;
            }
        }
        Finish();
        Graph = builder.Build();
        Feed = [.. feed];
    }

    /// <summary>The graph.</summary>
    public Graph Graph { get; }

    /// <summary>Elements of its inputs.</summary>
    public Tensor[] Feed { get; }

    /// <summary>How many layers were drawn that operators refuse.</summary>
    public int Refused { get; }

    /// <summary>Another set of inputs for a graph.</summary>
    public static Tensor[] OtherFeed(Graph graph, int seed)
    {
        var draw = new OperandDraw(new Random(seed));
        return [.. graph.Inputs.Select(i => draw.Elements(i.Type))];
    }

    /// <summary>A quantized value that there is, the newest more often than others; null where none fits.</summary>
    public Value? Pick(Func<Value, bool>? fits = null)
    {
        Value[] candidates = [.. open.Where(v => IsBytes(v.Type) && (fits is null || fits(v)))];
        if (candidates.Length == 0) return null;
        return random.Next(3) > 0 ? candidates[^1] : candidates[random.Next(candidates.Length)];
    }

    /// <summary>A constant.</summary>
    public Value Constant(string name, Tensor tensor) => builder.Constant($"{name}{nodes}", tensor);

    /// <summary>Adds a node and computes it by definition, so that scales can be chosen by what comes out.</summary>
    public Value[] Add(Operator op, params Value?[] operands)
    {
        Node node = GraphBuilder.Create($"n{nodes}", op, operands);
        if (node.Outputs.Any(o => o.Type.Shape.Count is 0 or > MostElements)) throw TooLarge();
        if (op is Conv or MatMul && op.Cost([.. operands.Select(v => v?.Type ?? default)], [.. node.Outputs.Select(o => o.Type)]).Operations > 2 * MostProducts) throw TooLarge();
        Tensor[] results = GraphInterpreter.Execute(node, Views(operands));
        builder.Add(node);
        nodes++;
        for (int i = 0; i < results.Length; i++)
        {
            elements[node.Outputs[i]] = results[i];
            open.Add(node.Outputs[i]);
        }
        return [.. node.Outputs];
    }

    /// <summary>Adds an operator that writes quantized results. Its scale is mostly one that spreads results over the range.</summary>
    /// <param name="result">The result, whose scale may be changed.</param>
    /// <param name="make">The operator for a result.</param>
    /// <param name="operands">Its operands.</param>
    public Value[] AddScaled(QuantizedResult result, Func<QuantizedResult, Operator> make, params Value?[] operands)
    {
        bool extreme = random.Next(12) == 0;
        if (extreme) result.Scale *= MathF.Pow(10, random.Next(-6, 7));
        if (result.Type == DataType.F32) return Add(make(result), operands);
        Node node = GraphBuilder.Create("probe", make(result), operands);
        if (node.Outputs[0].Type.Shape.Count is 0 or > MostElements) throw TooLarge();
        if (node.Operator is Conv or MatMul && node.Operator.Cost([.. operands.Select(v => v?.Type ?? default)], [node.Outputs[0].Type]).Operations > 2 * MostProducts) throw TooLarge();
        for (int tries = 0; !extreme && tries < 12; tries++)
        {
            Operator op = make(result);
            using Tensor probe = GraphInterpreter.Execute(GraphBuilder.Create("probe", op, operands), Views(operands))[0];
            float factor = Spread(probe, result.Type);
            if (factor == 1 || !float.IsNormal(result.Scale * factor)) break;
            result.Scale *= factor;
        }
        result.Scale *= 0.7f + 0.6f * random.NextSingle();
        return Add(make(result), operands);
    }

    private static EdgeException TooLarge() => new(ErrorCode.InvalidShape, "too large to be tested by the thousand");

    /// <summary>By what a scale has to be multiplied so that bytes fill about half of their range; 1 where they do.</summary>
    private static float Spread(Tensor bytes, DataType type)
    {
        (int low, int high) = Requantize.Range(type);
        int least = high, most = low, ends = 0;
        for (int i = 0; i < bytes.Shape.Count; i++)
        {
            int number = Requantize.Element(bytes.View, i);
            (least, most) = (Math.Min(least, number), Math.Max(most, number));
            if (number == low || number == high) ends++;
        }
        return ends * 3 > bytes.Shape.Count ? 4 : most - least < 40 && bytes.Shape.Count > 1 ? 0.25f : 1;
    }

    private TensorView[] Views(Value?[] operands) => Array.ConvertAll(operands, v => v is null ? default : v.Constant?.View ?? elements[v].View);

    private static bool IsBytes(in TensorType type) => type.DataType is DataType.U8 or DataType.I8 && type.Quantization is { Axis: < 0 };

    /// <summary>Bytes, reals that are quantized first, or bytes that only the graph knows a scale of.</summary>
    private void AddInput(OperandDraw draw)
    {
        Shape shape = draw.InputShape();
        while (shape.Count > MostElements) shape = draw.InputShape();
        TensorType bytes = draw.Activation(shape);
        string name = $"x{feed.Count}";
        int kind = random.Next(4);
        TensorType type = kind == 0 ? new TensorType(DataType.F32, bytes.Shape) : kind == 1 ? bytes with { Quantization = null } : bytes;
        Value input = builder.Input(name, type);
        elements[input] = draw.Elements(type);
        feed.Add(elements[input]);
        float scale = bytes.Quantization!.Scales[0];
        int zero = bytes.Quantization.ZeroPoints[0];
        if (kind == 0) Add(new Quantize(), input, Constant("scale", Tensor.Scalar(scale)), Constant("zero", OperandDraw.ZeroPoint(bytes.DataType, zero)));
        else if (kind == 1) Add(new Interpret { Scale = scale, ZeroPoint = zero }, input);
        else open.Add(input);
    }

    /// <summary>Returns what nobody reads, and at times what others read too; some of it as reals.</summary>
    private void Finish()
    {
        int outputs = 0;
        foreach (Value value in elements.Keys.Where(v => v.Producer is not null).ToArray())
        {
            if (value.Consumers.Count > 0 && random.Next(6) > 0 && outputs > 0) continue;
            Value result = value;
            if (IsBytes(value.Type) && random.Next(4) == 0)
                result = Add(new Dequantize(), value, Constant("scale", Tensor.Scalar(value.Type.Quantization!.Scales[0])), Constant("zero", OperandDraw.ZeroPoint(value.Type.DataType, value.Type.Quantization.ZeroPoints[0])))[0];
            builder.Output($"y{outputs++}", result);
        }
        if (outputs == 0) builder.Output("y0", elements.Keys.First());
    }
}
