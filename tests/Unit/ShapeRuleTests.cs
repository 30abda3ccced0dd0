using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Unit;

/// <summary>A shape rule that knows less must never contradict one that knows more.</summary>
public class ShapeRuleTests
{
    public static TheoryData<int> Samples => [.. Enumerable.Range(0, OperatorSamples.All.Length)];

    [Fact]
    public void Every_operator_has_a_sample()
    {
        Assert.Empty(OperatorCatalog.Names.Except(OperatorSamples.All.Select(s => s.Operator.Name)));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Less_knowledge_accepts_the_actual_shapes(int index)
    {
        OperatorSample sample = OperatorSamples.All[index];
        TensorType[] actual = sample.Infer();
        var random = new Random(index);
        for (int round = 0; round < 200; round++)
        {
            Operand[] operands = Array.ConvertAll(sample.Inputs, input => input is null ? default : Forget(random, input));
            TensorType[] inferred = sample.Operator.Infer(operands);

            string given = $"{sample.Operator} of {string.Join(", ", operands.Select(o => $"{o.Type}{(o.Value is null ? "" : " (known)")}"))}";
            Assert.Equal(actual.Length, inferred.Length);
            for (int i = 0; i < actual.Length; i++)
            {
                Assert.True(actual[i].DataType == inferred[i].DataType, $"{given}: output {i} is {inferred[i]}, but can be {actual[i]}");
                Assert.True(inferred[i].Shape.Accepts(actual[i].Shape), $"{given}: output {i} is {inferred[i]}, but can be {actual[i]}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Knowing_all_gives_static_shapes_that_the_definition_fills(int index)
    {
        OperatorSample sample = OperatorSamples.All[index];
        Assert.All(sample.Infer(), type => Assert.True(type.Shape.IsStatic, $"{sample} gives {type}"));
        foreach (Tensor result in sample.Evaluate()) result.Dispose();
    }

    /// <summary>The operand with its value, some dimensions or its rank forgotten, or nothing.</summary>
    private static Operand Forget(Random random, Tensor input)
    {
        switch (random.Next(6))
        {
            case 0: return new Operand(input.Type, input.View);
            case 1: return new Operand(input.Type);
            case 2: return new Operand(input.Type with { Shape = Shape.Unranked });
            default:
                Shape shape = input.Shape;
                for (int axis = 0; axis < shape.Rank; axis++)
                    if (random.Next(2) == 0) shape = shape.With(axis, random.Next(2) == 0 ? Shape.Unknown : Shape.Symbol(random.Next(3)));
                return new Operand(input.Type with { Shape = shape }, shape.IsStatic ? input.View : null);
        }
    }
}
