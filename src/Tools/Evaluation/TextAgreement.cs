using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>
/// How far a model finds the lines of text that another finds: average precision with the lines of the reference as the truth. Both give for each pixel how likely it is in the middle of a line; pixels that are
/// likely and touch are one line, whose box is as much larger as the middle was drawn in (Liao et al., Real-time Scene Text Detection with Differentiable Binarization, 2020).
/// </summary>
internal sealed class TextAgreement : Agreement
{
    /// <summary>A line is larger than what is found of it by its area and this, by the way around it.</summary>
    private const float Unclipped = 1.5f;

    /// <summary>Specks are no lines.</summary>
    private const int LeastSide = 3;

    private readonly int output;
    private readonly float threshold, leastScore;
    private readonly AveragePrecision precision = new();
    private readonly Stack<int> next = [];
    private bool findsMore;

    /// <summary>Prepares for a model whose decoder is of the kind text.</summary>
    /// <exception cref="EdgeException">The decoder names no output of the model.</exception>
    public TextAgreement(EdgeModel model, DecoderInfo info)
    {
        output = OutputOf(model, info, "map");
        threshold = info.Parameters.GetValueOrDefault("threshold") is [var pixel] ? (float)pixel : 0.3f;
        leastScore = info.Parameters.GetValueOrDefault("score_threshold") is [var score] ? (float)score : 0.6f;
    }

    public override string Name => "AP@0.5 of the reference's lines of text";

    public override double Value => OfNothing(precision.At50);

    public override double? Strict => OfNothing(precision.At50To95);

    public override bool FoundNothing => precision.Classes.All(c => c.Boxes == 0);

    public override void Add(ReadOnlySpan<TensorView> reference, ReadOnlySpan<TensorView> candidate)
    {
        List<FoundBox> found = Lines(candidate[output]);
        findsMore |= found.Exists(b => b.Score >= leastScore);
        precision.Add([.. Lines(reference[output]).Where(b => b.Score >= leastScore).Select(b => new TrueBox(b.X, b.Y, b.Width, b.Height, b.Label))], [.. found]);
    }

    /// <summary>The boxes around pixels that touch.</summary>
    private List<FoundBox> Lines(TensorView map)
    {
        ReadOnlySpan<float> pixels = map.Span<float>();
        int width = map.Shape[-1] > 1 ? map.Shape[-1] : map.Shape[-2];
        bool[] seen = new bool[pixels.Length];
        var lines = new List<FoundBox>();
        for (int start = 0; start < pixels.Length; start++)
        {
            if (seen[start] || !(pixels[start] >= threshold)) continue;
            (int left, int top, int right, int bottom, double sum, int count) = (int.MaxValue, int.MaxValue, 0, 0, 0, 0);
            Visit(start, pixels, seen);
            while (next.TryPop(out int at))
            {
                int x = at % width, y = at / width;
                (left, top, right, bottom, sum, count) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x), Math.Max(bottom, y), sum + pixels[at], count + 1);
                if (x > 0) Visit(at - 1, pixels, seen);
                if (x < width - 1) Visit(at + 1, pixels, seen);
                if (y > 0) Visit(at - width, pixels, seen);
                if (at + width < pixels.Length) Visit(at + width, pixels, seen);
            }
            float across = right - left + 1, down = bottom - top + 1, more = across * down * Unclipped / (2 * (across + down));
            if (Math.Min(across, down) >= LeastSide) lines.Add(new FoundBox(left - more, top - more, across + 2 * more, down + 2 * more, 0, (float)(sum / count)));
        }
        return lines;
    }

    private void Visit(int at, ReadOnlySpan<float> pixels, bool[] seen)
    {
        if (seen[at] || !(pixels[at] >= threshold)) return;
        seen[at] = true;
        next.Push(at);
    }

    private double OfNothing(double value) => double.IsNaN(value) ? findsMore ? 0 : 1 : value;
}
