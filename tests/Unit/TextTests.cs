using EdgeRuntime.Diagnostics;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Unit;

/// <summary>Texts as elements, and random numbers.</summary>
public class TextTests
{
    [Fact]
    public void The_longest_text_fits_and_a_longer_one_is_refused()
    {
        string longest = new('ä', 63);
        Assert.Equal(longest, TextElement.From(longest).ToString());
        Assert.Contains("128 bytes", Assert.Throws<EdgeException>(() => TextElement.From(longest + "aa")).Problem);
        Assert.Throws<EdgeException>(() => TextElement.From("a\0b"));
        Assert.Throws<EdgeException>(() => TextElement.From([0xFF, 0xFE]));
    }

    [Theory]
    [InlineData("1.5", 1.5f)]
    [InlineData(" -2e-3 ", -2e-3f)]
    [InlineData("+INF", float.PositiveInfinity)]
    [InlineData("-inf", float.NegativeInfinity)]
    [InlineData("nan", float.NaN)]
    public void Texts_become_numbers(string text, float expected) =>
        Assert.Equal(expected, Evaluate(new Cast { To = DataType.F32 }, Texts(text)).Span<float>()[0]);

    [Fact]
    public void What_is_no_number_is_named()
    {
        Assert.Contains("'twelve'", Assert.Throws<EdgeException>(() => Evaluate(new Cast { To = DataType.I64 }, Texts("twelve"))).Problem);
        Assert.Throws<EdgeException>(() => Evaluate(new Cast { To = DataType.I32 }, Texts("NaN")));
    }

    [Fact]
    public void Numbers_become_texts()
    {
        Assert.Equal(["0.1", "-3", "NaN", "-INF"], Read(Evaluate(new Cast { To = DataType.Text }, Tensor.Vector(0.1f, -3f, float.NaN, float.NegativeInfinity))));
        Assert.Equal(["9223372036854775807"], Read(Evaluate(new Cast { To = DataType.Text }, Tensor.Vector(long.MaxValue))));
    }

    [Fact]
    public void Texts_move_like_numbers()
    {
        Tensor x = Texts("a", "b", "c", "d");
        Assert.Equal(["d", "a"], Read(Evaluate(new Gather(), x, Tensor.Vector(-1L, 0L))));
        Assert.Equal(["c", "b"], Read(Evaluate(new Slice { Starts = [2], Ends = [0], Axes = [0], Steps = [-1] }, x)));
        Assert.Equal(["a", "x", "c", "x"], Read(Evaluate(new Where(), Tensor.Vector(true, false, true, false), x, Texts("x"))));
        Assert.Equal([1, 0, 1, 1], Evaluate(new Binary { Function = BinaryFunction.Equal }, Texts("a", "b", "c", "ä"), Texts("a", "B", "c", "ä")).Span<byte>().ToArray());
    }

    [Fact]
    public void Splitting_fills_up_with_empty_texts_and_counts()
    {
        var split = new OperatorSample(new StringSplit { Separator = ",", MostCuts = 1 }, Texts("a,b,c", "d"));
        Tensor[] results = split.Evaluate();
        Assert.Equal(["a", "b,c", "d", ""], Read(results[0]));
        Assert.Equal([2L, 1L], results[1].Span<long>().ToArray());
        Assert.Equal(["one", "two"], Read(Evaluate(new StringSplit(), Texts("  one \t two "))));
    }

    [Theory]
    [InlineData("www.[a-z]+.org", "www.onnx.org", true)]
    [InlineData("www.[a-z]+.org", "see www.onnx.org", false)]
    [InlineData("a|b", "b", true)]
    [InlineData("a|b", "bb", false)]
    public void Expressions_match_the_whole_text(string pattern, string text, bool expected) =>
        Assert.Equal(expected ? 1 : 0, Evaluate(new RegexMatch { Pattern = pattern }, Texts(text)).Span<byte>()[0]);

    [Fact]
    public void A_broken_expression_is_refused() => Assert.Throws<EdgeException>(() => Evaluate(new RegexMatch { Pattern = "(" }, Texts("a")));

    [Fact]
    public void Random_numbers_are_spread_as_asked_and_the_same_each_time()
    {
        var like = new Tensor(new TensorType(DataType.U8, 20000));
        float[] uniform = Evaluate(new RandomValues { Alpha = -1, Beta = 3, Seed = 5 }, like).Span<float>().ToArray();
        Assert.InRange(uniform.Average(), 0.97, 1.03);
        Assert.All(uniform, u => Assert.InRange(u, -1f, 2.9999999f));
        Assert.True(uniform.Distinct().Count() > 19000);
        Assert.Equal(uniform, Evaluate(new RandomValues { Alpha = -1, Beta = 3, Seed = 5 }, like).Span<float>().ToArray());
        Assert.NotEqual(uniform, Evaluate(new RandomValues { Alpha = -1, Beta = 3, Seed = 6 }, like).Span<float>().ToArray());

        float[] normal = Evaluate(new RandomValues { Distribution = RandomDistribution.Normal, Alpha = 2, Beta = 0.5f }, like).Span<float>().ToArray();
        double mean = normal.Average(x => (double)x), deviation = Math.Sqrt(normal.Average(x => (x - mean) * (x - mean)));
        Assert.InRange(mean, 1.98, 2.02);
        Assert.InRange(deviation, 0.49, 0.51);
        Assert.InRange(normal.Count(x => Math.Abs(x - 2) < 0.5) / 20000.0, 0.67, 0.695);
    }

    private static Tensor Evaluate(Operator op, params Tensor[] inputs) => new OperatorSample(op, inputs).Evaluate()[0];

    private static string[] Read(Tensor tensor) => Array.ConvertAll(tensor.Span<TextElement>().ToArray(), t => t.ToString());

    private static Tensor Texts(params ReadOnlySpan<string> texts)
    {
        var tensor = new Tensor(new TensorType(DataType.Text, texts.Length));
        for (int i = 0; i < texts.Length; i++) tensor.Span<TextElement>()[i] = TextElement.From(texts[i]);
        return tensor;
    }
}
