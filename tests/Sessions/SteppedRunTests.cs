using System.Runtime.InteropServices;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Planning;
using EdgeRuntime.Realtime.Pictures;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Realtime;
using EdgeRuntime.Tools.Conversion;
using Xunit;

namespace EdgeRuntime.Tests.Sessions;

public class SteppedRunTests
{
    [Theory]
    [InlineData("blazeface-front.edge", 1)]
    [InlineData("blazeface-front.edge", 2)]
    [InlineData("keywords.edge", 2)]
    [InlineData("digits.edge", 2)]
    public void A_run_in_parts_gives_the_same_bytes(string file, int threads)
    {
        using EdgeModel model = EdgeReader.Read(Repository.File("models", file));
        using var whole = new InferenceSession(model.Graph, new SessionOptions { Threads = threads });
        using var parts = new InferenceSession(model.Graph, new SessionOptions { Threads = threads });
        var random = new Random(11);
        var clock = new ManualClock(TimeSpan.FromTicks(10));
        int calls = 0;
        for (int run = 0; run < 5; run++)
        {
            foreach (ref float value in whole.Input(0).Span<float>()) value = random.NextSingle();
            whole.Input(0).Bytes.CopyTo(parts.Input(0).Bytes);
            whole.Run();
            // A third of the runs is given up in the middle once.
            if (run % 3 == 1 && !parts.Advance(new TimeBudget(TimeSpan.FromTicks(100), clock))) parts.Abandon();
            while (!parts.Advance(new TimeBudget(TimeSpan.FromTicks(random.Next(15, 60)), clock))) Assert.True(calls++ < 10_000, "It comes to no end.");
            for (int i = 0; i < model.Graph.Outputs.Count; i++) Assert.True(whole.Output(i).Bytes.SequenceEqual(parts.Output(i).Bytes), $"output {i} of run {run}");
        }
        Assert.True(calls > 1, "There was no run in parts.");
    }

    /// <summary>Whatever kernels a model has, their tiles may be run some now and some later.</summary>
    [Theory]
    [InlineData("yolox_nano_416.onnx")]
    [InlineData("fastestdet_352.onnx")]
    [InlineData("mobilenet_v2_qdq_int8.onnx")]
    [InlineData("gtcrn.onnx")]
    [InlineData("dtln_2.onnx")]
    public void Whole_models_give_the_same_bytes_in_parts(string file)
    {
        using LoadedModel loaded = ModelLoader.Load(Repository.Data("models", file), stop: TestContext.Current.CancellationToken);
        Graph graph = loaded.Model.Graph;
        Assert.SkipWhen(graph.Inputs.Any(i => !i.Type.Shape.IsStatic), "Its shapes are open.");
        using var whole = new InferenceSession(graph, new SessionOptions { Threads = 2 });
        using var parts = new InferenceSession(graph, new SessionOptions { Threads = 2 });
        var random = new Random(13);
        var clock = new ManualClock(TimeSpan.FromTicks(10));
        int calls = 0;
        for (int run = 0; run < 3; run++)
        {
            for (int i = 0; i < graph.Inputs.Count; i++)
            {
                if (graph.Inputs[i].Type.DataType != DataType.F32) continue;
                foreach (ref float value in whole.Input(i).Span<float>()) value = random.NextSingle();
                whole.Input(i).Bytes.CopyTo(parts.Input(i).Bytes);
            }
            whole.Run();
            while (!parts.Advance(new TimeBudget(TimeSpan.FromTicks(random.Next(15, 200)), clock))) calls++;
            for (int i = 0; i < graph.Outputs.Count; i++) Assert.True(whole.Output(i).Bytes.SequenceEqual(parts.Output(i).Bytes), $"output {i} of run {run}");
        }
        Assert.True(calls > 10, "There was no run in parts.");
    }

    [Fact]
    public void No_part_is_begun_that_is_known_not_to_fit()
    {
        // Each look at the clock takes a microsecond, and so does each part of the work, between two looks.
        var clock = new ManualClock(TimeSpan.FromMicroseconds(1));
        using EdgeModel model = EdgeReader.Read(Repository.File("models", "blazeface-front.edge"));
        using var session = new InferenceSession(model.Graph, new SessionOptions { Threads = 1 });
        for (int run = 0; run < 3; run++)
            while (!session.Advance(new TimeBudget(TimeSpan.FromMicroseconds(50), clock)))
            {
            }
        for (bool done = false; !done;)
        {
            long start = clock.GetTimestamp();
            done = session.Advance(new TimeBudget(TimeSpan.FromMicroseconds(20), clock));
            Assert.InRange(clock.GetTimestamp() - start, 1, TimeSpan.FromMicroseconds(23).Ticks);
        }
    }

    [Fact]
    public void A_budget_without_bound_is_a_whole_run_and_none_is_nothing()
    {
        using EdgeModel model = EdgeReader.Read(Repository.File("models", "blazeface-front.edge"));
        using var session = new InferenceSession(model.Graph, new SessionOptions { Threads = 1 });
        Assert.True(session.Advance(TimeBudget.Unlimited));
        Assert.False(session.Advance(new TimeBudget(TimeSpan.Zero)));
        Assert.False(session.Advance(new TimeBudget(TimeSpan.FromSeconds(-1))));
    }

    [Fact]
    public void Given_inputs_of_open_shapes_are_run_in_parts_with_the_same_bytes()
    {
        var builder = new GraphBuilder("open");
        Value x = builder.Input("x", new TensorType(DataType.F32, -1, 64));
        var weights = new Tensor(new TensorType(DataType.F32, 64, 48));
        var random = new Random(5);
        foreach (ref float weight in weights.Span<float>()) weight = random.NextSingle() - 0.5f;
        Value product = builder.Add1("product", new MatMul(), x, builder.Constant("w", weights));
        builder.Output("y", builder.Add1("softmax", new Softmax(), product));
        Graph graph = builder.Build();
        using var whole = new InferenceSession(graph, new SessionOptions { Threads = 1 });
        using var parts = new InferenceSession(graph, new SessionOptions { Threads = 1 });
        var clock = new ManualClock(TimeSpan.FromTicks(10));
        int calls = 0;
        foreach (int rows in (int[])[300, 7, 300, 41])
        {
            using var input = new Tensor(new TensorType(DataType.F32, rows, 64));
            foreach (ref float value in input.Span<float>()) value = random.NextSingle();
            whole.Run([input.View]);
            // One run is given up in the middle.
            if (rows == 41 && !parts.Advance([input.View], new TimeBudget(TimeSpan.FromTicks(35), clock))) parts.Abandon();
            while (!parts.Advance([input.View], new TimeBudget(TimeSpan.FromTicks(random.Next(25, 60)), clock) { WaitsForDevices = true })) Assert.True(calls++ < 10_000, "It comes to no end.");
            Assert.True(whole.Output(0).Bytes.SequenceEqual(parts.Output(0).Bytes), $"{rows} rows");
        }
        Assert.True(calls > 0, "There was no run in parts.");
    }

    [Fact]
    public void What_cannot_be_cut_is_done_beside()
    {
        // How many rows come out depends on the numbers that go in.
        var builder = new GraphBuilder("data");
        Value x = builder.Input("x", new TensorType(DataType.F32, -1, 4));
        builder.Output("places", builder.Add1("places", new NonZero(), x));
        Graph graph = builder.Build();
        using var session = new InferenceSession(graph, new SessionOptions { Threads = 1 });
        foreach (int rows in (int[])[3, 5, 3])
        {
            using var input = new Tensor(new TensorType(DataType.F32, rows, 4));
            input.Span<float>().Fill(1);
            while (!session.Advance([input.View], new TimeBudget(TimeSpan.FromMilliseconds(1)) { WaitsForDevices = true }))
            {
            }
            Assert.Equal(4 * rows, session.Output(0).Shape[1]);
        }
        // What is given up in the middle leaves nothing behind.
        using var last = new Tensor(new TensorType(DataType.F32, 9, 4));
        last.Span<float>().Fill(1);
        session.Advance([last.View], new TimeBudget(TimeSpan.Zero));
        session.Abandon();
        session.Run([last.View]);
        Assert.Equal(36, session.Output(0).Shape[1]);
    }

    [Fact]
    public void What_is_too_long_for_any_budget_is_begun_while_half_of_one_is_left()
    {
        var clock = new ManualClock();
        var budget = new TimeBudget(TimeSpan.FromMilliseconds(4), clock);
        double ms = 1e6;
        Assert.Equal(1, budget.Fit(0, 5, clock.GetTimestamp()));
        Assert.Equal(4, budget.Fit(1 * ms, 5, clock.GetTimestamp()));
        Assert.Equal(1, budget.Fit(9 * ms, 5, clock.GetTimestamp()));
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(3, budget.Fit(1 * ms, 5, clock.GetTimestamp()));
        Assert.Equal(1, budget.Fit(9 * ms, 5, clock.GetTimestamp()));
        clock.Advance(TimeSpan.FromMilliseconds(1.5));
        Assert.Equal(0, budget.Fit(2 * ms, 5, clock.GetTimestamp()));
        Assert.Equal(0, budget.Fit(9 * ms, 5, clock.GetTimestamp()));
        clock.Advance(TimeSpan.FromMilliseconds(2));
        Assert.Equal(0, budget.Fit(0, 5, clock.GetTimestamp()));
        Assert.True(budget.IsSpent);
    }

    [Fact]
    public void Faces_are_found_a_part_at_a_time_as_at_once_without_garbage()
    {
        using EdgeModel model = EdgeReader.Read(Repository.File("models", "blazeface-front.edge"));
        using var whole = new FaceDetector(model, new FaceDetectorOptions { Threads = 2 });
        using var parts = new FaceDetector(model, new FaceDetectorOptions { Threads = 2 });
        var frame = new Frame();
        PictureFile.Read(Repository.File("models", "astronaut.png"), frame);
        byte[] expected = MemoryMarshal.AsBytes(whole.Process(frame)).ToArray();
        Assert.NotEmpty(expected);
        void Run()
        {
            while (!parts.Advance(frame, new TimeBudget(TimeSpan.FromMilliseconds(0.2))))
            {
            }
        }
        for (int i = 0; i < 20; i++) Run();
        Assert.Equal(expected, MemoryMarshal.AsBytes(parts.Found));
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 50; i++) Run();
        }));
        Assert.False(parts.Advance(frame, new TimeBudget(TimeSpan.FromTicks(1))));
        parts.Abandon();
        Assert.Equal(expected, MemoryMarshal.AsBytes(parts.Process(frame)));
    }

    [Fact]
    public void State_that_is_fed_back_is_the_same_after_runs_in_parts()
    {
        var builder = new GraphBuilder("state");
        Value x = builder.Input("x", new TensorType(DataType.F32, 1, 64)), state = builder.Input("state", new TensorType(DataType.F32, 1, 64));
        Value sum = builder.Add1("sum", new Binary { Function = BinaryFunction.Add }, x, state);
        builder.Output("y", builder.Add1("tanh", new Unary { Function = UnaryFunction.Tanh }, sum));
        builder.Output("next", sum);
        Graph graph = builder.Build();
        using var session = new InferenceSession(graph, new SessionOptions { Threads = 1 });
        var clock = new ManualClock(TimeSpan.FromTicks(10));
        for (int step = 1; step <= 4; step++)
        {
            session.Input(0).Span<float>().Fill(1);
            while (!session.Advance(new TimeBudget(TimeSpan.FromTicks(25), clock)))
            {
            }
            session.Output(1).Bytes.CopyTo(session.Input(1).Bytes);
            Assert.Equal(step, session.Output(1).Span<float>()[5]);
        }
    }
}
