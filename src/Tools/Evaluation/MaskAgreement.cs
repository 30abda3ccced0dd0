using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>How far the masks of two models cover each other: the cells that both call part of what is looked for, by those that either does, of all samples together.</summary>
internal sealed class MaskAgreement : Agreement
{
    /// <summary>Cells from this probability on are part of what is looked for.</summary>
    private const float Half = 0.5f;

    private readonly int output;
    private readonly bool hasTwo;
    private long both, either;

    /// <summary>Prepares for a model whose decoder is of the kind mask.</summary>
    /// <exception cref="EdgeException">The decoder names no output of the model.</exception>
    public MaskAgreement(EdgeModel model, DecoderInfo info)
    {
        output = OutputOf(model, info, "mask");
        hasTwo = info.Parameters.GetValueOrDefault("softmax") is [not 0];
    }

    public override string Name => "shared part of masks (intersection over union)";

    public override double Value => either == 0 ? 1 : (double)both / either;

    public override bool FoundNothing => either == 0;

    public override void Add(ReadOnlySpan<TensorView> reference, ReadOnlySpan<TensorView> candidate)
    {
        ReadOnlySpan<float> a = reference[output].Span<float>(), b = candidate[output].Span<float>();
        for (int i = 0; i < a.Length; i += hasTwo ? 2 : 1)
        {
            bool first = Has(a, i), second = Has(b, i);
            if (first && second) both++;
            if (first || second) either++;
        }
    }

    private bool Has(ReadOnlySpan<float> cells, int at) => hasTwo ? cells[at + 1] > cells[at] : cells[at] >= Half;
}
