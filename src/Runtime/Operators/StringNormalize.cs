using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>How letters are changed.</summary>
internal enum LetterCase
{
    Keep, Lower, Upper,
}

/// <summary>
/// A list of texts, or one row of them, without those that input 1 lists, letters made lower or upper case (ONNX StringNormalizer). Where nothing
/// would be left, one empty text is.
/// </summary>
internal sealed class StringNormalize : Operator
{
    public LetterCase Case;

    /// <summary>Tells apart lower and upper case when texts are dropped.</summary>
    public bool CaseSensitive;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Enum("case", ref Case);
        codec.Bool("case_sensitive", ref CaseSensitive);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 2);
        if (inputs[0].DataType != DataType.Text || (inputs.Length > 1 && !inputs[1].IsMissing && inputs[1].DataType != DataType.Text))
            throw Invalid($"{inputs[0].Type} holds no texts.");
        Shape x = inputs[0].Shape;
        if (x.IsUnranked) return [inputs[0].Type];
        if (x.Rank is not (1 or 2) || (x.Rank == 2 && x[0] is not 1 and >= 0)) throw Invalid($"{inputs[0].Type} is no list of texts.");
        bool known = inputs[0].Value is not null && (inputs.Length < 2 || inputs[1].IsMissing || inputs[1].Value is not null);
        bool allStay = inputs.Length < 2 || inputs[1].IsMissing;
        int count = known ? Kept(inputs[0].Value!.Value, allStay ? default : inputs[1].Value!.Value).Count : allStay && x[-1] != 0 ? x[-1] : Shape.Unknown;
        return [new TensorType(DataType.Text, x.Rank == 1 ? new Shape(count) : new Shape(1, count))];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) => Operators.Cost.Elementwise(inputs, outputs, TextElement.Size);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        List<string> kept = Kept(inputs[0], inputs.Length > 1 ? inputs[1] : default);
        Span<TextElement> y = outputs[0].Span<TextElement>();
        if (y.Length != kept.Count) throw Invalid($"{kept.Count} texts are left, and the result has room for {y.Length}.");
        for (int i = 0; i < y.Length; i++) y[i] = TextElement.From(kept[i]);
    }

    private List<string> Kept(in TensorView texts, in TensorView dropped)
    {
        var drop = new HashSet<string>(CaseSensitive ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);
        if (!dropped.IsMissing)
            foreach (ref TextElement text in dropped.Span<TextElement>()) drop.Add(text.ToString());
        List<string> kept = [];
        foreach (ref TextElement element in texts.Span<TextElement>())
        {
            string text = element.ToString();
            if (drop.Contains(text)) continue;
            kept.Add(Case switch { LetterCase.Lower => text.ToLowerInvariant(), LetterCase.Upper => text.ToUpperInvariant(), _ => text });
        }
        if (kept.Count == 0) kept.Add("");
        return kept;
    }
}
