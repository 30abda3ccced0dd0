using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>The rules of 8-bit arithmetic must give the bytes they always gave: by definition and on the CPU.</summary>
public class NumericVectorTests
{
    /// <summary>How many tests there are.</summary>
    public const int Count = 3;

    [Fact]
    public void Definitions_give_the_bytes()
    {
        foreach (NumericVector vector in NumericVectors.All)
        {
            TensorView[] inputs = Array.ConvertAll(vector.Inputs, t => t.View);
            using var result = new Tensor(vector.Operator.Infer(Operand.Known(inputs))[0]);
            vector.Operator.Evaluate(inputs, [result.View]);
            Check(vector, result.View.Bytes);
        }
    }

    [Fact]
    public void Kernels_give_the_bytes()
    {
        using var backend = new CpuBackend(1);
        foreach (NumericVector vector in NumericVectors.All)
        {
            var builder = new GraphBuilder(vector.Name);
            Value[] operands = [.. vector.Inputs.Select((t, i) => i == 0 ? builder.Input("x", t.Type) : builder.Constant($"in{i}", t))];
            builder.Output("y", builder.Add1("node", vector.Operator, operands));
            using ICompiledPlan compiled = backend.Compile(Planner.Plan(builder.Build()));
            Assert.NotEqual("evaluate", compiled.Kernels[0]);
            vector.Inputs[0].View.Bytes.CopyTo(compiled.Input(0).Bytes);
            compiled.Run();
            Check(vector, compiled.Output(0).Bytes);
        }
    }

    [Fact]
    public void Each_has_a_name_of_its_own()
    {
        Assert.True(NumericVectors.All.Count() > 60);
        Assert.Equal(NumericVectors.All.Count(), NumericVectors.All.Select(v => v.Name).Distinct().Count());
    }

    private static void Check(NumericVector vector, ReadOnlySpan<byte> bytes) =>
        Assert.True(bytes.SequenceEqual(vector.Expected), $"{vector.Name}: {Convert.ToHexString(bytes)} instead of {Convert.ToHexString(vector.Expected)}.");
}
