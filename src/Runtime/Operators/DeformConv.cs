using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Convolution whose samples are moved by offsets (ONNX DeformConv), channels first: x [N C H W], weight [O C/groups kH kW], offsets
/// [N, offset groups·kH·kW·(y x), H' W'], bias [O], and a factor for each sample [N, offset groups·kH·kW, H' W'].
/// </summary>
internal sealed class DeformConv : Operator
{
    public Window Window = Window.Of(1, 1);
    public int Groups = 1;
    public int OffsetGroups = 1;

    public override Tolerance Tolerance => Tolerance.Accumulation;

    public override void Attributes(AttributeCodec codec)
    {
        Window.Visit(codec);
        codec.Int("groups", ref Groups);
        codec.Int("offset_groups", ref OffsetGroups);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 3, 5);
        Window.Validate(Name);
        Shape x = Ranked(inputs[0]), w = Ranked(inputs[1]), offset = Ranked(inputs[2]);
        if (Window.Axes != 2 || Groups < 1 || OffsetGroups < 1) throw Invalid($"windows of {Window.Axes} axes with {Groups} groups and {OffsetGroups} offset groups are not supported.");
        int samples = Window.Kernel[0] * Window.Kernel[1];
        bool fits = w.Accepts(new Shape(w[0], w[1], Window.Kernel[0], Window.Kernel[1])) && (x[1] < 0 || (x[1] % Groups == 0 && x[1] % OffsetGroups == 0))
            && (x[1] < 0 || w[1] < 0 || x[1] == (long)w[1] * Groups) && (w[0] < 0 || w[0] % Groups == 0);
        if (!fits) throw Invalid($"{inputs[1].Type} does not fit {inputs[0].Type}.");
        int height = Window.Output(x[2], 0), width = Window.Output(x[3], 1);
        var places = new Shape(x[0], Math.Max(-1, 2 * OffsetGroups * samples), height, width);
        if (!Agrees(offset, places)) throw Invalid($"the offsets {inputs[2].Type} do not fit {places}.");
        if (inputs.Length > 3 && !inputs[3].IsMissing && !inputs[3].Shape.IsUnranked && (inputs[3].Shape.Rank != 1 || !Agrees(inputs[3].Shape, new Shape(w[0])))) throw Invalid($"the bias {inputs[3].Type} does not fit {inputs[1].Type}.");
        if (inputs.Length > 4 && !inputs[4].IsMissing && !Agrees(Ranked(inputs[4]), places.With(1, OffsetGroups * samples))) throw Invalid($"the factors {inputs[4].Type} do not fit {places}.");
        return [new TensorType(inputs[0].DataType, x[0], w[0], height, width)];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(outputs[0].Shape.Count * inputs[1].Shape.Product(1, 4) * 12, Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Shape shape = inputs[0].Shape, result = outputs[0].Shape;
        double[] x = Elements.Read(inputs[0]), w = Elements.Read(inputs[1]), offset = Elements.Read(inputs[2]), y = new double[result.Count];
        double[] bias = inputs.Length > 3 ? Elements.Read(inputs[3]) : [], factor = inputs.Length > 4 ? Elements.Read(inputs[4]) : [];
        int rows = shape[2], columns = shape[3], channels = shape[1], perGroup = inputs[1].Shape[1], outPerGroup = Math.Max(1, result[1] / Groups);
        int kernel = Window.Kernel[0] * Window.Kernel[1], perOffset = Math.Max(1, channels / OffsetGroups), pixels = result[2] * result[3];
        int padTop = Window.PadBegin(rows, 0), padLeft = Window.PadBegin(columns, 1);
        var walk = new IndexWalk(result, []);
        for (int at = 0; walk.Next(); at++)
        {
            int n = walk[0], o = walk[1], pixel = walk[2] * result[3] + walk[3];
            double sum = bias.Length > 0 ? bias[o] : 0;
            for (int c = 0; c < perGroup; c++)
            {
                int channel = o / outPerGroup * perGroup + c, group = channel / perOffset;
                for (int k = 0; k < kernel; k++)
                {
                    int sample = (n * OffsetGroups + group) * kernel + k;
                    double row = walk[2] * Window.Strides[0] - padTop + k / Window.Kernel[1] * Window.Dilations[0] + offset[2L * sample * pixels + pixel];
                    double column = walk[3] * Window.Strides[1] - padLeft + k % Window.Kernel[1] * Window.Dilations[1] + offset[(2L * sample + 1) * pixels + pixel];
                    double value = Sample(x.AsSpan((n * channels + channel) * rows * columns, rows * columns), rows, columns, row, column);
                    if (factor.Length > 0) value *= factor[(long)sample * pixels + pixel];
                    sum += value * w[(o * perGroup + c) * kernel + k];
                }
            }
            y[at] = sum;
        }
        Elements.Write(outputs[0], y);
    }

    /// <summary>The picture between its pixels; zeros are around it.</summary>
    private static double Sample(ReadOnlySpan<double> plane, int rows, int columns, double row, double column)
    {
        if (!(row > -1 && row < rows && column > -1 && column < columns)) return 0;
        int top = (int)Math.Floor(row), left = (int)Math.Floor(column);
        double down = row - top, across = column - left, sum = 0;
        for (int i = 0; i < 4; i++)
        {
            int r = top + i / 2, c = left + i % 2;
            if (r < 0 || c < 0 || r >= rows || c >= columns) continue;
            sum += (i < 2 ? 1 - down : down) * (i % 2 == 0 ? 1 - across : across) * plane[r * columns + c];
        }
        return sum;
    }

    private Shape Ranked(in Operand operand) =>
        operand.Shape.IsUnranked ? Shape.OfRank(4) : operand.Shape.Rank == 4 ? operand.Shape : throw Invalid($"{operand.Type} is not of rank 4.");

    /// <summary>True when all dimensions that both know are equal.</summary>
    private static bool Agrees(in Shape a, in Shape b)
    {
        for (int axis = 0; axis < a.Rank; axis++)
            if (a[axis] >= 0 && b[axis] >= 0 && a[axis] != b[axis]) return false;
        return true;
    }
}
