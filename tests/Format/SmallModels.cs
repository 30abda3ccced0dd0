using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Format;

/// <summary>Models of a few hundred bytes that use all that a file can hold.</summary>
internal static class SmallModels
{
    public static ModelMetadata Metadata { get; } = new()
    {
        Name = "rich",
        Task = "face-detection",
        License = "Apache-2.0",
        Source = "somewhere",
        SourceSha256 = "00ff",
        Converter = "edgert 0.1.0",
        Image = new ImageInput { Input = "x", Channels = ChannelOrder.Bgr, Fit = ImageFit.Stretch, Scale = [0.5f, 1, 2], Offset = [-1, 0, 1] },
        Decoder = new DecoderInfo
        {
            Kind = "blazeface",
            Parameters = new Dictionary<string, double[]> { ["score_threshold"] = [0.5], ["sizes"] = [1, 2, 3] },
            Outputs = new Dictionary<string, string> { ["scores"] = "z" },
        },
        SourceProperties = new Dictionary<string, string> { ["author"] = "ü \" \u2028" },
    };

    /// <summary>Symbols, quantization, several attributes, a left-out operand, shared and scalar constants, two outputs.</summary>
    public static Graph Rich()
    {
        var builder = new GraphBuilder("rich é");
        Value x = builder.Input("x", new TensorType(DataType.F32, builder.Symbol("batch"), builder.Symbol("height"), 5, 3));
        Value q = builder.Input("q", new TensorType(DataType.I8, new Shape(2, Shape.Unknown), new Quantization([0.5f, 0.25f], [0, 3], 0)));
        var weight = new Tensor(new TensorType(DataType.F32, 7, 3, 3, 3));
        for (int i = 0; i < weight.Shape.Count; i++) weight.Span<float>()[i] = i * 0.01f - 0.5f;
        Value w = builder.Constant("w", weight);
        Value residual = builder.Constant("one", Tensor.From<float>(new Shape(1, 1, 1, 7), 1, 2, 3, 4, 5, 6, 7));
        Value conv = builder.Add1("conv", new Conv
        {
            Window = Window.Of(3, 3) with { Pads = [1, 1, 1, 1], AutoPad = AutoPad.SameUpper },
            Activation = new Activation(UnaryFunction.Relu, 0.125f, 3),
        }, x, w, null, null);
        Value sum = builder.Add1("sum", new Binary { Function = BinaryFunction.Add }, conv, residual);
        Value table = builder.Constant("table", new Tensor(new TensorType(DataType.I8, new Shape(2, 1), new Quantization(0.5f, -3))));
        builder.Output("z", sum);
        builder.Output("joined", builder.Add1("joined", new Concat { Axis = -1 }, q, table));
        builder.Output("constant", builder.Constant("w again", weight));
        return builder.Build();
    }

    /// <summary>A chain of the commonest operators, all shapes known.</summary>
    public static Graph Chain()
    {
        var builder = new GraphBuilder("chain");
        Value x = builder.Input("x", new TensorType(DataType.F32, 1, 4, 6));
        Value shape = builder.Constant("shape", Tensor.Vector<long>(-1, 6));
        Value y = builder.Add1("flat", new Reshape(), x, shape);
        y = builder.Add1("product", new MatMul(), y, builder.Constant("w", Tensor.From<float>(new Shape(6, 2), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)));
        y = builder.Add1("clip", new Unary { Function = UnaryFunction.Relu, Alpha = 0.5f }, y);
        y = builder.Add1("turn", new Transpose { Permutation = [1, 0] }, y);
        y = builder.Add1("half", new Cast { To = DataType.F16 }, y);
        y = builder.Add1("full", new Cast { To = DataType.F32 }, y);
        builder.Output("y", builder.Add1("softmax", new Softmax(), y));
        return builder.Build();
    }

    /// <summary>No nodes at all: an input that is an output.</summary>
    public static Graph Empty()
    {
        var builder = new GraphBuilder("empty");
        builder.Output("y", builder.Input("x", new TensorType(DataType.U8, Shape.Unranked)));
        return builder.Build();
    }

    /// <summary>A loop whose body chooses between two branches that share a weight with the graph around them.</summary>
    public static Graph Nested()
    {
        Tensor shared = Tensor.From<float>(new Shape(2, 2), 1, 2, 3, 4);
        var builder = new GraphBuilder("nested");
        Value x = builder.Input("x", new TensorType(DataType.F32, builder.Symbol("rows"), 2)), flag = builder.Input("flag", new TensorType(DataType.Bool));

        GraphBuilder body = builder.Nested("body");
        Value number = body.Input("i", new TensorType(DataType.I64)), goesOn = body.Input("go on", new TensorType(DataType.Bool)), carried = body.Input("c", x.Type), choice = body.Input("choice", flag.Type);
        Value chosen = body.Add1("if", new If(new GraphBody(Branch(UnaryFunction.Relu)), new GraphBody(Branch(UnaryFunction.Neg))), choice, carried);
        body.Output("go on", goesOn);
        body.Output("c", body.Add1("sum", new Binary { Function = BinaryFunction.Add }, chosen, body.Add1("number", new Cast { To = DataType.F32 }, number)));
        body.Output("slice", body.Add1("mean", new Reduce { Function = ReduceFunction.Mean, Axes = [1], KeepDims = false }, chosen));

        Value[] results = builder.Add("loop", new Loop(new GraphBody(body.Build()), 1), builder.Constant("3", Tensor.Scalar(3L)), builder.Constant("true", Tensor.Scalar(true)), x, flag);
        builder.Output("y", builder.Add1("product", new MatMul(), results[0], builder.Constant("w", shared)));
        builder.Output("means", results[1]);
        return builder.Build();

        Graph Branch(UnaryFunction function)
        {
            GraphBuilder branch = builder.Nested(function.ToString());
            Value c = branch.Add1("product", new MatMul(), branch.Input("c", x.Type), branch.Constant("w", shared));
            branch.Output("y", branch.Add1("function", new Unary { Function = function }, c));
            return branch.Build();
        }
    }

    public static IEnumerable<Graph> All() => [Rich(), Chain(), Empty(), Nested()];
}
