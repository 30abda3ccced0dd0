using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>Tensors without elements, scalars and tensors of the largest rank, planned and run against the definitions.</summary>
public class OddShapeTests
{
    private static readonly Dictionary<string, (Operator Operator, int[][] Inputs, bool ConstantWeights)> Cases = new()
    {
        ["add nothing"] = (new Binary(), [[2, 0, 3], [3]], false),
        ["add nothing to one"] = (new Binary(), [[0], [1]], false),
        ["add scalars"] = (new Binary(), [[], []], false),
        ["add rank 8"] = (new Binary(), [[2, 1, 3, 1, 2, 1, 2, 1], [1, 2, 1, 3, 1, 2, 1, 5]], false),
        ["multiply rank 8 same"] = (new Binary { Function = BinaryFunction.Mul }, [[2, 2, 2, 2, 2, 2, 2, 2], [2, 2, 2, 2, 2, 2, 2, 2]], false),
        ["relu nothing"] = (new Unary { Function = UnaryFunction.Relu }, [[0, 4]], false),
        ["exp scalar"] = (new Unary { Function = UnaryFunction.Exp }, [[]], false),
        ["transpose nothing"] = (new Transpose { Permutation = [1, 0, 2] }, [[2, 0, 3]], false),
        ["transpose rank 8"] = (new Transpose { Permutation = [7, 2, 5, 0, 3, 1, 6, 4] }, [[2, 3, 1, 2, 3, 2, 1, 2]], false),
        ["concat nothing"] = (new Concat { Axis = 1 }, [[2, 0], [2, 0]], false),
        ["concat nothing with some"] = (new Concat { Axis = 0 }, [[0, 3], [2, 3], [0, 3]], false),
        ["concat rank 8"] = (new Concat { Axis = 5 }, [[1, 2, 1, 2, 1, 2, 1, 2], [1, 2, 1, 2, 1, 3, 1, 2]], false),
        ["split nothing"] = (new Split { Axis = 0, Parts = 2 }, [[4, 0]], false),
        ["split into some and nothing"] = (new Split { Axis = 1, Parts = 3, Sizes = [0, 3, 0] }, [[2, 3]], false),
        ["slice to nothing"] = (new Slice { Starts = [2], Ends = [2], Axes = [0], Steps = [1] }, [[4, 3]], false),
        ["expand scalar to nothing"] = (new Expand { Target = [3, 0] }, [[]], false),
        ["pad nothing"] = (new Pad { Pads = [1, 0, 1, 0], Value = 3 }, [[0, 2]], false),
        ["pad nothing to nothing"] = (new Pad { Pads = [1, 0, 1, 0], Value = 3 }, [[2, 0]], false),
        ["pad to nothing"] = (new Pad { Pads = [-1, 0, -1, 0] }, [[2, 3]], false),
        ["reduce nothing to zeros"] = (new Reduce { Axes = [1] }, [[2, 0, 3]], false),
        ["reduce nothing to nothing"] = (new Reduce { Axes = [0] }, [[2, 0, 3]], false),
        ["reduce maximum of nothing"] = (new Reduce { Function = ReduceFunction.Max, Axes = [0] }, [[0, 3]], false),
        ["reduce mean of nothing"] = (new Reduce { Function = ReduceFunction.Mean, Axes = [0], KeepDims = false }, [[0, 3]], false),
        ["reduce scalar"] = (new Reduce(), [[]], false),
        ["reduce rank 8"] = (new Reduce { Axes = [1, 2, 6] }, [[2, 3, 2, 1, 2, 2, 3, 2]], false),
        ["softmax nothing"] = (new Softmax(), [[2, 0]], false),
        ["softmax of no rows"] = (new Softmax { Axis = 1 }, [[0, 5]], false),
        ["matmul no rows"] = (new MatMul(), [[0, 4], [4, 3]], true),
        ["matmul no columns"] = (new MatMul(), [[2, 4], [4, 0]], true),
        ["matmul sum of nothing"] = (new MatMul(), [[2, 0], [0, 3]], true),
        ["matmul sum of nothing with bias"] = (new MatMul(), [[2, 0], [0, 3], [3]], true),
        ["matmul no batches"] = (new MatMul(), [[0, 2, 4], [0, 4, 3]], false),
        ["matmul rank 8"] = (new MatMul(), [[1, 2, 1, 2, 1, 2, 3, 4], [2, 1, 2, 1, 2, 1, 4, 5]], false),
        ["conv of no pictures"] = (new Conv { Window = Window.Of(3, 3) }, [[0, 5, 5, 2], [4, 3, 3, 2]], true),
        ["conv of borders only"] = (new Conv { Window = Window.Of(3, 3) with { Pads = [2, 2, 2, 2] } }, [[1, 0, 3, 2], [4, 3, 3, 2], [4]], true),
        ["conv of columns of borders only"] = (new Conv { Window = Window.Of(3, 3) with { Pads = [2, 2, 2, 2] } }, [[1, 3, 0, 2], [4, 3, 3, 2], [4]], true),
        ["conv to no channels"] = (new Conv { Window = Window.Of(1, 1) }, [[1, 3, 3, 2], [0, 1, 1, 2]], true),
        ["depthwise of borders only"] = (new Conv { Window = Window.Of(3, 3) with { Pads = [2, 2, 2, 2] }, Groups = 5 }, [[1, 3, 0, 5], [5, 3, 3, 1], [5]], true),
        ["pool of no pictures"] = (new Pool { Window = Window.Of(2, 2) }, [[0, 4, 4, 3]], false),
        ["resize of no pictures"] = (new Resize { Scales = [1, 2, 2, 1] }, [[0, 4, 4, 3]], false),
        ["gather from rank 8"] = (new Gather { Axis = 3 }, [[1, 2, 1, 3, 1, 2, 1, 2]], false),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Plans_agree_with_the_definition(string name)
    {
        (Operator op, int[][] shapes, bool constantWeights) = Cases[name];
        var random = new Random(5);
        var builder = new GraphBuilder(name);
        var feed = new List<TensorView>();
        var operands = new List<Value?>();
        for (int i = 0; i < shapes.Length; i++)
        {
            var tensor = new Tensor(new TensorType(DataType.F32, shapes[i]));
            foreach (ref float value in tensor.Span<float>()) value = random.NextSingle() - 0.5f;
            bool constant = constantWeights && i > 0;
            operands.Add(constant ? builder.Constant($"in{i}", tensor) : builder.Input($"in{i}", tensor.Type));
            if (!constant) feed.Add(tensor.View);
        }
        if (op is Gather) operands.Add(builder.Constant("index", Tensor.Scalar(2L)));
        Value[] results = builder.Add("node", op, [.. operands]);
        for (int i = 0; i < results.Length; i++) builder.Output($"out{i}", results[i]);
        Graph graph = builder.Build();
        Tensor[] expected = GraphInterpreter.Run(graph, [.. feed]);
        foreach (int threads in (int[])[1, 3])
        {
            using var session = new InferenceSession(graph, new SessionOptions { Threads = threads });
            session.Run([.. feed]);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.Equal(expected[i].Shape, session.Output(i).Shape);
                float[] e = expected[i].Span<float>().ToArray(), a = session.Output(i).Span<float>().ToArray();
                for (int k = 0; k < e.Length; k++) Assert.True(op.Tolerance.Accepts(a[k], e[k]), $"{name}: element {k} is {a[k]}, expected {e[k]}.");
            }
        }
    }
}
