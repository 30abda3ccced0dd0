using EdgeRuntime.Backends;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Sessions;

/// <summary>Sessions whose steps run on two backends.</summary>
public class SectionTests
{
    private static string? NoAbs(PlanStep step) => step.Operator is Unary { Function: UnaryFunction.Abs } ? "no kernel for Abs" : null;

    [Fact]
    public void Outputs_are_those_of_the_cpu()
    {
        var random = new Random(4);
        for (int round = 0; round < 150; round++)
        {
            Graph graph = Networks.Random(random);
            int salt = random.Next(100);
            using var fake = new FakeBackend(step => (step.Name.Sum(c => c) + salt) % 3 == 0 ? "told so" : null);
            using var session = new InferenceSession(graph, new SessionOptions { Threads = 1, Accelerator = fake });
            using Tensor input = Filled(graph.Inputs[0].Type, random);
            Tensor[] expected = GraphInterpreter.Run(graph, [input.View]);
            for (int run = 0; run < 2; run++)
            {
                session.Run([input.View]);
                for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i].Span<float>().ToArray(), session.Output(i).Span<float>().ToArray());
            }
        }
    }

    [Fact]
    public void Explains_what_runs_where_and_why()
    {
        using var fake = new FakeBackend(NoAbs);
        using var session = new InferenceSession(Networks.Branches(), new SessionOptions { Threads = 1, Accelerator = fake });
        Placement placement = session.Placement!;
        Assert.Equal(["fake", "cpu"], placement.Backends.Select(b => b.Name));
        Assert.Equal([16, 8], placement.Backends.Select(b => b.Steps));
        Assert.Equal(["fake", "cpu", "fake"], placement.Sections.Select(s => s.Backend));
        Assert.Equal(new RefusedOperator("Unary", "fake", "no kernel for Abs", 8), Assert.Single(placement.Refusals));
        // In: the model's input, and what eight Abs give. Out: what they read, and the model's output.
        Assert.Equal((9 * 4 * 16 * 4, 2 * 4 * 16 * 4), (placement.BytesToDevice, placement.BytesFromDevice));
        Assert.Equal(["cpu", "fake"], session.StepBackends!.Distinct().Order());
        string text = session.Explain();
        Assert.Contains("24 steps in 3 sections\n  on fake (a device of the tests)\n    16 steps in 2 sections: 66.7 % of the steps, ", text);
        Assert.Contains("8 × Unary: no kernel for Abs", text);
        Assert.Contains("2,304 bytes to the device, 512 bytes from it", text);
    }

    [Fact]
    public void Times_and_kernels_are_in_the_order_of_the_plan()
    {
        using var fake = new FakeBackend(NoAbs);
        using var session = new InferenceSession(Networks.Branches(), new SessionOptions { Threads = 1, Accelerator = fake, Profile = true });
        session.Run();
        IReadOnlyList<PlanStep> steps = session.Plan!.Steps;
        long[] times = session.Compiled!.StepNanoseconds.ToArray();
        Assert.Equal(steps.Count, times.Length);
        for (int i = 0; i < steps.Count; i++)
        {
            bool abs = NoAbs(steps[i]) is not null;
            Assert.Equal(abs ? "cpu" : "fake", session.StepBackends![i]);
            Assert.Equal(!abs, session.Compiled.Kernels[i] == $"fake_{steps[i].Operator.Name}");
            Assert.Equal(!abs, times[i] == FakeBackend.TimeOf(steps[i]));
        }
    }

    [Fact]
    public void Inputs_keep_their_content_across_runs_and_outputs_may_be_fed_back()
    {
        using var fake = new FakeBackend(NoAbs);
        using var session = new InferenceSession(Networks.Recurrent(), new SessionOptions { Threads = 1, Accelerator = fake });
        using var alone = new InferenceSession(Networks.Recurrent(), new SessionOptions { Threads = 1 });
        var random = new Random(8);
        using Tensor x = Filled(session.Input(0).Type, random), zero = new(session.Input(1).Type);
        session.Run([x.View, zero.View]);
        alone.Run([x.View, zero.View]);
        for (int i = 0; i < 5; i++)
        {
            session.Run([x.View, session.Output(1)]);
            alone.Run([x.View, alone.Output(1)]);
            for (int o = 0; o < 3; o++) Assert.Equal(alone.Output(o).Span<float>().ToArray(), session.Output(o).Span<float>().ToArray());
        }
        float[] before = session.Output(0).Span<float>().ToArray();
        session.Run();
        Assert.Equal(before, session.Output(0).Span<float>().ToArray());
    }

    [Fact]
    public void Open_shapes_are_divided_anew_and_plans_do_not_pile_up()
    {
        var builder = new GraphBuilder("open");
        Value x = builder.Input("x", new TensorType(DataType.F32, builder.Symbol("n"), 2));
        builder.Output("y", builder.Add1("double", new Binary(), x, x));
        using var fake = new FakeBackend();
        using (var session = new InferenceSession(builder.Build(), new SessionOptions { Threads = 1, Accelerator = fake, KeptPlans = 2 }))
        {
            for (int n = 1; n < 5; n++)
            {
                using var input = new Tensor(new TensorType(DataType.F32, n, 2));
                input.Span<float>().Fill(n);
                session.Run([input.View]);
                Assert.Equal(2f * n, session.Output(0).Span<float>()[^1]);
                Assert.Equal(Math.Min(n, 2), fake.LivePlans);
            }
        }
        Assert.Equal((0, 0), (fake.LivePlans, fake.Disposals));
    }

    [Fact]
    public void A_backend_that_is_not_to_be_had_is_an_error_that_says_why()
    {
        EdgeException error = Assert.Throws<EdgeException>(() => new InferenceSession(Networks.Branches(), new SessionOptions { Backend = BackendKind.OpenCl, Device = "no such device" }));
        Assert.Equal(ErrorCode.NoBackend, error.Code);
        Assert.Contains("OpenCL", error.Message);
        error = Assert.Throws<EdgeException>(() => new InferenceSession(Networks.Branches(), new SessionOptions { Backend = BackendKind.Cpu, Device = "0" }));
        Assert.Equal(ErrorCode.BadUsage, error.Code);
    }

    internal static Tensor Filled(TensorType type, Random random)
    {
        var tensor = new Tensor(type);
        foreach (ref float x in tensor.Span<float>()) x = random.Next(-9, 10);
        return tensor;
    }
}
