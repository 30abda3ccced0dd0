using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Each text cut at a separator, along a new last axis that is as long as the most parts of any text; and how many parts each has (I64). An empty
/// separator stands for any white space, of which that at the ends does not count.
/// </summary>
internal sealed class StringSplit : Operator
{
    public string Separator = "";

    /// <summary>Cuts of one text at most; -1 for all.</summary>
    public int MostCuts = -1;

    public override void Attributes(AttributeCodec codec)
    {
        codec.String("separator", ref Separator);
        codec.Int("most_cuts", ref MostCuts);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 1);
        if (inputs[0].DataType != DataType.Text) throw Invalid($"{inputs[0].Type} holds no texts.");
        Shape x = inputs[0].Shape;
        if (x.IsUnranked) return [inputs[0].Type, new TensorType(DataType.I64, x)];
        int most = inputs[0].Value is { } view ? Parts(view).Select(p => p.Length).DefaultIfEmpty(0).Max() : Shape.Unknown;
        return [new TensorType(DataType.Text, [.. x.Span, most]), new TensorType(DataType.I64, x)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => Operators.Cost.Elementwise(inputs, outputs, TextElement.Size);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        string[][] parts = Parts(inputs[0]);
        int most = outputs[0].Shape[-1];
        Span<TextElement> y = outputs[0].Span<TextElement>();
        Span<long> counts = outputs[1].Span<long>();
        y.Clear();
        for (int i = 0; i < parts.Length; i++)
        {
            counts[i] = parts[i].Length;
            for (int j = 0; j < parts[i].Length; j++) y[i * most + j] = TextElement.From(parts[i][j]);
        }
    }

    private string[][] Parts(in TensorView view) => Array.ConvertAll(view.Span<TextElement>().ToArray(), text => Cut(text.ToString()));

    private string[] Cut(string text)
    {
        int most = MostCuts < 0 || MostCuts == int.MaxValue ? int.MaxValue : MostCuts + 1;
        if (Separator.Length > 0) return text.Split(Separator, most);
        List<string> parts = [];
        string rest = text.Trim();
        while (rest.Length > 0)
        {
            int end = parts.Count + 1 == most ? -1 : rest.AsSpan().IndexOfAny(" \t\r\n\v\f");
            parts.Add(end < 0 ? rest : rest[..end]);
            rest = end < 0 ? "" : rest[end..].TrimStart();
        }
        return [.. parts];
    }
}
