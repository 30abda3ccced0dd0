using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Planning;
using EdgeRuntime.Realtime.Pictures;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Conformance;
using EdgeRuntime.Tests.Format;
using Xunit;

namespace EdgeRuntime.Tests.Realtime;

/// <summary>Tests that count what the whole process allocates run alone.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public class Alone;

[Collection(nameof(Alone))]
public class NoAllocationTests
{
    private const int Runs = 10_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Running_a_network_allocates_nothing(int threads)
    {
        using var backend = new CpuBackend(threads) { SharesSmallSteps = true };
        using ICompiledPlan plan = backend.Compile(Planner.Plan(Network()));
        Assert.DoesNotContain("evaluate", plan.Kernels);
        for (int i = 0; i < 20; i++) plan.Run();

        Assert.Equal(0, Allocations.LeastOfAllThreads(Repeat(Runs, plan.Run)));
    }

    /// <summary>Kernels that no step of the network above is run by.</summary>
    [Theory]
    [InlineData("cast many I64")]
    [InlineData("cast many Bool")]
    [InlineData("place of the first largest I32 1")]
    [InlineData("place of the first largest U8 2")]
    [InlineData("running sum F32 1")]
    [InlineData("group norm 12 in 3")]
    [InlineData("elements gather F32 2x97x103 axis 1")]
    [InlineData("elements scatter Add F32 2x97x103 axis 1")]
    [InlineData("reverse large")]
    [InlineData("move tile every axis F32")]
    [InlineData("Mod I32")]
    public void Running_a_step_allocates_nothing(string name)
    {
        OperatorCase @case = OperatorCases.All[name];
        using var backend = new CpuBackend(2);
        using ICompiledPlan plan = backend.Compile(Planner.Plan(@case.Graph()));
        Assert.DoesNotContain("evaluate", plan.Kernels);
        Tensor[] feed = @case.Feed();
        for (int i = 0; i < feed.Length; i++) feed[i].View.Bytes.CopyTo(plan.Input(i).Bytes);
        for (int i = 0; i < 20; i++) plan.Run();

        Assert.Equal(0, Allocations.LeastOfAllThreads(Repeat(100, plan.Run)));
    }

    [Fact]
    public void Running_choices_and_loops_of_known_shapes_allocates_nothing()
    {
        using var session = new InferenceSession(SmallModels.Nested(), new SessionOptions { Threads = 2 });
        using Tensor x = Tensor.From<float>(new Shape(3, 2), 1, 2, 3, 4, 5, 6), flag = Tensor.Scalar(true);
        void Run() => session.Run([x.View, flag.View]);
        Run();
        Assert.Contains(session.Compiled!.Kernels, name => name.StartsWith("loop_", StringComparison.Ordinal));
        for (int i = 0; i < 20; i++) Run();

        Assert.Equal(0, Allocations.LeastOfAllThreads(Repeat(1000, Run)));
    }

    [Fact]
    public void Running_a_session_on_given_inputs_allocates_nothing()
    {
        using var session = new InferenceSession(Network(), new SessionOptions { Threads = 2 });
        using var input = new Tensor(session.Input(0).Type);
        void Run() => session.Run([input.View]);
        for (int i = 0; i < 20; i++) Run();

        Assert.Equal(0, Allocations.LeastOfAllThreads(Repeat(Runs, Run)));
    }

    [Fact]
    public void Finding_faces_allocates_nothing_on_any_thread()
    {
        using EdgeModel model = EdgeReader.Read(Repository.File("models", "blazeface-front.edge"));
        using var detector = new FaceDetector(model, new FaceDetectorOptions { Threads = 2 });
        var frame = new Frame();
        PictureFile.Read(Repository.File("models", "astronaut.png"), frame);
        for (int i = 0; i < 100; i++) detector.Process(frame);

        Assert.Equal(0, Allocations.LeastOfAllThreads(Repeat(200, () => detector.Process(frame))));
    }

    /// <summary>The tests above could pass without this: what a worker allocates, and nobody else, must be counted.</summary>
    [Fact]
    public void What_a_worker_allocates_is_counted()
    {
        using var pool = new WorkerPool(2);
        var kernel = new AllocatingKernel();
        pool.Run(kernel);

        Action tenRuns = Repeat(10, () => pool.Run(kernel));
        Assert.Equal(0, Allocations.Least(tenRuns));
        Assert.InRange(Allocations.LeastOfAllThreads(tenRuns), 10 * AllocatingKernel.Bytes, long.MaxValue);
    }

    private static Action Repeat(int times, Action run) => () =>
    {
        for (int i = 0; i < times; i++) run();
    };

    /// <summary>Two tiles that meet, so that each runs on a thread of its own; only the worker's allocates.</summary>
    private sealed class AllocatingKernel : CpuKernel
    {
        public const int Bytes = 1000;

        private readonly Thread caller = Thread.CurrentThread;
        private int arrived;
        private byte[]? garbage;

        public override string Name => "allocating";

        public override int Tiles => 2;

        public override void Run(int first, int last, int worker)
        {
            int both = (Interlocked.Increment(ref arrived) + 1) / 2 * 2;
            while (Volatile.Read(ref arrived) < both) Thread.Yield();
            if (Thread.CurrentThread != caller) garbage = new byte[Bytes];
            GC.KeepAlive(garbage);
        }
    }

    /// <summary>A small network with a kernel of each kind that detectors use.</summary>
    private static Graph Network()
    {
        var builder = new GraphBuilder("network");
        var random = new Random(7);
        Value Constant(params int[] shape)
        {
            var tensor = new Tensor(new TensorType(DataType.F32, shape));
            foreach (ref float value in tensor.Span<float>()) value = random.NextSingle() - 0.5f;
            return builder.Constant("w", tensor);
        }

        var relu = new Activation(UnaryFunction.Relu);
        var padded = Window.Of(3, 3) with { Pads = [1, 1, 1, 1] };
        Value x = builder.Input("x", new TensorType(DataType.F32, 1, 3, 16, 16));
        x = builder.Add1("nhwc", new Transpose { Permutation = [0, 2, 3, 1] }, x);
        x = builder.Add1("first", new Conv { Window = padded with { Strides = [2, 2] }, Activation = relu }, x, Constant(12, 3, 3, 3), Constant(12));
        Value depthwise = builder.Add1("depthwise", new Conv { Window = padded, Groups = 12 }, x, Constant(12, 3, 3, 1));
        Value pointwise = builder.Add1("pointwise", new Conv { Window = Window.Of(1, 1), Activation = relu }, depthwise, Constant(20, 1, 1, 12), Constant(20), x);
        Value gate = builder.Add1("gate", new Unary { Function = UnaryFunction.Sigmoid }, pointwise);
        Value gated = builder.Add1("gated", new Binary { Function = BinaryFunction.Mul }, pointwise, gate);
        Value joined = builder.Add1("joined", new Concat { Axis = 3 }, gated, x);
        Value rows = builder.Add1("rows", new Reshape { Target = [64, 32] }, joined);
        Value product = builder.Add1("product", new MatMul { Activation = new(UnaryFunction.Gelu) }, rows, Constant(32, 10), Constant(10));
        Value scores = builder.Add1("scores", new MatMul { TransposeB = true, Scale = 0.3f }, product, product);
        builder.Output("y", builder.Add1("softmax", new Softmax(), scores));
        return builder.Build();
    }
}
