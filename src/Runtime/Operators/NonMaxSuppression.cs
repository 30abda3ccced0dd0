using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Boxes that stand out (ONNX NonMaxSuppression-11): for each picture and class, best score first, those that overlap none chosen before by
/// more than a threshold. Inputs: boxes [pictures, boxes, 4], scores [pictures, classes, boxes], and optionally the largest number for each
/// class (else none), the overlap threshold (else 0) and the score threshold. Output: rows of picture, class and box (I64).
/// </summary>
internal sealed class NonMaxSuppression : Operator
{
    /// <summary>Boxes are centre x, centre y, width, height instead of two corners y, x.</summary>
    public bool CentreBoxes;

    public override void Attributes(AttributeCodec codec) => codec.Bool("centre_boxes", ref CentreBoxes);

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 5);
        Shape boxes = inputs[0].Shape.IsUnranked ? Shape.OfRank(3) : inputs[0].Shape, scores = inputs[1].Shape;
        if (boxes.Rank != 3 || !new Shape(boxes[0], boxes[1], 4).Accepts(boxes) || !new Shape(boxes[0], Shape.Unknown, boxes[1]).Accepts(scores))
            throw Invalid($"{inputs[0].Type} and {inputs[1].Type} are not boxes and their scores.");
        bool known = true;
        for (int i = 0; i < inputs.Length; i++)
        {
            known &= inputs[i].IsMissing || inputs[i].Value is not null;
            if (i >= 2 && inputs[i].Shape.IsStatic && inputs[i].Shape.Count != 1 && !inputs[i].IsMissing) throw Invalid($"{inputs[i].Type} is not one number.");
        }
        if (!known) return [new TensorType(DataType.I64, Shape.Unknown, 3)];
        var views = new TensorView[inputs.Length];
        for (int i = 0; i < views.Length; i++) views[i] = inputs[i].Value.GetValueOrDefault();
        return [new TensorType(DataType.I64, Select(views).Count / 3, 3)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(inputs[1].Shape.Count, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        Select(inputs).CopyTo(outputs[0].Span<long>());

    private List<long> Select(ReadOnlySpan<TensorView> inputs)
    {
        Shape shape = inputs[1].Shape;
        int pictures = shape[0], classes = shape[1], count = shape[2];
        double[] boxes = Elements.Read(inputs[0]), scores = Elements.Read(inputs[1]);
        double most = Optional(inputs, 2, 0), overlap = Optional(inputs, 3, 0), least = Optional(inputs, 4, double.NegativeInfinity);
        List<long> selected = [];
        for (int p = 0; p < pictures; p++)
            for (int c = 0; c < classes; c++)
            {
                int firstScore = (p * classes + c) * count, firstBox = p * count;
                List<int> chosen = [];
                // Sorting is stable: of equal scores the earlier box wins.
                foreach (int box in Enumerable.Range(0, count).Where(b => scores[firstScore + b] > least).OrderByDescending(b => scores[firstScore + b]))
                {
                    if (chosen.Count >= most) break;
                    if (chosen.Exists(other => Overlap(boxes, firstBox + other, firstBox + box) > overlap)) continue;
                    chosen.Add(box);
                    selected.AddRange([p, c, box]);
                }
            }
        return selected;
    }

    private static double Optional(ReadOnlySpan<TensorView> inputs, int index, double otherwise) =>
        index < inputs.Length && !inputs[index].IsMissing ? Elements.Read(inputs[index])[0] : otherwise;

    /// <summary>Intersection over union.</summary>
    private double Overlap(double[] boxes, int a, int b)
    {
        (double top, double left, double bottom, double right) = Corners(boxes, a);
        (double otherTop, double otherLeft, double otherBottom, double otherRight) = Corners(boxes, b);
        double height = Math.Min(bottom, otherBottom) - Math.Max(top, otherTop), width = Math.Min(right, otherRight) - Math.Max(left, otherLeft);
        if (height <= 0 || width <= 0) return 0;
        double union = (bottom - top) * (right - left) + (otherBottom - otherTop) * (otherRight - otherLeft) - height * width;
        return height * width / union;
    }

    private (double Top, double Left, double Bottom, double Right) Corners(double[] boxes, int index)
    {
        double a = boxes[4 * index], b = boxes[4 * index + 1], c = boxes[4 * index + 2], d = boxes[4 * index + 3];
        return CentreBoxes
            ? (b - d / 2, a - c / 2, b + d / 2, a + c / 2)
            : (Math.Min(a, c), Math.Min(b, d), Math.Max(a, c), Math.Max(b, d));
    }
}
