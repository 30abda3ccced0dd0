using EdgeRuntime.Diagnostics;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Unit;

/// <summary>Attributes and operands come from files: whatever they are, an operator computes something or says why not.</summary>
public class HostileOperandTests
{
    /// <summary>Larger results are inferred but not computed.</summary>
    private const long LargestBytes = 1 << 16;

    public static TheoryData<int> Samples => [.. Enumerable.Range(0, OperatorSamples.All.Length)];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Nothing_but_proper_errors(int index)
    {
        OperatorSample sample = OperatorSamples.All[index];
        for (int seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            Operator op = OperatorCatalog.Create(sample.Operator.Name)!;
            op.Attributes(new AttributeCopy(sample.Operator));
            if (seed % 3 != 0) op.Attributes(new Mutation(random));
            Tensor?[] inputs = Array.ConvertAll(sample.Inputs, input => seed % 3 == 1 ? input : Distort(random, input));
            var hostile = new OperatorSample(op, inputs);
            try
            {
                TensorType[] types = hostile.Infer();
                if (types.Sum(t => t.ByteCount) > LargestBytes) continue;
                foreach (Tensor result in hostile.Evaluate()) result.Dispose();
            }
            catch (EdgeException)
            {
                // A proper error.
            }
            catch (OverflowException)
            {
                // A size beyond 2^31, which the graph reports in its own words.
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}: {hostile}: {e}");
            }
        }
    }

    /// <summary>Another shape, other values, or nothing at all.</summary>
    private static Tensor? Distort(Random random, Tensor? input)
    {
        if (input is null || random.Next(2) == 0) return input;
        if (random.Next(8) == 0) return null;
        Shape shape = input.Shape;
        if (shape.Rank > 0 && random.Next(2) == 0) shape = shape.With(random.Next(shape.Rank), random.Next(4));
        else if (random.Next(3) == 0) shape = shape.Rank == 0 ? new Shape(1) : new Shape(shape.Span[1..]);
        var other = new Tensor(new TensorType(input.Type.DataType, shape));
        switch (input.Type.DataType)
        {
            case DataType.I64:
                foreach (ref long value in other.Span<long>()) value = Odd(random);
                break;
            case DataType.F32:
                foreach (ref float value in other.Span<float>()) value = OddReal(random);
                break;
            case DataType.U8:
                random.NextBytes(other.Span<byte>());
                break;
        }
        return other;
    }

    private static long Odd(Random random) => random.Next(10) switch
    {
        0 => long.MaxValue,
        1 => long.MinValue,
        2 => int.MaxValue,
        3 => int.MinValue,
        4 => 0,
        5 => -1,
        _ => random.Next(-5, 9),
    };

    private static float OddReal(Random random) => random.Next(10) switch
    {
        0 => float.NaN,
        1 => float.PositiveInfinity,
        2 => float.NegativeInfinity,
        3 => 0,
        4 => float.MaxValue,
        5 => 1e-30f,
        _ => random.NextSingle() * 8 - 4,
    };

    /// <summary>Changes some numbers.</summary>
    private sealed class Mutation(Random random) : AttributeCodec
    {
        public override void Long(string name, ref long value)
        {
            // 32-bit attributes refuse more when they are read.
            if (random.Next(3) == 0) value = Math.Clamp(Odd(random), int.MinValue, int.MaxValue);
        }

        public override void Float(string name, ref float value)
        {
            if (random.Next(3) == 0) value = OddReal(random);
        }

        public override void String(string name, ref string value) { }

        public override void Body(string name, ref Body? value) { }

        public override void Longs(string name, ref long[] values)
        {
            if (random.Next(3) != 0) return;
            values = new long[random.Next(2) == 0 ? values.Length : random.Next(10)];
            foreach (ref long value in values.AsSpan()) value = Math.Clamp(Odd(random), int.MinValue, int.MaxValue);
        }

        public override void Floats(string name, ref float[] values)
        {
            // As many as there are: those of activations must agree with their names.
            values = [.. values];
            foreach (ref float value in values.AsSpan())
                if (random.Next(3) == 0) value = OddReal(random);
        }
    }
}
