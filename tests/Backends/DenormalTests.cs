using System.Runtime.CompilerServices;
using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Numbers too small for a normal exponent, which processors compute slowly with.</summary>
public class DenormalTests
{
    private const float SmallestNormal = 1.17549435e-38f;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Are_zero_inside_of_a_run_and_numbers_outside(int threads)
    {
        Assert.SkipUnless(DenormalFlush.IsSupported, "the C library of this system does not let a thread flush denormals");
        var builder = new GraphBuilder("halve");
        var half = new Tensor(new TensorType(DataType.F32, 1));
        half.Span<float>()[0] = 0.5f;
        Value x = builder.Input("x", new TensorType(DataType.F32, 300, 100));
        builder.Output("y", builder.Add1("halve", new Binary { Function = BinaryFunction.Mul }, x, builder.Constant("half", half)));
        using var backend = new CpuBackend(threads) { SharesSmallSteps = true };
        using ICompiledPlan plan = backend.Compile(Planner.Plan(builder.Build()));
        plan.Input(0).Span<float>().Fill(SmallestNormal);

        plan.Run();

        foreach (float value in plan.Output(0).Span<float>()) Assert.Equal(0, value);
        Assert.NotEqual(0, Halved(SmallestNormal));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float Halved(float value) => value * 0.5f;
}
