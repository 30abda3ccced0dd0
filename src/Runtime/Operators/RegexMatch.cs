using System.Text.RegularExpressions;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>Bool: true for texts that a regular expression matches as a whole. It is matched without going back, in time that is linear in the text.</summary>
internal sealed class RegexMatch : Operator
{
    /// <summary>Longer expressions are refused.</summary>
    private const int LongestPattern = 1000;

    public string Pattern = "";

    public override void Attributes(AttributeCodec codec) => codec.String("pattern", ref Pattern);

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        if (inputs[0].DataType != DataType.Text) throw Invalid($"{inputs[0].Type} holds no texts.");
        _ = Compile();
        return [new TensorType(DataType.Bool, inputs[0].Shape)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => Operators.Cost.Elementwise(inputs, outputs, TextElement.Size);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Regex regex = Compile();
        Span<TextElement> x = inputs[0].Span<TextElement>();
        Span<byte> y = outputs[0].Span<byte>();
        for (int i = 0; i < x.Length; i++) y[i] = regex.IsMatch(x[i].ToString()) ? (byte)1 : (byte)0;
    }

    private Regex Compile()
    {
        if (Pattern.Length > LongestPattern) throw Invalid($"the expression has {Pattern.Length:N0} letters; at most {LongestPattern:N0} are supported.");
        try
        {
            return new Regex($@"\A(?:{Pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw Invalid($"'{Pattern}' is no regular expression that is supported: {e.Message}");
        }
    }
}
